package thermometer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// ErrStuck is wrapped where the bus does not come free. A kernel driver may wait
// for it as long as it likes, which a visitor cannot.
var ErrStuck = errors.New("the bus does not come free, a device or a short holds SDA or SCL low: " +
	"take the sensor's plug out and in again, and check its cable and the 3.3 V of its supply")

// line is an open bus during one reading.
type line struct {
	dev *Dev
	bus i2c.BusCloser
}

// hangUp closes the bus, after a word that was given up where one was.
func (l *line) hangUp() {
	if l.dev.stuck == nil {
		_ = l.bus.Close() // everything was read
		return
	}
	late := l.dev.stuck
	l.dev.owned.Go(func() {
		<-late
		_ = l.bus.Close() // its reading was given up
	})
}

// free waits until a word that was given up before has come back.
func (d *Dev) free(ctx context.Context) error {
	if d.stuck == nil {
		return nil
	}
	timer := time.NewTimer(d.opts.Limit)
	defer timer.Stop()
	select {
	case <-d.stuck:
		d.stuck = nil
		return nil
	case <-timer.C:
		return ErrStuck
	case <-ctx.Done():
		return ctx.Err()
	}
}

// transact writes a register's number and reads n bytes, within the limit. What
// takes longer is left to itself, with a buffer of its own.
func (l *line) transact(ctx context.Context, register byte, n int) ([]byte, error) {
	answer := make([]byte, n)
	var err error
	back := make(chan struct{})
	l.dev.owned.Go(func() {
		defer close(back)
		err = l.bus.Tx(l.dev.opts.Address, []byte{register}, answer)
	})
	timer := time.NewTimer(l.dev.opts.Limit)
	defer timer.Stop()
	select {
	case <-back:
		return answer, explain(err)
	case <-timer.C:
		l.dev.stuck = back
		return nil, ErrStuck
	case <-ctx.Done():
		l.dev.stuck = back
		return nil, ctx.Err()
	}
}

// word reads a register: low byte, high byte, PEC.
func (l *line) word(ctx context.Context, register byte) (uint16, error) {
	for range attempts {
		b, err := l.transact(ctx, register, 3)
		if err != nil {
			return 0, err
		}
		write := byte(l.dev.opts.Address << 1)
		if pec(write, register, write|1, b[0], b[1]) == b[2] {
			return uint16(b[0]) | uint16(b[1])<<8, nil
		}
	}
	return 0, ErrPEC
}

// temperature reads a word in units of 0.02 K.
func (l *line) temperature(ctx context.Context, register byte) (physic.Temperature, error) {
	w, err := l.word(ctx, register)
	if err != nil {
		return 0, err
	}
	t := physic.Temperature(w) * 20 * physic.MilliKelvin
	if w&errorFlag != 0 || t < lowest || t > highest {
		return 0, fmt.Errorf("%w: the sensor says %#04x", ErrImplausible, w)
	}
	return t, nil
}

// pec is the CRC-8 of SMBus: x⁸+x²+x+1, over every byte on the bus.
func pec(bytes ...byte) byte {
	var crc byte
	for _, b := range bytes {
		crc ^= b
		for range 8 {
			carry := crc & 0x80
			crc <<= 1
			if carry != 0 {
				crc ^= 0x07
			}
		}
	}
	return crc
}
