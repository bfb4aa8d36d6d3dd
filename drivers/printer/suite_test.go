package printer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A connection of the suite joins a Printer to a simulator.
var connections = map[string]func(t *testing.T, s *simulator) (spec string){
	"tcp":    overTCP,
	"serial": overSerial,
}

func overTCP(t *testing.T, s *simulator) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "tcp:" + l.Addr().String()
}

// overSerial is the other side of a pseudo-terminal.
func overSerial(t *testing.T, s *simulator) string {
	master, err := os.OpenFile("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals: %v", err)
	}
	raw, err := master.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number int
	err = raw.Control(func(fd uintptr) {
		_ = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		number, _ = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
	})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/dev/pts/%d", number)
	// The line stays up between jobs, as a cable does.
	keep, err := os.OpenFile(path, unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := makeRaw(keep, 9600); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); s.serve(master) }()
	t.Cleanup(func() { _, _ = master.Close(), keep.Close(); <-done })
	return path
}

// A printer that answers is waited for, however busy the machine is; one that
// does not is given up soon.
var (
	patient = times{answer: 30 * time.Second, write: 30 * time.Second, finish: time.Minute, pause: 5 * time.Millisecond}
	quick   = times{answer: 300 * time.Millisecond, write: time.Second, finish: 2 * time.Second, pause: 5 * time.Millisecond}
)

