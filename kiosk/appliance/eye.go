package appliance

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"chot/drivers/camera"
	"chot/drivers/scanner"
	"chot/kiosk/checkpoint"
)

// eye looks through the camera: it shows the picture, reads the codes in it and
// says when the camera is gone.
type eye struct {
	camera  camera.Camera
	preview func(camera.Frame)
	ring    func(checkpoint.Part)
	aid     *atomic.Bool // the picture is to be measured, for focusing
	send    func(context.Context, checkpoint.Event)
	now     func() time.Time
	log     *slog.Logger
}

// hints translates what the scanner sees into what the visitor should do.
var hints = map[scanner.Hint]checkpoint.Hint{
	scanner.TooSmall: checkpoint.Closer,
	scanner.Blurred:  checkpoint.Still,
	scanner.Dark:     checkpoint.Dark,
	scanner.Glare:    checkpoint.Bright,
}

// run reads frames until the context ends or the camera has no more. Reading
// codes and drawing the picture are two jobs: the scanner's time must not be
// the preview's stutter, so that the preview is handed each frame first.
func (e *eye) run(ctx context.Context) error {
	stream := scanner.NewStream(scanner.Options{})
	working := true
	for {
		frame, err := e.camera.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, io.EOF):
			e.log.Info("the replay is over")
			return nil
		case err != nil:
			if working {
				e.log.Warn("camera", "error", err)
				e.send(ctx, checkpoint.DeviceChanged{Part: checkpoint.PartCamera, Value: e.camera.String(),
					Conditions: []checkpoint.Condition{{Code: "camera-gone", Severity: checkpoint.Warning, Since: e.now()}}})
			}
			working = false
			if !wait(ctx, time.Second) {
				return nil
			}
			continue
		case !working || frame.Seq == 1:
			e.send(ctx, checkpoint.DeviceChanged{Part: checkpoint.PartCamera, Value: e.camera.String()})
			working = true
		}
		e.preview(frame)
		if e.aid.Load() && frame.Seq%4 == 0 {
			e.send(ctx, measureFocus(frame))
		}
		codes, hint := stream.Push(frame)
		for _, code := range codes {
			e.ring(checkpoint.PartCamera)
			e.send(ctx, checkpoint.CodeSeen{Text: code.Text, Symbology: string(code.Symbology)})
		}
		if h, ok := hints[hint]; ok && len(codes) == 0 {
			e.send(ctx, checkpoint.HintSeen{Hint: h})
		}
	}
}

// wait sleeps unless the context ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
