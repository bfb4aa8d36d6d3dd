// Package harness is what the tests of several rooms share: programs that run
// until the test ends ([Launch]), conditions that are waited for ([Until]), files
// laid over the tree for a build ([Overlay]), and the strings of source files
// ([Literals]).
package harness

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Must ends a test that cannot go on.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Until waits for a condition, asking every 20 milliseconds, and returns how long
// that took. The test ends when the limit is over.
func Until(t testing.TB, what string, limit time.Duration, holds func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !holds() {
		if time.Since(start) > limit {
			t.Fatalf("waited %s in vain for %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(start)
}

// Top is the folder of the repository that the test runs in.
func Top(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	Must(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above this package")
		}
		dir = filepath.Dir(dir)
	}
}
