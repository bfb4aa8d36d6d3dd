package service

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Memory keeps what the checkpoint saves across a restart in the clear: counters,
// tube numbers and badge locks, never a person. It is kept apart from the journal,
// so that a damaged journal that is set aside does not take it along, and twice,
// in two files: a file that is lost or damaged is made again from the other. A
// number that was given must not be given again.
type Memory struct {
	copies []*bbolt.DB
	lost   bool

	mu      sync.Mutex
	content map[string][]byte // with the keys of our own
}

var memoryBucket = []byte("memory")

// Keys of our own.
const (
	ownKeys = "\x00"
	// generationKey counts the saves of a copy. A copy that is behind, because the
	// power failed between the two, is brought up to the other.
	generationKey = ownKeys + "generation"
	// sumKey is the SHA-256 of everything else: bbolt has checksums for its own
	// pages alone.
	sumKey = ownKeys + "sum"
)

// OpenMemory opens the memory in a folder, or makes it. Files that are damaged are
// set aside, beside where they were, and said in the log. Only a disk that does not
// let them be written is an error.
func OpenMemory(dir string, now func() time.Time, log *slog.Logger) (*Memory, error) {
	m := &Memory{content: map[string][]byte{}}
	found, known := false, false
	paths := []string{filepath.Join(dir, "memory.db"), filepath.Join(dir, "memory-2.db")}
	for _, path := range paths {
		content, err := readMemory(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			aside := path + now().UTC().Format(".20060102-150405.damaged")
			log.Error("the kiosk's memory is damaged and is set aside", "file", path, "as", filepath.Base(aside), "error", err)
			if err := os.Rename(path, aside); err != nil {
				return nil, fmt.Errorf("setting the damaged memory %s aside: %w", path, err)
			}
			continue
		}
		found = true
		if !known || bytes.Compare(content[generationKey], m.content[generationKey]) > 0 {
			m.content, known = content, true
		}
	}
	m.lost = !found
	// Both files are made again of what was read: whatever else a file has, pages
	// that are only written to among it, is not trusted.
	for _, path := range paths {
		db, err := writeMemory(path, m.content)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("writing the kiosk's memory %s: %w", path, err), m.Close())
		}
		m.copies = append(m.copies, db)
	}
	return m, nil
}

// Lost reports whether the memory was lost when it was opened, as it is on a new
// card: what it held is not known.
func (m *Memory) Lost() bool { return m.lost }

// readMemory reads a file without trusting it.
func readMemory(path string) (content map[string][]byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("looking at the file: %w", err)
	}
	if info.Size() == 0 { // bbolt would make a new one of it
		return nil, errors.New("the file is empty")
	}
	// bbolt maps the file: a page beyond its end, or one that the disk does not
	// give, is a fault of this goroutine, and a page that is not one makes it panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			content, err = nil, fmt.Errorf("reading the file: %v", p)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) (err error) {
		content, err = readBucket(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	// A version before this one kept one file, without a sum.
	if sum, has := content[sumKey]; has && !bytes.Equal(sum, sumOf(content)) || !has && content[generationKey] != nil {
		return nil, errors.New("the content is not what was saved")
	}
	return content, nil
}

// sumOf is the SHA-256 of all keys and values but the sum's own.
func sumOf(content map[string][]byte) []byte {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(content)) {
		if key != sumKey {
			fmt.Fprintf(h, "%d:%d:%s%s", len(key), len(content[key]), key, content[key])
		}
	}
	return h.Sum(nil)
}

// writeMemory replaces a file by one with the content, and opens it.
func writeMemory(path string, content map[string][]byte) (*bbolt.DB, error) {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	db, err := bbolt.Open(next, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket(memoryBucket)
		if err != nil {
			return err
		}
		for key, value := range content {
			if err := bucket.Put([]byte(key), value); err != nil {
				return err
			}
		}
		return bucket.Put([]byte(sumKey), sumOf(content))
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(next, path); err != nil {
		return nil, err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return nil, err
	}
	return bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
}

func readBucket(tx *bbolt.Tx) (map[string][]byte, error) {
	all := map[string][]byte{}
	bucket := tx.Bucket(memoryBucket)
	if bucket == nil {
		return all, nil
	}
	err := bucket.ForEach(func(k, v []byte) error {
		if v == nil {
			return fmt.Errorf("%q is a bucket", k)
		}
		all[string(k)] = bytes.Clone(v)
		return nil
	})
	return all, err
}

// Load returns everything that was saved.
func (m *Memory) Load() map[string][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := maps.Clone(m.content)
	maps.DeleteFunc(all, func(key string, _ []byte) bool { return strings.HasPrefix(key, ownKeys) })
	return all
}

// Save keeps a value under a key, or forgets the key for nil. It returns when that
// is durable in both files.
func (m *Memory) Save(key string, value []byte) error {
	if strings.HasPrefix(key, ownKeys) || key == "" {
		return fmt.Errorf("saving %q in the kiosk's memory: no such key", key)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := maps.Clone(m.content)
	if next[key] = bytes.Clone(value); value == nil {
		delete(next, key)
	}
	next[generationKey] = following(next[generationKey])
	next[sumKey] = sumOf(next)
	for _, db := range m.copies {
		err := db.Update(func(tx *bbolt.Tx) error {
			bucket := tx.Bucket(memoryBucket)
			if bucket == nil {
				return errors.New("the file has lost its content")
			}
			for _, k := range []string{key, generationKey, sumKey} {
				var err error
				if v := next[k]; v == nil {
					err = bucket.Delete([]byte(k))
				} else {
					err = bucket.Put([]byte(k), v)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("saving %s in the kiosk's memory: %w", key, err)
		}
	}
	m.content = next
	return nil
}

// following is the number after one, as eight bytes that compare as it does.
func following(generation []byte) []byte {
	next := make([]byte, 8)
	copy(next[8-min(len(generation), 8):], generation)
	for i := 7; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			break
		}
	}
	return next
}

// Close closes the files.
func (m *Memory) Close() (err error) {
	for _, db := range m.copies {
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		return fmt.Errorf("closing the kiosk's memory: %w", err)
	}
	return nil
}
