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

// roomInterval is how long a look at the room on the disk counts: the reserve is not
// filled faster than that.
const roomInterval = time.Second

// room refuses when the reserve is reached, before anything is written: what is
// left lets purging and compaction run.
func (j *Journal) room() error {
	now := j.o.Uptime()
	if j.roomSeen != 0 && now-j.roomSeen < roomInterval {
		return nil
	}
	free, err := j.o.Free(j.path)
	if err != nil {
		return diskError(err)
	}
	if free < j.o.Reserve {
		j.roomSeen = 0
		return fmt.Errorf("%w: %d MiB are left", ErrFull, free>>20)
	}
	j.roomSeen = now
	return nil
}
