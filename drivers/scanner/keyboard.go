package scanner

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Keyboard is a scanner that poses as a USB keyboard. Its input device is
// grabbed, so that what it types reaches no other program: not a login prompt, and
// not the kiosk's own window. What the module types around a code is taken off,
// see [Framing].
type Keyboard struct {
	name    string
	file    deadliner
	framing Framing
	now     func() time.Time
	keys    keys
	rest    []byte
	lost    bool // what is being typed has a hole
}

// deadliner is what Keyboard needs of a file.
type deadliner interface {
	io.ReadCloser
	SetReadDeadline(time.Time) error
}

const (
	// grabDevice is EVIOCGRAB of linux/input.h: _IOW('E', 0x90, int).
	grabDevice = 0x40044590
	// eventSize is that of struct input_event: a time, two numbers of 16 bits and
	// one of 32.
	eventSize = int(unsafe.Sizeof(unix.Timeval{})) + 8
	eventKey  = 1 // EV_KEY
	eventSync = 0 // EV_SYN
	dropped   = 3 // SYN_DROPPED: events came faster than they were read, and some are lost
)

// OpenKeyboard grabs an input device, such as
// /dev/input/by-id/usb-…-event-kbd. Now gives the codes' time.
func OpenKeyboard(name string, framing Framing, now func() time.Time) (*Keyboard, error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the keyboard scanner %s: %w", name, err)
	}
	if err := unix.IoctlSetInt(fd, grabDevice, 1); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("grabbing the keyboard scanner %s: %w", name, err)
	}
	return newKeyboard(name, os.NewFile(uintptr(fd), name), framing, now), nil
}

func newKeyboard(name string, file deadliner, framing Framing, now func() time.Time) *Keyboard {
	return &Keyboard{name: name, file: file, framing: framing, now: now}
}

func (k *Keyboard) String() string { return "keyboard scanner " + k.name }

// Next waits for the next code, which Enter or a pause ends.
func (k *Keyboard) Next(ctx context.Context) (Code, error) {
	// The context's end ends the read that waits.
	stop := context.AfterFunc(ctx, func() { k.file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	var buf [64 * 24]byte
	for {
		if c, ok := k.take(); ok {
			return c, nil
		}
		var wait time.Time
		if len(k.keys.line) > 0 || k.lost {
			wait = time.Now().Add(pause)
		}
		err := k.file.SetReadDeadline(wait)
		if ctx.Err() != nil {
			return Code{}, fmt.Errorf("waiting for the %s: %w", k, ctx.Err())
		}
		if err != nil {
			return Code{}, fmt.Errorf("reading the %s: %w", k, err)
		}
		n, err := k.file.Read(buf[:])
		k.rest = append(k.rest, buf[:n]...)
		switch {
		case ctx.Err() != nil:
			return Code{}, fmt.Errorf("waiting for the %s: %w", k, ctx.Err())
		case errors.Is(err, os.ErrDeadlineExceeded):
			if text, ok := k.keys.end(); ok {
				if c, ok := k.code(text); ok {
					return c, nil
				}
			}
			k.lost = false
		case err != nil:
			return Code{}, fmt.Errorf("reading the %s: %w", k, err)
		}
	}
}

// take feeds the events that have come to the keys.
func (k *Keyboard) take() (Code, bool) {
	for len(k.rest) >= eventSize {
		e := k.rest[eventSize-8 : eventSize]
		k.rest = k.rest[eventSize:]
		kind, code := binary.NativeEndian.Uint16(e), binary.NativeEndian.Uint16(e[2:])
		if kind == eventSync && code == dropped {
			// A code with a hole in it is worse than none: the visitor shows it
			// again. The keys that are held are forgotten with it.
			k.lost, k.keys = true, keys{caps: k.keys.caps}
		}
		if kind != eventKey {
			continue
		}
		if text, ok := k.keys.press(code, int32(binary.NativeEndian.Uint32(e[4:]))); ok {
			if c, ok := k.code(text); ok {
				return c, true
			}
			k.lost = false
		}
	}
	return Code{}, false
}

// code makes a code of a line, unless it has a hole or nothing but framing is in
// it.
func (k *Keyboard) code(line string) (Code, bool) {
	text, raw, kind := k.framing.unframe([]byte(line))
	return Code{Text: text, Bytes: raw, Symbology: kind, Time: k.now(), Pass: "keyboard"}, text != "" && !k.lost
}

// Halt releases the device to others.
func (k *Keyboard) Halt() error {
	if err := k.file.Close(); err != nil {
		return fmt.Errorf("closing the %s: %w", k, err)
	}
	return nil
}
