package hardware

import (
	"context"
	"testing"
	"time"

	"chot/deploy/testbed/bench/virtual"
	"chot/deploy/testbed/harness"
	"chot/drivers/scanner"
)

const scanned = "K07-0004127"

// hears waits for a module's next code.
func hears(t *testing.T, m scanner.Module) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	code, err := m.Next(ctx)
	if err != nil || code.Text != scanned {
		t.Errorf("read %q, %v; want %q", code.Text, err, scanned)
	}
}

// gone waits for a module's failure.
func gone(t *testing.T, m scanner.Module) error {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	_, err := m.Next(ctx)
	return err
}

func TestSerialScanner(t *testing.T) {
	g, err := virtual.NewGadget(tscID)
	harness.Must(t, err)
	for range 2 { // plugged in again, it reads again
		harness.Must(t, g.Plug())
		far, err := virtual.Serial()
		harness.Must(t, err)
		m, err := scanner.OpenSerial("/dev/ttyACM0", 9600, scanner.Framing{}, time.Now)
		harness.Must(t, err)
		_, err = far.WriteString(scanned + "\r\n")
		harness.Must(t, err)
		hears(t, m)
		harness.Must(t, far.Close())
		harness.Must(t, g.Unplug())
		says(t, gone(t, m), "/dev/ttyACM0")
		harness.Must(t, m.Halt())
	}
}

// A code that is typed faster than it is read loses keys on the way; it is no
// code then, and the next is read again.
func TestKeyboardScanner(t *testing.T) {
	for range 2 { // plugged in again, it reads again
		k, err := virtual.NewKeyboard("Bench scanner")
		harness.Must(t, err)
		m, err := scanner.OpenKeyboard(k.Path, scanner.Framing{}, time.Now)
		harness.Must(t, err)
		harness.Must(t, k.Type("TOO-MUCH-FOR-THE-KERNEL-TO-KEEP-FOR-ANYBODY-WHO-DOES-NOT-READ", 0))
		typed := make(chan error, 1)
		go func() {
			time.Sleep(500 * time.Millisecond)
			typed <- k.Type(scanned, 8*time.Millisecond)
		}()
		hears(t, m)
		harness.Must(t, <-typed)
		harness.Must(t, k.Close())
		says(t, gone(t, m), k.Path)
		harness.Must(t, m.Halt())
	}
}
