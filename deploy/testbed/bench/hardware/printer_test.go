package hardware

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/bench/virtual"
	"chot/deploy/testbed/harness"
	"chot/drivers/printer"
)

const tscID = "MFG:TSC;MDL:TE210;CMD:TSPL;CLS:PRINTER;"

// ready answers each question for its condition as a TSPL printer that is ready.
func ready() func([]byte) []byte {
	asked := 0
	return func(got []byte) []byte {
		n := bytes.Count(got, []byte("\x1b!?"))
		said := make([]byte, n-asked)
		asked = n
		return said
	}
}

// plugged is a USB printer in its socket.
func plugged(t *testing.T) *virtual.Printer {
	t.Helper()
	g, err := virtual.NewGadget(tscID)
	harness.Must(t, err)
	harness.Must(t, g.Plug())
	far, err := virtual.NewPrinter(ready())
	harness.Must(t, err)
	t.Cleanup(func() {
		harness.Must(t, far.Close())
		_ = g.Unplug() // it may be out already
	})
	return far
}

func open(t *testing.T, spec, language string) *printer.Printer {
	t.Helper()
	p, err := printer.Open(spec, language)
	harness.Must(t, err)
	t.Cleanup(func() { harness.Must(t, p.Halt()) })
	return p
}

// job is the label as it is sent.
func job(t *testing.T, language string) []byte {
	t.Helper()
	b, err := printer.Encode(language, label(t), printer.EncodeOptions{})
	harness.Must(t, err)
	return b
}

func notPrinted(t *testing.T, err error) *printer.NotPrinted {
	t.Helper()
	var not *printer.NotPrinted
	if !errors.As(err, &not) {
		t.Fatalf("printing ended with %v, want a *NotPrinted", err)
	}
	return not
}

func TestUSBPrinter(t *testing.T) {
	far := plugged(t)
	p := open(t, "/dev/usb/lp*", "")
	t.Run("says who it is and prints a label once", func(t *testing.T) {
		harness.Must(t, p.Print(t.Context(), label(t), 1))
		if n := bytes.Count(far.Got(), job(t, "tspl")); n != 1 {
			t.Errorf("the label arrived %d times", n)
		}
		if !strings.HasPrefix(p.String(), "TSC TE210") {
			t.Errorf("it calls itself %q", p)
		}
	})
	t.Run("is out of paper", func(t *testing.T) {
		harness.Must(t, far.Paper(false))
		not := notPrinted(t, p.Print(t.Context(), label(t), 1))
		says(t, not, "paper-out")
		if not.Maybe || bytes.Count(far.Got(), job(t, "tspl")) != 1 {
			t.Error("a label was sent to a printer without paper")
		}
		harness.Must(t, far.Paper(true))
		harness.Must(t, p.Print(t.Context(), label(t), 1))
	})
	t.Run("is used by another program", func(t *testing.T) {
		other, err := os.OpenFile("/dev/usb/lp0", os.O_RDWR, 0)
		harness.Must(t, err)
		defer other.Close()
		_, err = p.Status(t.Context())
		says(t, err, "/dev/usb/lp", "another program uses the printer, end it")
	})
}

// The plug is pulled in the middle of a job: it is reported as not printed, and
// the next is printed as soon as the plug is in again.
func TestUSBPrinterUnpluggedDuringAJob(t *testing.T) {
	g, err := virtual.NewGadget(tscID)
	harness.Must(t, err)
	harness.Must(t, g.Plug())
	defer g.Unplug()
	far, err := virtual.NewPrinter(ready())
	harness.Must(t, err)
	p := open(t, "/dev/usb/lp*", "")
	harness.Must(t, p.Print(t.Context(), label(t), 1))
	before := len(far.Got())

	far.Slow(50 * time.Millisecond)
	printed := make(chan error, 1)
	go func() { printed <- p.Print(context.Background(), long(t), 1) }()
	harness.Until(t, "the job to begin", 20*time.Second, func() bool { return len(far.Got()) > before+20000 })
	harness.Must(t, far.Close()) // before the plug: usb_f_printer falls over when it is read without
	harness.Must(t, g.Unplug())
	start := time.Now()
	not := notPrinted(t, <-printed)
	t.Logf("noticed after %v", time.Since(start).Round(time.Millisecond))
	says(t, not, "not printed", "bytes")
	_, err = p.Status(t.Context())
	says(t, err, "/dev/usb/lp*", "the printer is not there, plug it in and switch it on")

	harness.Must(t, g.Plug())
	far, err = virtual.NewPrinter(ready())
	harness.Must(t, err)
	defer far.Close()
	back(t, "the printer", harness.Until(t, "the printer", 10*time.Second, func() bool {
		status, err := p.Status(t.Context())
		return err == nil && status.Ready()
	}))
	harness.Must(t, p.Print(t.Context(), label(t), 1))
	if n := bytes.Count(far.Got(), job(t, "tspl")); n != 1 {
		t.Errorf("the label arrived %d times", n)
	}
	if bytes.Count(far.Got(), []byte("BITMAP")) != bytes.Count(job(t, "tspl"), []byte("BITMAP")) {
		t.Error("something is left of the job that broke off")
	}
}

