package store

import (
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// freeBytes is the room that an unprivileged process has on the file system of
// path.
func freeBytes(path string) (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(path), &fs); err != nil {
		return 0, fmt.Errorf("asking for the room on the disk: %w", err)
	}
	return int64(fs.Bavail) * fs.Bsize, nil
}

// looked is how long a look at the room on the disk holds. Nobody fills the
// reserve faster.
const looked = time.Second

// room refuses when the reserve is reached, before anything is written: what is
// left lets purging and compaction run.
func (j *Journal) room() error {
	now := j.o.Uptime()
	if j.roomy != 0 && now-j.roomy < looked {
		return nil
	}
	free, err := j.o.Free(j.path)
	if err != nil {
		return err
	}
	if free < j.o.Reserve {
		j.roomy = 0
		return fmt.Errorf("%w: %d MiB are left", ErrFull, free>>20)
	}
	j.roomy = now
	return nil
}
