package panel

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/pin"
)

// output is a line that switches something.
type output struct {
	part   string
	line   Out
	notify func(Event)

	mu     sync.Mutex
	failed bool
	halted bool
}

// set switches the part on or off. A change between working and not is told.
func (o *output) set(on bool) error {
	if o.line.Pin == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.halted {
		return ErrHalted
	}
	err := o.line.Pin.Out(gpio.Level(on != o.line.Invert))
	if err != nil {
		err = explain(o.part, o.line.Pin, err)
	}
	if failed := err != nil; failed != o.failed {
		o.failed = failed
		o.notify(Fault{Part: o.part, Err: err})
	}
	return err
}

// release gives the line back. What it is set to afterwards is lost.
func (o *output) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.halted = true
	if c, ok := o.line.Pin.(closer); ok {
		c.Close()
	}
}

// explain says which line of which part failed and what to do about it.
func explain(part string, line pin.Pin, err error) error {
	advice, cause := "", err
	if number, known := kernelSays(err); known {
		cause = number
	}
	switch {
	case errors.Is(cause, syscall.EBUSY):
		advice = ": another program or a kernel driver holds it; gpioinfo names it, and an overlay of the boot configuration may have claimed it"
		if c, ok := line.(interface{ Consumer() string }); ok && c.Consumer() != "" {
			advice = fmt.Sprintf(": %q holds it; end that program or wire the %s to another line", c.Consumer(), part)
		}
	case errors.Is(cause, syscall.EACCES), errors.Is(cause, syscall.EPERM):
		advice = ": the kiosk's user must be in the group gpio"
	case errors.Is(cause, syscall.ENODEV):
		advice = ": its chip is gone; if it is on USB, plug it in again"
	}
	return fmt.Errorf("%s on line %s: %w%s", part, line.Name(), cause, advice)
}

// kernelSays is the kernel's number in an error, of which gpioioctl keeps only
// the text.
func kernelSays(err error) (syscall.Errno, bool) {
	for _, number := range []syscall.Errno{syscall.EBUSY, syscall.EACCES, syscall.EPERM, syscall.ENODEV} {
		if errors.Is(err, number) || strings.HasSuffix(err.Error(), number.Error()) {
			return number, true
		}
	}
	return 0, false
}
