package appliance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// errSecond means that another kiosk runs on the same state.
var errSecond = errors.New("another kiosk runs on the same state")

// claim makes this process the only kiosk on a state folder, until the file that it
// returns is closed or the process ends. The error wraps [errSecond] where there is
// another one: that one has the screen, which a second window would cover.
func claim(state string) (*os.File, error) {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, fmt.Errorf("making the kiosk's folder: %w", err)
	}
	path := filepath.Join(state, "kiosk.lock")
	lock, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock of the kiosk's state: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			pid, _ := os.ReadFile(path) // for the message alone
			err = fmt.Errorf("%s: %w, as process %s", state, errSecond, strings.TrimSpace(string(pid)))
		} else {
			err = fmt.Errorf("locking %s: %w", path, err)
		}
		return nil, errors.Join(err, lock.Close())
	}
	if err := lock.Truncate(0); err == nil { // on a full disk the message names no process
		_, _ = lock.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	}
	return lock, nil
}

// minFiles is how many files the kiosk must be able to have open. A running one has
// about 30, and more while it fetches a bundle and rewrites its journal.
const minFiles = 128

// enoughFiles says whether the process may open what it needs. One that may not
// would fail here and there, and later.
func enoughFiles() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("looking how many files may be open: %w", err)
	}
	return checkFiles(limit.Cur)
}

func checkFiles(limit uint64) error {
	if limit < minFiles {
		return fmt.Errorf("the kiosk may have %d files open and needs %d: raise LimitNOFILE= of its unit", limit, minFiles)
	}
	return nil
}
