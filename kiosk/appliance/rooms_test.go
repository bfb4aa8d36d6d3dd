package appliance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/physic"

	"chot/drivers/panel"
	"chot/drivers/scanner"
	"chot/drivers/thermometer"
	"chot/kiosk/checkpoint"
	"chot/store/forward"
)

var quiet = slog.New(slog.DiscardHandler)

// heard keeps the events that a room sends.
type heard struct {
	mu  sync.Mutex
	all []checkpoint.Event
}

func (h *heard) send(_ context.Context, e checkpoint.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, e)
}

func (h *heard) events() []checkpoint.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]checkpoint.Event(nil), h.all...)
}

// faults are the conditions of a part, in the order in which they came; "" where
// it was well.
func (h *heard) faults(part checkpoint.Part) (codes []string) {
	for _, e := range h.events() {
		if c, ok := e.(checkpoint.DeviceChanged); ok && c.Part == part {
			code := ""
			for _, condition := range c.Conditions {
				code = condition.Code
			}
			codes = append(codes, code)
		}
	}
	return codes
}

func eventsOf[E checkpoint.Event](h *heard) (found []E) {
	for _, e := range h.events() {
		if e, ok := e.(E); ok {
			found = append(found, e)
		}
	}
	return found
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

func TestAScannerModuleIsUsedAgainWhenItIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, rings := &heard{}, 0
		tries := 0
		m := &module{spec: "serial:/dev/x", send: h.send, ring: func(checkpoint.Part) { rings++ }, now: time.Now, log: quiet}
		m.open = func() (scanner.Module, error) {
			switch tries++; {
			case tries <= 3: // not there yet
				return nil, os.ErrNotExist
			case tries == 4:
				return &plugged{codes: []string{"a", "b"}}, nil
			}
			return &plugged{codes: []string{"c"}}, nil
		}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		if err := m.run(ctx); err != nil {
			t.Fatal(err)
		}
		codes := ""
		for _, c := range eventsOf[checkpoint.CodeSeen](h) {
			codes += c.Text
		}
		if !strings.HasPrefix(codes, "abc") || rings != len(codes) {
			t.Errorf("codes %q, rung %d times", codes, rings)
		}
		if f := h.faults(checkpoint.PartScanner); len(f) < 4 || strings.Join(f[:4], ",") != "scanner-gone,,scanner-gone," {
			t.Errorf("told %q", f)
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
		h := &heard{}
		w := &warmth{
			sensor: &looks{see: []any{22.0, 36.64, errors.New("bus"), errors.New("bus"), 37.55, thermometer.ErrImplausible, 55.0}},
			send:   h.send, now: time.Now, log: quiet,
		}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		if err := w.run(ctx); err != nil {
			t.Fatal(err)
		}
		got := eventsOf[checkpoint.Temperature](h)
		if len(got) != 2 || got[0].Celsius != 36.6 || got[1].Celsius != 37.6 {
			t.Errorf("temperatures %v", got)
		}
		if f := strings.Join(h.faults(checkpoint.PartThermometer), ","); f != ",thermometer-gone," {
			t.Errorf("told %q", f)
		}
	})
}

func TestAKioskWithoutAPanelOpensNothingAndFailsNothing(t *testing.T) {
	t.Parallel()
	h := &heard{}
	g := &gate{send: h.send, ring: func(checkpoint.Part) {}, log: quiet}
	g.light(checkpoint.Green)
	g.buzz("read")
	g.open(t.Context())
	if len(h.events()) != 0 {
		t.Errorf("told %v", h.events())
	}
	halt := g.connect(t.Context(), "gpio:nonsense", time.Now)
	if f := h.faults(checkpoint.PartLamp); len(f) != 1 || f[0] != "lamp-failed" {
		t.Errorf("a panel that cannot be opened: told %q", f)
	}
	if err := halt(); err != nil {
		t.Error(err)
	}
	if _, err := g.tryLamp(t.Context()); err == nil {
		t.Error("the lamp of no panel works")
	}
}

func TestWhatIsHeardAtThePanel(t *testing.T) {
	t.Parallel()
	h, rung := &heard{}, checkpoint.Part("")
	g := &gate{send: h.send, ring: func(p checkpoint.Part) { rung = p }, log: quiet}
	g.heard(t.Context(), panel.Pressed{}, time.Now)
	g.heard(t.Context(), panel.Fault{Part: "lamp-red", Err: errors.New("no line")}, time.Now)
	g.heard(t.Context(), panel.Fault{Part: "lamp-red"}, time.Now)
	if len(eventsOf[checkpoint.ButtonPressed](h)) != 1 || rung != checkpoint.PartButton {
		t.Errorf("a button: %v, rung %q", h.events(), rung)
	}
	if f := strings.Join(h.faults(checkpoint.PartLamp), ","); f != "lamp-failed," {
		t.Errorf("a lamp's red: told %q", f)
	}
}

