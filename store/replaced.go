package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// restore puts the journal's file back where its name is gone, or is another
// file's: what is open is then a file without a name, whose content is lost when
// the process ends. It is copied; the other file is kept beside it.
func (j *Journal) restore() error {
	now, err := os.Stat(j.path)
	switch {
	case err == nil && os.SameFile(now, j.file):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return diskError(fmt.Errorf("looking for the journal's file: %w", err))
	}
	incident := Incident{What: Damage, Time: j.o.Clock(), Cause: "the file was deleted while it was open"}
	if err == nil {
		incident.Cause = "the file was replaced while it was open"
		if incident.File, err = setAside(j.path, j.o.Clock()); err != nil {
			return diskError(fmt.Errorf("setting the file aside that took the journal's place: %w", err))
		}
	}
	j.o.Log.Error("the journal's file is restored", "file", j.path, "cause", incident.Cause)
	if err := j.rewriteAll(); err != nil {
		return diskError(fmt.Errorf("%s: %w", incident.Cause, err))
	}
	j.incidents = append(j.incidents, incident)
	return nil
}

// diskError says that the disk is at fault, full or otherwise, unless that is said
// already.
func diskError(err error) error {
	switch {
	case err == nil || errors.Is(err, ErrFull) || errors.Is(err, ErrDisk):
		return err
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return fmt.Errorf("%w: %w", ErrDisk, err)
}
