package main

import (
	"context"
	"log/slog"

	"chot/kiosk/checkpoint"
)

// panel is the lamp, the buzzer and the barrier of a checkpoint. Each call
// returns at once; what takes time goes on by itself.
type panel interface {
	Light(colour string) error
	Sound(pattern string) error
	Open(ctx context.Context) error
}

// gate drives the panel where the checkpoint has one. A panel that fails is the
// technician's matter: the visit goes on.
type gate struct {
	panel panel // nil for none
	send  func(context.Context, checkpoint.Event)
	log   *slog.Logger
}

func (g *gate) light(l checkpoint.Level) {
	g.try("lamp", func(p panel) error { return p.Light(l.String()) })
}

func (g *gate) buzz(pattern string) {
	g.try("buzzer", func(p panel) error { return p.Sound(pattern) })
}

// open lets one party through; the panel closes the barrier by itself.
func (g *gate) open(ctx context.Context) {
	g.try("barrier", func(p panel) error { return p.Open(ctx) })
}

func (g *gate) try(part string, do func(panel) error) {
	if g.panel == nil {
		return
	}
	if err := do(g.panel); err != nil {
		g.log.Error("panel", "part", part, "error", err)
	}
}
