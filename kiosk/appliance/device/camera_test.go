package device

import (
	"context"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"chot/drivers/camera"
	"chot/kiosk/appliance/internal/heard"
	"chot/kiosk/checkpoint"
)

// ending is a camera whose process ends after each picture.
type ending struct {
	frames int
	over   error // the last word
}

func (e *ending) String() string { return "rpicam-vid" }
func (e *ending) Halt() error    { return nil }
func (e *ending) Next(ctx context.Context) (camera.Frame, error) {
	switch e.frames++; {
	case e.frames > 6:
		<-ctx.Done()
		return camera.Frame{}, e.over
	case e.frames%2 == 0:
		return camera.Frame{}, fmt.Errorf("reading from rpicam-vid: %w", io.EOF)
	}
	return camera.Frame{Seq: uint64(e.frames), Width: 64, Height: 64, Stride: 64, Pix: make([]byte, 64*64)}, nil
}

// Only a replay ends: a camera whose process ends comes back, and the technician
// is told both.
func TestCameraGoesOnAfterItsProcessEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, shown := new(heard.Events), 0
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		c := NewCamera(hostOf(h), &ending{}, func(camera.Frame) { shown++ }, new(PartWaiter))
		if err := c.Run(ctx); err != nil {
			t.Fatal(err)
		}
		want := []string{"", "camera-gone", "", "camera-gone", "", "camera-gone"}
		if got := h.Wrong(checkpoint.PartCamera); shown != 3 || !slices.Equal(got, want) {
			t.Errorf("%d pictures shown, told %q, want %q", shown, got, want)
		}
	})
}
