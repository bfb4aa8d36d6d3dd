package scanner

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"chot/drivers/camera"
)

// Any bytes as a frame of any size: no panic, and codes only where the frame is
// whole.
func FuzzFrame(f *testing.F) {
	code := scene(f, 120, 120, shown{"fuzz", 60, 60, 4})
	f.Add(120, 120, 120, code.Pix)
	f.Add(8, 8, 8, make([]byte, 64))
	f.Add(1, 1, 1, []byte{0})
	f.Add(-1, 5, 3, []byte{1, 2, 3})
	stream := NewStream(Options{})
	still := New(Options{})
	at := fixed()
	f.Fuzz(func(t *testing.T, w, h, stride int, pix []byte) {
		if w > 400 || h > 400 {
			return
		}
		at = at.Add(33 * time.Millisecond)
		frame := camera.Frame{Width: w, Height: h, Stride: stride, Pix: pix, Time: at}
		codes := still.Still(frame)
		if !whole(frame) && len(codes) > 0 {
			t.Error("codes from no frame")
		}
		stream.Push(frame)
	})
}

// Any module grid of any version: no panic, and what is read is text.
func FuzzGrid(f *testing.F) {
	f.Add(1, make([]byte, 21*21*4))
	f.Add(7, []byte{1, 2, 3, 4, 5, 6, 7, 8})
	r := &reader{}
	f.Fuzz(func(t *testing.T, version int, raw []byte) {
		if version < leastVersion || version > mostVersion {
			return
		}
		l := layoutOf(version)
		r.field.reserve(l.n)
		soft := make([]float32, l.n*l.n)
		for i := range soft {
			if len(raw) >= 4 {
				soft[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[i*4%(len(raw)-3):]))
			}
		}
		if d, ok := r.decode(l, soft); ok {
			d.code(fixed(), "fuzz")
		}
	})
}
