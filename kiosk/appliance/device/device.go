// Package device runs what is connected to the kiosk: the camera, scanner
// modules, the printer, the panel (lamp, buzzer, barrier, button), the thermometer
// and the loudspeaker.
//
// Each device is one type with a Run method that lives until its context ends. It
// sends what it sees to the checkpoint, tells how it is, and is opened again when
// it comes back. No device ends the kiosk: a kiosk without one still serves.
package device

import (
	"context"
	"log/slog"
	"time"

	"chot/kiosk/appliance/parts"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
)

// Host is what every device is given.
type Host struct {
	Send func(context.Context, checkpoint.Event) // to the checkpoint
	Tell parts.Tell                              // how the device is
	Now  func() time.Time                        // the trusted time
	Log  *slog.Logger
}

// tell reports a part that is well, or what is wrong with it.
func (h Host) tell(ctx context.Context, part checkpoint.Part, value string, wrong ...*condition.Condition) {
	h.Tell(ctx, parts.State{Part: part, Value: value, Wrong: wrong})
}
