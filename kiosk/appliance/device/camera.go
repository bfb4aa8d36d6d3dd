package device

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"chot/drivers/camera"
	"chot/drivers/scanner"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
)

// Camera shows the camera's picture, reads the codes in it and says when the
// camera is gone.
type Camera struct {
	host    Host
	camera  camera.Camera
	preview func(camera.Frame)
	waiter  *PartWaiter
	measure atomic.Bool // the picture is to be measured, for focusing
}

// NewCamera makes the loop of an open camera. Each frame is handed to preview
// before it is read.
func NewCamera(host Host, c camera.Camera, preview func(camera.Frame), waiter *PartWaiter) *Camera {
	return &Camera{host: host, camera: c, preview: preview, waiter: waiter}
}

// MeasureFocus turns the measuring of focus and exposure on or off.
func (c *Camera) MeasureFocus(on bool) { c.measure.Store(on) }

// hints translates what the scanner sees into what the visitor should do.
var hints = map[scanner.Hint]checkpoint.Hint{
	scanner.TooSmall: checkpoint.Closer,
	scanner.Blurred:  checkpoint.Still,
	scanner.Dark:     checkpoint.Dark,
	scanner.Glare:    checkpoint.Bright,
}

// Run reads frames until the context ends or a replay is over. Reading codes and
// drawing the picture are two jobs: the scanner's time must not be the preview's
// stutter, so that the preview is handed each frame first.
func (c *Camera) Run(ctx context.Context) error {
	stream := scanner.NewStream(scanner.Options{})
	working := true
	for {
		frame, err := c.camera.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, camera.ErrReplayOver):
			c.host.Log.Info("the replay is over")
			return nil
		case err != nil:
			if working {
				c.host.Log.Warn("camera", "error", err)
				c.host.tell(ctx, checkpoint.PartCamera, c.camera.String(), condition.CameraGone)
			}
			working = false
			if !pause.For(ctx, time.Second) {
				return nil
			}
			continue
		case !working || frame.Seq == 1:
			c.host.tell(ctx, checkpoint.PartCamera, c.camera.String())
			working = true
		}
		c.preview(frame)
		if c.measure.Load() && frame.Seq%4 == 0 {
			c.host.Send(ctx, measureFocus(frame))
		}
		codes, hint := stream.Push(frame)
		for _, code := range codes {
			c.waiter.Heard(checkpoint.PartCamera)
			c.host.Send(ctx, checkpoint.CodeSeen{Text: code.Text, Symbology: string(code.Symbology)})
		}
		if h, ok := hints[hint]; ok && len(codes) == 0 {
			c.host.Send(ctx, checkpoint.HintSeen{Hint: h})
		}
	}
}
