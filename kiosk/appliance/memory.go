package appliance

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// memory keeps what the checkpoint saves across a restart in the clear:
// counters, tube numbers and badge locks, never a person. It is a file of its
// own, so that a damaged journal that is set aside does not take it along.
type memory struct{ db *bbolt.DB }

var memoryBucket = []byte("memory")

func openMemory(path string) (*memory, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("opening the kiosk's memory %s: %w", path, err)
	}
	return &memory{db}, nil
}

// load returns everything that was saved.
func (m *memory) load() (map[string][]byte, error) {
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

// save keeps a value under a key, or forgets the key for nil. It returns when
// that is durable.
func (m *memory) save(key string, value []byte) error {
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

func (m *memory) close() error {
	if err := m.db.Close(); err != nil {
		return fmt.Errorf("closing the kiosk's memory: %w", err)
	}
	return nil
}
