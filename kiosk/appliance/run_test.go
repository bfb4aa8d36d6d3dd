package appliance

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Fyne reads FYNE_CACHE while it is initialised: what sets it must come before.
func TestDrawcacheIsSetBeforeFyneReadsIt(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, trace)
	}
	ours := strings.Index(string(trace), "init chot/kiosk/internal/drawcache ")
	fynes := strings.Index(string(trace), "init fyne.io/fyne/v2/internal/cache ")
	if ours < 0 || fynes < 0 || ours > fynes {
		t.Errorf("ours is initialised at %d of the trace, Fyne's at %d", ours, fynes)
	}
	if os.Getenv("FYNE_CACHE") == "" {
		t.Error("FYNE_CACHE is not set")
	}
}
