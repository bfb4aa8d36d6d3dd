package service

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Memory keeps what the checkpoint saves across a restart in the clear:
// counters, tube numbers and badge locks, never a person. It is a file of its
// own, so that a damaged journal that is set aside does not take it along.
type Memory struct{ db *bbolt.DB }

var memoryBucket = []byte("memory")

// OpenMemory opens the file, or makes it.
func OpenMemory(path string) (*Memory, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("opening the kiosk's memory %s: %w", path, err)
	}
	return &Memory{db}, nil
}

// Load returns everything that was saved.
func (m *Memory) Load() (map[string][]byte, error) {
	all := map[string][]byte{}
	err := m.db.View(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(memoryBucket)
		if bucket == nil {
			return nil
		}
		return bucket.ForEach(func(k, v []byte) error {
			all[string(k)] = append([]byte(nil), v...)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading the kiosk's memory: %w", err)
	}
	return all, nil
}

// Save keeps a value under a key, or forgets the key for nil. It returns when
// that is durable.
func (m *Memory) Save(key string, value []byte) error {
	err := m.db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists(memoryBucket)
		if err != nil {
			return err
		}
		if value == nil {
			return bucket.Delete([]byte(key))
		}
		return bucket.Put([]byte(key), value)
	})
	if err != nil {
		return fmt.Errorf("saving %s in the kiosk's memory: %w", key, err)
	}
	return nil
}

// Close closes the file.
func (m *Memory) Close() error {
	if err := m.db.Close(); err != nil {
		return fmt.Errorf("closing the kiosk's memory: %w", err)
	}
	return nil
}