func suitePage(t *testing.T) *Page {
	t.Helper()
	l, err := Builtin().Find("sample", "50x25")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Render(l, map[string]string{"name": "Nguyễn Thị Ẩn", "code": "K07-00000123"}, 203)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSuite holds every language on every connection to the same promises.
func TestSuite(t *testing.T) {
	t.Parallel()
	for language := range simulated {
		for name, connect := range connections {
			each := func(test string, f func(t *testing.T, p *Printer, s *simulator)) {
				t.Run(language+"/"+name+"/"+test, func(t *testing.T) {
					t.Parallel()
					s := newSimulator(language, 203)
					p, err := Open(connect(t, s), language)
					if err != nil {
						t.Fatal(err)
					}
					p.times = patient
					f(t, p, s)
					if len(s.strange) > 0 {
						t.Errorf("the printer found strange: %q", s.strange)
					}
				})
			}
			each("prints once, and what was drawn", func(t *testing.T, p *Printer, s *simulator) {
				page := suitePage(t)
				for n := range 3 {
					if err := p.Print(t.Context(), page, 1); err != nil {
						t.Fatal(err)
					}
					if got := s.printed(); len(got) != n+1 || difference(got[n], page.raster(true)) != "" {
						t.Fatalf("%d pages are on paper after %d jobs", len(got), n+1)
					}
				}
			})
			for _, fault := range []Status{PaperOut, HeadOpen} {
				each("says that it is "+fault.String()+" and prints nothing", func(t *testing.T, p *Printer, s *simulator) {
					s.set(fault)
					if st, err := p.Status(t.Context()); err != nil || st != fault {
						t.Errorf("status %v, %v; want %v", st, err, fault)
					}
					var not *NotPrinted
					if err := p.Print(t.Context(), suitePage(t), 1); !errors.As(err, &not) || not.Problem() != fault.String() || not.Maybe {
						t.Errorf("printing: %v", err)
					}
					s.set(0)
					if err := p.Print(t.Context(), suitePage(t), 1); err != nil || len(s.printed()) != 1 {
						t.Errorf("after the fault: %v, %d pages", err, len(s.printed()))
					}
				})
			}
			each("reports what fails after the job", func(t *testing.T, p *Printer, s *simulator) {
				s.onPage = func(int) { s.status = PaperOut }
				var not *NotPrinted
				if err := p.Print(t.Context(), suitePage(t), 1); !errors.As(err, &not) || not.Problem() != "paper-out" {
					t.Errorf("printing the last label: %v", err)
				}
			})
			each("prints without a way back", func(t *testing.T, p *Printer, s *simulator) {
				s.mute, p.times = true, quick
				if st, err := p.Status(t.Context()); err != nil || st != Unanswered {
					t.Errorf("status %v, %v; want unanswered", st, err)
				}
				if err := p.Print(t.Context(), suitePage(t), 1); err != nil {
					t.Error(err)
				}
			})
			each("ends with its context and with Halt", func(t *testing.T, p *Printer, s *simulator) {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				if err := p.Print(ctx, suitePage(t), 1); !errors.Is(err, context.Canceled) {
					t.Errorf("cancelled: %v", err)
				}
				if err := p.Halt(); err != nil {
					t.Error(err)
				}
				if err := p.Print(t.Context(), suitePage(t), 1); !errors.Is(err, errHalted) {
					t.Errorf("halted: %v", err)
				}
			})
		}
	}
}

// stuck takes some bytes of a job and then no more.
type stuck struct {
	net.Conn
	s     *simulator
	after int
}

func (c *stuck) Write(b []byte) (int, error) {
	n := min(len(b), c.after)
	_, _ = c.s.Write(b[:n])
	if c.after -= n; n < len(b) {
		return n, os.ErrDeadlineExceeded
	}
	return n, nil
}
func (c *stuck) Read([]byte) (int, error)    { return 0, os.ErrDeadlineExceeded }
func (c *stuck) SetDeadline(time.Time) error { return nil }
func (c *stuck) Close() error                { return nil }
func (c *stuck) flush(time.Duration) error   { return nil }
func (c *stuck) state() Status               { return 0 }

// TestAJobThatBreaksOff cuts a job at every part of it: it is reported, and
// the next one comes out whole and alone.
func TestAJobThatBreaksOff(t *testing.T) {
	t.Parallel()
	page := suitePage(t)
	cuts := 40
	if racing {
		cuts = 2
	}
	for _, name := range []string{"escpos", "tspl", "zpl"} {
		found, _ := FindLanguage(name)
		language := found.speaks
		whole := len(language.encode(page, EncodeOptions{}))
		for cut := 1; cut < whole; cut += 1 + whole/cuts {
			s := newSimulator(name, 203)
			c := &stuck{s: s, after: cut}
			p := &Printer{name: name, language: language, times: quick, dial: func(context.Context) (conn, error) { return c, nil }}
			var not *NotPrinted
			if err := p.Print(t.Context(), page, 1); !errors.As(err, &not) || not.Maybe {
				t.Fatalf("%s cut after %d of %d bytes: %v", name, cut, whole, err)
			}
			c.after = 1 << 20
			if err := p.Print(t.Context(), page, 1); err != nil {
				t.Fatal(err)
			}
			got := s.printed()
			if len(got) != 1 || difference(got[0], page.raster(true)) != "" {
				t.Fatalf("%s cut after %d of %d bytes: %d pages, then the next job differs", name, cut, whole, len(got))
			}
		}
	}
}

func TestAPrinterThatIsNotThere(t *testing.T) {
	t.Parallel()
	p, err := Open(filepath.Join(t.TempDir(), "lp0"), "tspl")
	if err != nil {
		t.Fatal(err)
	}
	var not *NotPrinted
	if err := p.Print(t.Context(), suitePage(t), 1); !errors.As(err, &not) || not.Problem() != "offline" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("printing: %v", err)
	}
	for _, c := range [][2]string{
		{"lp0", "tspl"}, {"/dev/usb/lp0", "pcl"}, {"file:x", ""}, {"file:x?codes=some", "tspl"},
		{"/dev/ttyUSB0?baud=7", "zpl"}, {"tcp:x?colour=1", "zpl"},
	} {
		if _, err := Open(c[0], c[1]); err == nil {
			t.Errorf("Open(%q, %q) took it", c[0], c[1])
		}
	}
}

func TestAFileKeepsTheJobs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "jobs.zpl")
	p, err := Open("file:"+path, "zpl")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Print(t.Context(), suitePage(t), 2); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := newSimulator("zpl", 203)
	_, _ = io.Writer(s).Write(data)
	if len(s.printed()) != 2 {
		t.Errorf("%d labels are in the file, want 2", len(s.printed()))
	}
}

func TestDeviceID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ name, language string }{
		"MFG:Zebra;MDL:ZD220;CMD:ZPL;CLS:PRINTER;":        {"Zebra ZD220", "zpl"},
		"MANUFACTURER:TSC;MODEL:TE210;COMMAND SET:TSPL2;": {"TSC TE210", "tspl"},
		"MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;":               {"EPSON TM-T20", "escpos"},
		"MFG:Somebody;MDL:Laser;CMD:PCL;":                 {"Somebody Laser", ""},
		"":                                                {"", ""},
	} {
		id := parseDeviceID(text)
		speaks, _ := id.language()
		if id.String() != want.name || speaks.Name != want.language {
			t.Errorf("%q is %q speaking %q", text, id, speaks.Name)
		}
	}
}
