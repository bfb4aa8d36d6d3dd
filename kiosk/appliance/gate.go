package appliance

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"chot/drivers/panel"
	"chot/kiosk/checkpoint"
)

// gate drives the lamp, the buzzer and the barrier where the checkpoint has them.
// A panel that fails is the technician's matter: the visit goes on.
type gate struct {
	panel *panel.Panel // nil for none
	ring  func(checkpoint.Part)
	send  func(context.Context, checkpoint.Event)
	log   *slog.Logger
}

func (g *gate) light(l checkpoint.Level) {
	g.try("lamp", func(p *panel.Panel) error { return p.Light(l.String()) })
}

func (g *gate) buzz(pattern string) {
	g.try("buzzer", func(p *panel.Panel) error { return p.Sound(pattern) })
}

// open lets one party through; the panel closes the barrier by itself.
func (g *gate) open(ctx context.Context) {
	g.try("barrier", func(p *panel.Panel) error { return p.Open(ctx) })
}

func (g *gate) try(part string, do func(*panel.Panel) error) {
	if g.panel == nil {
		return
	}
	if err := do(g.panel); err != nil {
		g.log.Error("panel", "part", part, "error", err)
	}
}

// tryLamp lights each colour for a moment.
func (g *gate) tryLamp(ctx context.Context) (string, error) {
	return g.trying(func(p *panel.Panel) (err error) {
		for _, colour := range []string{"green", "amber", "red", ""} {
			err = errors.Join(err, p.Light(colour))
			if colour != "" {
				wait(ctx, 700*time.Millisecond)
			}
		}
		return err
	})
}

func (g *gate) tryBuzzer(context.Context) (string, error) {
	return g.trying(func(p *panel.Panel) error { return p.Sound("green") })
}

func (g *gate) tryBarrier(ctx context.Context) (string, error) {
	return g.trying(func(p *panel.Panel) error { return p.Open(ctx) })
}

func (g *gate) trying(do func(*panel.Panel) error) (string, error) {
	if g.panel == nil {
		return "", errors.New("the panel did not open")
	}
	return "", do(g.panel)
}

// connect opens the panel that the configuration names. Without it the kiosk
// serves all the same, and says what is missing.
func (g *gate) connect(ctx context.Context, spec string, now func() time.Time) (halt func() error) {
	p, err := panel.Open(spec, func(e panel.Event) { g.heard(ctx, e, now) })
	if err != nil {
		g.heard(ctx, panel.Fault{Part: string(checkpoint.PartLamp), Err: err}, now)
		return func() error { return nil }
	}
	g.panel = p
	return p.Halt
}

// heard tells the checkpoint what happened at the panel.
func (g *gate) heard(ctx context.Context, e panel.Event, now func() time.Time) {
	switch e := e.(type) {
	case panel.Pressed:
		g.ring(checkpoint.PartButton)
		g.send(ctx, checkpoint.ButtonPressed{})
	case panel.Fault:
		part, _, _ := strings.Cut(e.Part, "-") // the lamp's colours are one part
		changed := checkpoint.DeviceChanged{Part: checkpoint.Part(part)}
		if e.Err != nil {
			g.log.Error("panel", "part", e.Part, "error", e.Err)
			changed.Conditions = []checkpoint.Condition{{Code: part + "-failed", Severity: checkpoint.Warning, Since: now()}}
		}
		g.send(ctx, changed)
	}
}