func TestEveryProblemOfTheWayToTheProvinceIsACondition(t *testing.T) {
	t.Parallel()
	for _, p := range []forward.Problem{
		forward.Unreachable, forward.Refused, forward.Forked, forward.BadReceipt, forward.OverBudget, forward.Broken,
	} {
		if f := serverFaults[p]; f.code == "" || f.severity == 0 || f.severity == checkpoint.Blocking {
			t.Errorf("%s: %+v", p, f)
		}
	}
}

func TestBell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := new(bell)
		b.ring(checkpoint.PartButton) // nobody waits
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		came := make(chan bool, 2)
		for range 2 {
			go func() { came <- b.wait(ctx, checkpoint.PartButton) }()
		}
		synctest.Wait()
		b.ring(checkpoint.PartScanner)
		b.ring(checkpoint.PartButton)
		for range 2 {
			if !<-came {
				t.Error("it rang unheard")
			}
		}
		if b.wait(ctx, checkpoint.PartButton) {
			t.Error("it was heard without ringing")
		}
	})
}

func TestTheLogbookKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	l := &logbook{to: &to}
	line := bytes.Repeat([]byte("x"), 9999)
	for range 200 {
		if _, err := l.Write(append(line, '\n')); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = l.Write([]byte("the last line\n"))
	kept := l.text()
	if len(kept) < mostLog || len(kept) > mostLog*5/4+10000 || !bytes.HasSuffix(kept, []byte("the last line\n")) {
		t.Errorf("%d bytes are kept", len(kept))
	}
	if to.Len() != 200*10000+14 {
		t.Errorf("%d bytes were passed on", to.Len())
	}
}

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

func TestWhatAStickDid(t *testing.T) {
	t.Parallel()
	stick := t.TempDir()
	h := &hands{
		appliance: &appliance{world: world{logs: &logbook{to: io.Discard}}}, log: quiet,
		signer:    signer{kiosk: "hall-1", now: func() time.Time { return time.Unix(0, 0) }},
		findStick: func() (string, error) { return filepath.Join(stick, "chot"), nil },
	}
	var answer checkpoint.Event
	h.office = &office{ask: func(task func() checkpoint.Event) { answer = task() }}
	_, _ = h.appliance.logs.Write([]byte("one line\n"))
	h.technician(t.Context(), checkpoint.SaveLogs{})
	if answer != (checkpoint.StickDone{Count: 1}) {
		t.Errorf("saving the log: %+v", answer)
	}
	saved, err := os.ReadFile(filepath.Join(stick, "chot", "hall-1-19700101-000000.log"))
	if err != nil || string(saved) != "one line\n" {
		t.Errorf("saved %q, %v", saved, err)
	}
	h.findStick = func() (string, error) { return "", errNoStick }
	h.technician(t.Context(), checkpoint.SaveLogs{})
	if answer != (checkpoint.StickDone{Problem: "no-stick"}) {
		t.Errorf("without a stick: %+v", answer)
	}
}

// A part that the configuration does not name is said to be not fitted; every
// part that the page can test has a test.
func TestEveryTestablePartHasATrial(t *testing.T) {
	t.Parallel()
	a := &appliance{}
	h := &hands{appliance: a, gate: &gate{log: quiet}, voice: &voice{}, bell: new(bell), log: quiet}
	var answer checkpoint.Event
	h.office = &office{ask: func(task func() checkpoint.Event) { answer = task() }}
	trials := h.trials()
	for _, part := range checkpoint.TestableParts() {
		if trials[part] == nil {
			t.Errorf("%s has no trial", part)
		}
	}
	for _, part := range []checkpoint.Part{
		checkpoint.PartCamera, checkpoint.PartScanner, checkpoint.PartPrinter, checkpoint.PartLamp, checkpoint.PartBuzzer,
		checkpoint.PartBarrier, checkpoint.PartButton, checkpoint.PartSpeaker, checkpoint.PartThermometer,
	} {
		h.test(t.Context(), part)
		if answer != (checkpoint.PartTested{Part: part, Detail: "not-fitted"}) {
			t.Errorf("%s of a kiosk without one: %+v", part, answer)
		}
	}
}
