package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// The file grows in steps of preallocateStep bytes, before fewer than
// preallocateMargin bytes of it are left.
const (
	preallocateStep   = 256 << 10
	preallocateMargin = 64 << 10
)

// preallocate writes zeros after the pages in use before the file is full.
// A sync need not then change where the file's blocks lie, as it must for each
// page that is new to the file: it is done once, with the commit that comes next. A file
// that is synced when it is whole, as a rewrite is, grows as it is written.
func (j *Journal) preallocate(used int64) (err error) {
	if j.db.NoSync || used+preallocateMargin <= j.size {
		return nil
	}
	f, err := os.OpenFile(j.path, os.O_WRONLY, 0)
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return nil // a commit grows the file too, only slower
	}
	if err != nil {
		return fmt.Errorf("preallocating room for the journal: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("preallocating room for the journal: %w", err)
	}
	if j.size = info.Size(); used+preallocateMargin <= j.size {
		return nil
	}
	if _, err := f.WriteAt(make([]byte, preallocateStep), j.size); err != nil {
		return fmt.Errorf("preallocating room for the journal: %w", err)
	}
	j.size += preallocateStep
	return nil
}
