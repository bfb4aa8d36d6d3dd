package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	bbolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"
)

// lockTimeout is how long Open waits for another process to let go of the file: one
// that is being ended may still wait for the disk.
const lockTimeout = 10 * time.Second

// explainLock says who has the file open, where that is why it could not be opened.
func explainLock(path string, err error) error {
	if !errors.Is(err, bbolterrors.ErrTimeout) {
		return err
	}
	return fmt.Errorf("another process has it open: %s", lockHolder(path))
}

// lockHolder names the process that has a lock on the file, by /proc/locks (proc(5)).
// A lock may be passed over there while others come and go, so that it is read
// again where none is found.
func lockHolder(path string) string {
	var st unix.Stat_t
	if unix.Stat(path, &st) == nil {
		file := fmt.Sprintf("%02x:%02x:%d", unix.Major(st.Dev), unix.Minor(st.Dev), st.Ino)
		for range 20 {
			if process := lockHolderOf(file); process != "" {
				return process
			}
		}
	}
	return "process unknown"
}

// lockHolderOf names the process that has a lock on a file, "" where none is listed.
func lockHolderOf(file string) string {
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(locks)) {
		// 1: FLOCK ADVISORY WRITE 4711 fd:00:131 0 EOF
		if f := strings.Fields(line); len(f) > 5 && f[1] == "FLOCK" && f[5] == file {
			name, err := os.ReadFile(filepath.Join("/proc", f[4], "comm"))
			if err != nil {
				return "process " + f[4]
			}
			return fmt.Sprintf("%s, process %s", strings.TrimSpace(string(name)), f[4])
		}
	}
	return ""
}
