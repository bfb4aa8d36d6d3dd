package endtoend

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
)

// For a while there is no network. What the kiosk has kept then leaves by every
// way at once, while it runs: by itself, on a stick that an office brings to the
// province, on a copy that a neighbour relays, and as pictures of codes. The
// province holds each record once, and each way brings its receipt back.
func TestAllWaysAtOnceStillDeliverOnce(t *testing.T) {
	if os.Getenv("CHOT_WINDOWS") == "" {
		t.Skip("skipped: make test-windows runs it")
	}
	t.Parallel()
	b, province := newBench(t, "--seen", "12", "--pause", "12", "--leave", "0")
	home, other := strings.TrimSuffix(b.config, ".toml"), strings.TrimSuffix(b.neighbour, ".toml")
	kiosk := b.startKiosk(b.config)
	b.camera(b.neighbour, "")
	neighbour := b.startKiosk(b.neighbour)
	province.End(syscall.SIGKILL)
	before := len(kept(kiosk))
	harness.Until(t, "records without a network", 2*time.Minute, func() bool { return len(kept(kiosk)) >= before+6 })

	stick, copied, pictures, unrolled := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	said := func(out string) (values map[string]any) {
		t.Helper()
		if err := json.Unmarshal([]byte(out), &values); err != nil {
			t.Fatal(err)
		}
		return values
	}
	for _, dir := range []string{stick, copied} {
		if n := said(b.run(0, "kioskctl", "export", "--state", home, dir))["entries"].(float64); n < 6 {
			t.Errorf("%v entries on the stick", n)
		}
	}
	b.run(0, "kioskctl", "export", "--state", home, "--qr", pictures)
	if n := said(b.run(0, "kioskctl", "relay", "--state", other, copied))["batches"].(float64); n != 1 {
		t.Errorf("the neighbour took %v batches", n)
	}

	province = b.startProvince()
	var ways sync.WaitGroup
	ways.Go(func() { b.run(0, "kioskctl", "import", "--state", other, stick) })
	ways.Go(func() { b.run(0, "kioskctl", "import", "--state", home, "--keep", unrolled, pictures) })
	ways.Wait()
	spool := filepath.Join(other, "spool")
	receipts := func(dir string) int {
		found, err := filepath.Glob(filepath.Join(dir, "tuky-1_*.receipt"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	harness.Until(t, "the neighbour's relaying", time.Minute, func() bool { return receipts(spool) == 1 })
	if receipts(stick) != 1 || receipts(unrolled) != 1 {
		t.Errorf("%d receipts on the stick, %d beside the pictures", receipts(stick), receipts(unrolled))
	}
	b.run(0, "kioskctl", "relay", "--state", other, copied)
	if receipts(copied) != 1 {
		t.Error("the neighbour returned no receipt")
	}
	b.run(0, "kioskctl", "relay", "--state", home, copied)
	harness.Until(t, "the receipt's recording", time.Minute, func() bool {
		left, err := os.ReadDir(filepath.Join(home, "spool"))
		return err == nil && len(left) == 0
	})

	acknowledged := kept(kiosk)
	neighbour.End(syscall.SIGTERM)
	kiosk.End(syscall.SIGTERM)
	b.bringAway()
	province.End(syscall.SIGTERM)
	b.holdsOnce(append(acknowledged, kept(kiosk)[len(acknowledged):]...))
}
