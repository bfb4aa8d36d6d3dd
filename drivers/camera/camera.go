// Package camera delivers grey pictures from a V4L2 device, from a piped
// camera process such as rpicam-vid, or from a replay of stored pictures.
//
// The newest frame always wins: a camera never queues. Whoever calls
// [Camera.Next] late gets the present, not the past; the sequence number shows
// how much was skipped.
package camera

import (
	"context"
	"time"
)

// Frame is one grey picture.
//
// Pix holds Height rows of Stride bytes, of which the first Width are the
// picture, 0 black to 255 white. It belongs to the camera and stays valid until
// the call of Next after the following one; who needs it longer copies it.
type Frame struct {
	Seq           uint64    // counts the camera's frames from 1, skipped ones included
	Time          time.Time // when the picture was taken
	Width, Height int       // pixels
	Stride        int       // bytes from one row to the next, at least Width
	Pix           []byte
	Chroma        Chroma // what the preview needs to show colour; zero for a grey camera
}

// Chroma is the colour of a frame for the preview, subsampled as the camera
// delivered it. It lives as long as the frame's Pix.
type Chroma struct {
	Cb, Cr []byte
	Stride int // bytes from one chroma row to the next
	Step   int // bytes from one sample to the next in a row, 1 for planar, 2 for NV12, 4 for YUYV
	SubX   int // luma columns a sample covers, 1 or 2
	SubY   int // luma rows a sample covers, 1 or 2
}

// Camera is a source of frames. Next and Halt may be called from different
// goroutines.
type Camera interface {
	// String names the device and its mode, for the technician's page.
	String() string
	// Next waits for a frame newer than the last one that it returned. An error
	// wraps the context's or says what the device did; after an error Next may
	// be called again and waits for the device to come back.
	Next(ctx context.Context) (Frame, error)
	// Halt releases the device. Later calls of Next fail.
	Halt() error
}
