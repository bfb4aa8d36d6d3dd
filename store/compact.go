package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// compactIfWorth rewrites the file when most of it is free pages.
func (j *Journal) compactIfWorth(ctx context.Context) error {
	info, err := os.Stat(j.path)
	if err != nil {
		return err
	}
	const least = 4 << 20
	var free int64
	err = j.locked(ctx, func() error {
		free = int64(j.db.Stats().FreePageN) * pageSize
		return nil
	})
	if err != nil || info.Size() < least || free < info.Size()/2 {
		return err
	}
	return j.compact(ctx)
}

// compact rewrites the file while appends go on: all that was there before in
// steps, then, in one go, what came after. The caller holds upkeep.
func (j *Journal) compact(ctx context.Context) error {
	var d *rewrite
	err := j.locked(ctx, func() (err error) {
		d, err = j.beginRewrite()
		return err
	})
	if err != nil {
		return err
	}
	for last := []byte(nil); ; {
		var more bool
		err := j.locked(ctx, func() (err error) {
			if last, more, err = j.copyStep(d, last, purgeStep); err != nil || more {
				return err
			}
			return j.adopt(d, j.state.Load(), nil)
		})
		if err != nil {
			return errors.Join(err, d.remove())
		}
		if !more {
			return nil
		}
	}
}

// rewriteAll copies the file in one go: after a sync that failed, what it was for may
// be in memory alone, and no later sync would write it.
func (j *Journal) rewriteAll() error {
	d, err := j.beginRewrite()
	if err != nil {
		return err
	}
	var s *state
	_, _, err = j.copyStep(d, nil, 0)
	if err == nil {
		err = j.view(func(_ *bbolt.Tx, now *state) error {
			s = now
			return nil
		})
	}
	if err == nil {
		err = j.adopt(d, s, nil)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("rewriting the journal after a failed sync: %w", err), d.remove())
	}
	return nil
}

// copyStep copies up to n chunks, all for 0, from the one with key from on: that
// one may have grown since it was copied. It returns the last one's key.
func (j *Journal) copyStep(d *rewrite, from []byte, n int) (last []byte, more bool, err error) {
	last = from
	err = j.view(func(tx *bbolt.Tx, _ *state) error {
		err := d.put(func(put func(k, v []byte) error) error {
			cursor := tx.Bucket(bucketEntries).Cursor()
			copied := 0
			for k, v := cursor.Seek(from); k != nil; k, v = cursor.Next() {
				if n > 0 && copied > n {
					more = true
					return nil
				}
				if err := put(k, v); err != nil {
					return err
				}
				last = bytes.Clone(k)
				copied++
			}
			return nil
		})
		if k, v := tailOf(tx); err == nil && !more && k != nil {
			err = d.update(func(to *bbolt.Tx) error { return to.Bucket(bucketMeta).Put(k, v) })
		}
		return err
	})
	return last, more, err
}

// remove discards a rewrite, which may be closed already, unless it has been
// adopted.
func (d *rewrite) remove() error {
	if d.adopted {
		return nil
	}
	_ = guard(d.db.Close) // a second time does nothing
	if err := os.Remove(d.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
