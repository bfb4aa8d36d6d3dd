package store

import (
	"errors"
	"fmt"
	"os"
)

// The file grows in steps of stretched bytes, and is stretched before fewer than
// spare bytes of it are left.
const (
	stretched = 256 << 10
	spare     = 64 << 10
)

// stretch writes zeros after the pages in use where soon there would be no room.
// A sync need not then change where the file's blocks lie, as it must for each
// page that is new to the file: it is done once, with the commit that comes next. A file
// that is synced when it is whole, as a draft is, grows as it is written.
func (j *Journal) stretch(used int64) (err error) {
	if j.db.NoSync || used+spare <= j.size {
		return nil
	}
	f, err := os.OpenFile(j.path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("stretching the journal: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("stretching the journal: %w", err)
	}
	if j.size = info.Size(); used+spare <= j.size {
		return nil
	}
	if _, err := f.WriteAt(make([]byte, stretched), j.size); err != nil {
		return fmt.Errorf("stretching the journal: %w", err)
	}
	j.size += stretched
	return nil
}
