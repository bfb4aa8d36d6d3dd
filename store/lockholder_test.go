package store_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/store"
)

// A journal that another has open for a moment is waited for; Open says who has
// it where that takes too long.
func TestAJournalThatIsStillOpenIsWaitedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	first := open(t, path, options())
	if who := store.LockHolder(path); !strings.Contains(who, ", process ") {
		t.Errorf("the journal is open in: %s", who)
	}
	closing := time.AfterFunc(50*time.Millisecond, func() { first.Close() })
	defer closing.Stop()
	second, err := store.Open(path, options())
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