// long is a page of a quarter of a megabyte: more than the kernels at both ends
// of the cable keep.
func long(t *testing.T) *printer.Page {
	t.Helper()
	layout, err := printer.ParseLayout([]byte(`{"form": "black", "media": "100x150", "width": 100, "height": 150,
		"elements": [{"kind": "line", "w": 100, "h": 150}]}`))
	harness.Must(t, err)
	page, err := printer.Render(layout, nil, 300)
	harness.Must(t, err)
	return page
}

// A printer that takes nothing is given up.
func TestUSBPrinterThatNeverAnswers(t *testing.T) {
	g, err := virtual.NewGadget(tscID)
	harness.Must(t, err)
	harness.Must(t, g.Plug())
	defer g.Unplug()
	p := open(t, "/dev/usb/lp*", "")
	start := time.Now()
	not := notPrinted(t, p.Print(t.Context(), long(t), 1))
	says(t, not, "not printed")
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("given up after %v", took)
	}
}

// A printer on a serial port, which is the gadget's and then a USB adapter that
// the host pulls out.
func TestSerialPrinter(t *testing.T) {
	t.Run("gadget", func(t *testing.T) {
		g, err := virtual.NewGadget(tscID)
		harness.Must(t, err)
		harness.Must(t, g.Plug())
		defer g.Unplug()
		far, err := virtual.Serial()
		harness.Must(t, err)
		got := make(chan []byte, 1)
		go func() {
			var all []byte
			chunk := make([]byte, 4096)
			answer := ready()
			for {
				n, err := far.Read(chunk)
				if err != nil {
					got <- all
					return
				}
				all = append(all, chunk[:n]...)
				_, _ = far.Write(answer(all)) // what goes wrong shows at the other end
			}
		}()
		p := open(t, "/dev/ttyACM0", "tspl")
		harness.Must(t, p.Print(t.Context(), label(t), 1))
		harness.Must(t, far.Close())
		if n := bytes.Count(<-got, job(t, "tspl")); n != 1 {
			t.Errorf("the label arrived %d times", n)
		}
	})
	t.Run("adapter", func(t *testing.T) {
		harness.Must(t, virtual.Load("xhci_pci", "ftdi_sio"))
		p := open(t, "/dev/ttyUSB0?baud=115200", "zpl")
		harness.Until(t, "the adapter", 10*time.Second, func() bool {
			status, err := p.Status(t.Context())
			return err == nil && status == 0
		})
		harness.Must(t, p.Print(t.Context(), label(t), 1))
		do(t, `@qmp {"execute":"device_del","arguments":{"id":"serial"}}`)
		harness.Until(t, "the adapter to go", 10*time.Second, func() bool { _, err := os.Stat("/dev/ttyUSB0"); return err != nil })
		says(t, notPrinted(t, p.Print(t.Context(), label(t), 1)), "/dev/ttyUSB0", "plug it in")
		do(t, `@qmp {"execute":"device_add","arguments":{"driver":"usb-serial","chardev":"usb","id":"serial"}}`)
		back(t, "the adapter", harness.Until(t, "the adapter", 10*time.Second, func() bool {
			return p.Print(t.Context(), label(t), 1) == nil
		}))
	})
}
