package endtoend

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cpu is the processor time that a process has used, by proc_pid_stat(5).
func (p *process) cpu() time.Duration {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid()))
	if err != nil {
		p.t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(f)
		if err != nil {
			p.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}

// busy is how much of one core a process uses, in percent, over a time.
func (p *process) busy(over time.Duration) float64 {
	p.t.Helper()
	start, used := time.Now(), p.cpu()
	time.Sleep(over)
	return 100 * float64(p.cpu()-used) / float64(time.Since(start))
}

// resident is a process's memory in megabytes.
func (p *process) resident() float64 {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.Pid()))
	if err != nil {
		p.t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		p.t.Fatal(err)
	}
	return float64(pages*os.Getpagesize()) / 1e6
}

// files is how many file handles a process has open.
func (p *process) files() int {
	p.t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.Pid()))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(open)
}

// load is how much else goes on on this machine, for the reader of a figure.
func load(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))[0]
}

// probe looks at one pixel of the display. What the X server draws is in the
// file at once.
type probe struct {
	t    *testing.T
	file *os.File
	at   int64
}

func (b *bench) probe(x, y int) probe {
	b.t.Helper()
	file, err := os.Open(filepath.Join(b.frames, "Xvfb_screen0"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { file.Close() })
	head := make([]byte, 100)
	if _, err := file.ReadAt(head, 0); err != nil {
		b.t.Fatal(err)
	}
	f := xwd(head)
	return probe{b.t, file, int64(f.pixels() + y*f.line() + 4*x)}
}

func (p probe) colour() color.RGBA {
	var pixel [4]byte
	if _, err := p.file.ReadAt(pixel[:], p.at); err != nil {
		p.t.Fatal(err)
	}
	return color.RGBA{pixel[2], pixel[1], pixel[0], 255}
}

// turns waits until the pixel is of a colour and returns how long that took
// since a time.
func (p probe) turns(since time.Time, to color.RGBA) time.Duration {
	p.t.Helper()
	for !alike(p.colour(), to) {
		if time.Since(since) > 30*time.Second {
			p.t.Fatalf("the pixel is %v and not %v", p.colour(), to)
		}
		time.Sleep(200 * time.Microsecond)
	}
	return time.Since(since)
}

// terminal is a serial line without a cable: what is written to it, the program
// that opens the other end reads.
func terminal(t *testing.T) (line *os.File, other string) {
	t.Helper()
	line, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no pseudo-terminals: %v", err)
	}
	t.Cleanup(func() { line.Close() })
	fd := int(line.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	return line, fmt.Sprintf("/dev/pts/%d", number)
}
