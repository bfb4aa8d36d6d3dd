package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// rewrite is a file that is being written to take the journal's place.
type rewrite struct {
	db      *bbolt.DB
	path    string
	adopted bool // it is the journal's file now
}

// beginRewrite begins a file beside the journal's.
func (j *Journal) beginRewrite() (*rewrite, error) {
	path := j.path + ".new"
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	d := &rewrite{path: path}
	err := guard(func() (err error) {
		d.db, err = openFile(path, true)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("beginning a new file: %w", err)
	}
	err = d.update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketEntries} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("beginning a new file: %w", err), d.remove())
	}
	return d, nil
}

func (d *rewrite) update(f func(*bbolt.Tx) error) error {
	return guard(func() error { return d.db.Update(f) })
}

// put writes entries, in the order of their keys.
func (d *rewrite) put(fill func(put func(k, v []byte) error) error) error {
	return d.update(func(tx *bbolt.Tx) error {
		entries := tx.Bucket(bucketEntries)
		entries.FillPercent = 1
		return fill(entries.Put)
	})
}

// adopt makes the rewrite the journal's file, with the state and what more is
// appended. The old file, if any, is gone or keeps its other name.
func (j *Journal) adopt(d *rewrite, s *state, more func(*writer) error) error {
	err := d.update(s.put)
	if err != nil {
		return errors.Join(err, d.remove())
	}
	file, err := os.Stat(d.path)
	if err != nil {
		return errors.Join(err, d.remove())
	}
	oldDB, oldState, oldFile, syncFailed := j.db, j.state.Load(), j.file, j.syncFailed
	j.swap(d.db, s, file)
	restore := func(err error) error {
		j.swap(oldDB, oldState, oldFile)
		j.syncFailed = syncFailed // what is in the old file is as doubtful as it was
		return errors.Join(err, d.remove())
	}
	if more != nil {
		if err := j.tryUpdate(more); err != nil {
			return restore(err)
		}
	}
	if err := d.db.Sync(); err != nil {
		return restore(err)
	}
	d.db.NoSync = j.o.noSync
	if err := os.Rename(d.path, j.path); err != nil {
		return restore(err)
	}
	d.adopted, j.unsyncedName = true, true
	if oldDB != nil && !j.handleLost {
		if err := guard(oldDB.Close); err != nil {
			j.o.Log.Warn("the journal's old file was not closed", "file", j.path, "error", err)
		}
	}
	// bbolt may hold its locks after a panic and would wait for ever: the old
	// handle is left to the process's end then.
	j.handleLost = false
	return j.syncName()
}

// syncName makes the name of a file that was rewritten durable.
func (j *Journal) syncName() error {
	if !j.unsyncedName {
		return nil
	}
	if err := syncDir(j.path); err != nil {
		return fmt.Errorf("making the name of the rewritten file durable: %w", err)
	}
	j.unsyncedName = false
	return nil
}

// swap replaces the file that is read and written.
func (j *Journal) swap(db *bbolt.DB, s *state, file os.FileInfo) {
	j.handle.Lock()
	defer j.handle.Unlock()
	j.file = file
	j.db, j.tail, j.sealer, j.size, j.syncFailed = db, nil, nil, 0, false
	j.state.Store(s)
}

// begin adds a chain to the state.
func (s *state) begin(place uint16, random io.Reader) error {
	c := Chain{place: place}
	if _, err := io.ReadFull(random, c.Journal[:]); err != nil {
		return fmt.Errorf("drawing the journal's name: %w", err)
	}
	c.Base.Hash = Genesis(s.Kiosk, c.Journal)
	c.Head, c.Covered = c.Base, c.Base
	s.Chains = append(s.Chains, c)
	return nil
}

// setAside gives a file a second name that tells when it was found damaged.
func setAside(path string, now time.Time) (name string, err error) {
	for n := 0; n < 100; n++ {
		name = fmt.Sprintf("%s.damaged-%s", path, now.UTC().Format("20060102T150405Z"))
		if n > 0 {
			name += fmt.Sprintf("-%d", n)
		}
		if err = os.Link(path, name); !errors.Is(err, os.ErrExist) {
			return filepath.Base(name), err
		}
	}
	return "", err
}

// syncDir makes a change of names durable.
func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
