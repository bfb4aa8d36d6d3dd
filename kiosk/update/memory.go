package update

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Why a release did not last.
const (
	NotInstalled = "not-installed" // it could not be written, or its signature is wrong
	NotStarted   = "not-started"   // the machine started from it, and the kiosk never ran
	NotHealthy   = "not-healthy"   // the kiosk ran, and not for long enough
)

// Failure is a release that did not last on this kiosk. It is not tried again.
type Failure struct {
	Version string    `json:"version"`
	Why     string    `json:"why"`
	At      time.Time `json:"at"`
}

// memory is what outlives a restart.
type memory struct {
	Trying  string    `json:"trying,omitempty"` // the release that was installed and not confirmed yet
	Started bool      `json:"started,omitempty"`
	Failed  []Failure `json:"failed,omitempty"`
}

func (m *memory) failed(version string) bool {
	for _, f := range m.Failed {
		if f.Version == version {
			return true
		}
	}
	return false
}

func recall(path string) (m memory, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return memory{}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return memory{}, fmt.Errorf("reading what became of the last update: %w", err)
	}
	return m, nil
}

// keep puts the file in its place whole, or not at all: the machine may be about
// to start again.
func (m memory) keep(path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("keeping what became of the update: %w", err)
		}
	}()
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".update-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already where all went well
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
