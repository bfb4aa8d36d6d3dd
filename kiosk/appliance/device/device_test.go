package device

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/physic"

	"chot/drivers/panel"
	"chot/drivers/scanner"
	"chot/drivers/thermometer"
	"chot/kiosk/appliance/internal/heard"
	"chot/kiosk/checkpoint"
)

// hostOf is a host whose events and states are kept.
func hostOf(h *heard.Events) Host {
	return Host{Send: h.Send, Tell: h.Tell, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

// plugged is a scanner module that sends codes and is pulled out after them.
type plugged struct{ codes []string }

func (p *plugged) String() string { return "module" }
func (p *plugged) Halt() error    { return nil }
func (p *plugged) Next(context.Context) (scanner.Code, error) {
	if len(p.codes) == 0 {
		return scanner.Code{}, io.ErrUnexpectedEOF
	}
	text := p.codes[0]
	p.codes = p.codes[1:]
	return scanner.Code{Text: text}, nil
}

func TestScannerIsUsedAgainWhenItIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, waiter := new(heard.Events), new(PartWaiter)
		tries := 0
		s := NewScanner(hostOf(h), ScannerSpec{text: "serial:/dev/x", open: func(func() time.Time) (scanner.Module, error) {
			switch tries++; {
			case tries <= 3: // not there yet
				return nil, os.ErrNotExist
			case tries == 4:
				return &plugged{codes: []string{"a", "b"}}, nil
			}
			return &plugged{codes: []string{"c"}}, nil
		}}, waiter)
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		rang := make(chan bool, 1)
		go func() { rang <- waiter.Wait(ctx, checkpoint.PartScanner) }()
		if err := s.Run(ctx); err != nil {
			t.Fatal(err)
		}
		codes := ""
		for _, c := range heard.Of[checkpoint.CodeSeen](h) {
			codes += c.Text
		}
		if !strings.HasPrefix(codes, "abc") || !<-rang {
			t.Errorf("codes %q, or they were not heard of", codes)
		}
		if f := h.Wrong(checkpoint.PartScanner); len(f) < 4 || strings.Join(f[:4], ",") != "scanner-gone,,scanner-gone," {
			t.Errorf("told %q", f)
		}
	})
}

// Noise on the scanner's line, 200 kB at 9600 baud or at once, makes few codes; who
// holds up a code afterwards is served.
func TestScannerNoiseIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := new(heard.Events)
		noise := &plugged{}
		for range 10_000 { // 20 bytes each
			noise.codes = append(noise.codes, "\x8f\x02?ÿ~noise")
		}
		modules := []*plugged{noise, {codes: []string{"HC1:A"}}}
		s := NewScanner(hostOf(h), ScannerSpec{text: "serial:/dev/x", open: func(func() time.Time) (scanner.Module, error) {
			if len(modules) == 0 {
				return nil, os.ErrNotExist
			}
			m := modules[0]
			modules = modules[1:]
			return m, nil
		}}, new(PartWaiter))
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		if err := s.Run(ctx); err != nil {
			t.Fatal(err)
		}
		codes := heard.Of[checkpoint.CodeSeen](h)
		if len(codes) != scannerBurst+1 || codes[len(codes)-1].Text != "HC1:A" {
			t.Errorf("%d codes of 10,000 pieces of noise and one code: %+v", len(codes), codes)
		}
	})
}

func TestOpenedKeepsErrors(t *testing.T) {
	t.Parallel()
	if m, err := opened[*plugged](nil, os.ErrNotExist); m != nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, %v", m, err)
	}
}

// looks is a thermometer that sees one thing after the other.
type looks struct {
	see []any // °C or an error
}

func (l *looks) String() string { return "sensor" }
func (l *looks) Read(context.Context) (thermometer.Reading, error) {
	if len(l.see) == 0 {
		return thermometer.Reading{Object: physic.ZeroCelsius + 22*physic.Celsius}, nil // the hall
	}
	next := l.see[0]
	l.see = l.see[1:]
	if err, failed := next.(error); failed {
		return thermometer.Reading{}, err
	}
	return thermometer.Reading{Object: physic.ZeroCelsius + physic.Temperature(next.(float64)*float64(physic.Celsius))}, nil
}

func TestOnlyForeheadsHaveATemperature(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := new(heard.Events)
		thermometer := &Thermometer{host: hostOf(h), sensor: &looks{
			see: []any{22.0, 36.64, errors.New("bus"), errors.New("bus"), 37.55, thermometer.ErrImplausible, 55.0},
		}}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		if err := thermometer.Run(ctx); err != nil {
			t.Fatal(err)
		}
		got := heard.Of[checkpoint.Temperature](h)
		if len(got) != 2 || got[0].Celsius != 36.6 || got[1].Celsius != 37.6 {
			t.Errorf("temperatures %v", got)
		}
		if f := strings.Join(h.Wrong(checkpoint.PartThermometer), ","); f != ",thermometer-gone," {
			t.Errorf("told %q", f)
		}
	})
}

func TestKioskWithoutAPanelOpensNothingAndFailsNothing(t *testing.T) {
	t.Parallel()
	h := new(heard.Events)
	p := OpenPanel(t.Context(), hostOf(h), "", new(PartWaiter))
	p.Light(checkpoint.Green)
	p.Buzz("read")
	p.OpenBarrier(t.Context())
	if len(h.All()) != 0 || len(h.States()) != 0 {
		t.Errorf("sent %v, told %v", h.All(), h.States())
	}
	p = OpenPanel(t.Context(), hostOf(h), "gpio:nonsense", new(PartWaiter))
	if f := h.Wrong(checkpoint.PartLamp); !slices.Equal(f, []string{"lamp-failed"}) {
		t.Errorf("a panel that cannot be opened: told %q", f)
	}
	if err := p.Halt(); err != nil {
		t.Error(err)
	}
	if _, err := p.TestLamp(t.Context()); err == nil {
		t.Error("the lamp of no panel works")
	}
}

func TestWhatIsHeardAtThePanel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, waiter := new(heard.Events), new(PartWaiter)
		rang := make(chan bool, 1)
		go func() { rang <- waiter.Wait(t.Context(), checkpoint.PartButton) }()
		synctest.Wait()
		p := &Panel{host: hostOf(h), waiter: waiter}
		p.heard(t.Context(), panel.Pressed{})
		p.heard(t.Context(), panel.Fault{Part: "lamp-red", Err: errors.New("no line")})
		p.heard(t.Context(), panel.Fault{Part: "lamp-red"})
		if len(heard.Of[checkpoint.ButtonPressed](h)) != 1 || !<-rang {
			t.Errorf("a button: %v", h.All())
		}
		if f := h.Wrong(checkpoint.PartLamp); !slices.Equal(f, []string{"lamp-failed", ""}) {
			t.Errorf("a lamp's red: told %q", f)
		}
	})
}

func TestPartWaiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := new(PartWaiter)
		w.Heard(checkpoint.PartButton) // nothing waits
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		came := make(chan bool, 2)
		for range 2 {
			go func() { came <- w.Wait(ctx, checkpoint.PartButton) }()
		}
		synctest.Wait()
		w.Heard(checkpoint.PartScanner)
		w.Heard(checkpoint.PartButton)
		for range 2 {
			if !<-came {
				t.Error("a sign was missed")
			}
		}
		if w.Wait(ctx, checkpoint.PartButton) {
			t.Error("a sign came without a cause")
		}
	})
}
