package panel

import (
	"errors"
	"fmt"
	"sync"
)

// lamp is the three colours.
type lamp struct {
	mu      sync.Mutex // held while the colour changes
	colours map[string]*output
}

// Light shows one colour, "green", "amber" or "red", or none with "". The
// others go off first: two colours are never on together.
func (p *Panel) Light(colour string) error {
	lit, known := p.lamp.colours[colour]
	if !known && colour != "" {
		return fmt.Errorf("panel: a lamp has no colour %q", colour)
	}
	p.lamp.mu.Lock()
	defer p.lamp.mu.Unlock()
	var err error
	for _, out := range p.lamp.colours {
		if out != lit {
			err = errors.Join(err, out.set(false))
		}
	}
	if lit != nil {
		err = errors.Join(err, lit.set(true))
	}
	return err
}
