package scanner

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal: what is written to the module's side is what
// the port reads.
func terminal(t *testing.T) (module *os.File, port string) {
	t.Helper()
	module, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { module.Close() })
	fd := int(module.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	return module, fmt.Sprintf("/dev/pts/%d", number)
}

// A module on a real port of the system: framed, in pieces, ended by a mark or by
// a pause, at any rate; and a port that is not there.
func TestSerialModuleOnAPort(t *testing.T) {
	t.Parallel()
	module, port := terminal(t)
	m, err := OpenSerial(port, 115200, Framing{Suffix: "#"}, fixed)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for sent, want := range map[string]string{
		"\x02030185000017||Nguyễn Thị Thử\x03\r": "030185000017||Nguyễn Thị Thử", `\000026` + "Thử\r\n": "Thử", "]Q1HC1:6BF \r": "HC1:6BF ",
		"HC1:ABC": "HC1:ABC", "HC1:ABC\x00": "HC1:ABC", "HC1:ABC#\x04": "HC1:ABC",
	} {
		if _, err := module.WriteString(sent); err != nil {
			t.Fatal(err)
		}
		if c, err := m.Next(ctx); err != nil || c.Text != want || c.Time != fixed() {
			t.Errorf("%q: read %q, %v", sent, c.Text, err)
		}
	}
	if err := m.Halt(); err != nil {
		t.Error(err)
	}
	if c, err := m.Next(ctx); err == nil {
		t.Errorf("a halted module reads %q", c.Text)
	}
	if m, err := OpenSerial("/dev/does-not-exist", DefaultBaud, Framing{}, fixed); err == nil {
		t.Errorf("%v was opened", m)
	}
}
