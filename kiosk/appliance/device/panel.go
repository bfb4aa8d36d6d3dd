package device

import (
	"context"
	"errors"
	"strings"
	"time"

	"chot/drivers/panel"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
)

// Panel drives the lamp, the buzzer and the barrier where the checkpoint has them,
// and hears the button. A panel that fails is the technician's matter: the visit
// goes on.
type Panel struct {
	host   Host
	waiter *PartWaiter
	panel  *panel.Panel // nil for none
}

// OpenPanel opens the panel that the configuration names, "" for none. A panel
// that cannot be opened is told, and the kiosk serves without it.
func OpenPanel(ctx context.Context, host Host, spec string, waiter *PartWaiter) *Panel {
	p := &Panel{host: host, waiter: waiter}
	if spec == "" {
		return p
	}
	opened, err := panel.Open(spec, func(e panel.Event) { p.heard(ctx, e) })
	if err != nil {
		host.Log.Error("panel", "error", err)
		host.tell(ctx, checkpoint.PartLamp, spec, condition.LampFailed)
		return p
	}
	p.panel = opened
	return p
}

// Halt turns everything off and lets go of the panel.
func (p *Panel) Halt() error {
	if p.panel == nil {
		return nil
	}
	return p.panel.Halt()
}

// Light lights the lamp in the colour of a level; zero turns it off.
func (p *Panel) Light(l checkpoint.Level) {
	p.try("lamp", func(p *panel.Panel) error { return p.Light(l.String()) })
}

// Buzz sounds a pattern.
func (p *Panel) Buzz(pattern string) {
	p.try("buzzer", func(p *panel.Panel) error { return p.Sound(pattern) })
}

// OpenBarrier lets one party through; the panel closes the barrier by itself.
func (p *Panel) OpenBarrier(ctx context.Context) {
	p.try("barrier", func(p *panel.Panel) error { return p.Open(ctx) })
}

func (p *Panel) try(part string, do func(*panel.Panel) error) {
	if p.panel == nil {
		return
	}
	if err := do(p.panel); err != nil {
		p.host.Log.Error("panel", "part", part, "error", err)
	}
}

// TestLamp lights each colour for a moment.
func (p *Panel) TestLamp(ctx context.Context) (string, error) {
	return p.test(func(p *panel.Panel) (err error) {
		for _, colour := range []string{"green", "amber", "red", ""} {
			err = errors.Join(err, p.Light(colour))
			if colour != "" {
				pause.For(ctx, 700*time.Millisecond)
			}
		}
		return err
	})
}

// TestBuzzer sounds the pattern of a green verdict.
func (p *Panel) TestBuzzer(context.Context) (string, error) {
	return p.test(func(p *panel.Panel) error { return p.Sound("green") })
}

// TestBarrier opens the barrier once.
func (p *Panel) TestBarrier(ctx context.Context) (string, error) {
	return p.test(func(p *panel.Panel) error { return p.Open(ctx) })
}

func (p *Panel) test(do func(*panel.Panel) error) (string, error) {
	if p.panel == nil {
		return "", errors.New("the panel did not open")
	}
	return "", do(p.panel)
}

// heard tells the checkpoint what happened at the panel.
func (p *Panel) heard(ctx context.Context, e panel.Event) {
	switch e := e.(type) {
	case panel.Pressed:
		p.waiter.Heard(checkpoint.PartButton)
		p.host.Send(ctx, checkpoint.ButtonPressed{})
	case panel.Fault:
		part, _, _ := strings.Cut(e.Part, "-") // the lamp's colours are one part
		if e.Err == nil {
			p.host.tell(ctx, checkpoint.Part(part), "")
			return
		}
		p.host.Log.Error("panel", "part", e.Part, "error", e.Err)
		p.host.tell(ctx, checkpoint.Part(part), "", condition.Of(part, "failed"))
	}
}
