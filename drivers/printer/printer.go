package printer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Printer is one printer. Its methods may be called from any goroutine; jobs
// are printed one after the other.
type Printer struct {
	name     string
	usb      bool
	native   bool
	mute     bool     // a file: nothing is asked, or the questions would stand in it
	language language // nil until a USB printer has said which
	dial     func(context.Context) (conn, error)
	times    times

	mu      sync.Mutex // held by what talks to the printer
	unsent  int        // what a job that broke off still owes the printer, -1 for none
	broken  bool       // the last job broke off
	answers bool       // it has answered a question before

	names  sync.Mutex
	model  deviceID
	halted bool
	cancel map[*context.CancelFunc]bool
}

// times are how long a printer is waited for.
type times struct {
	answer time.Duration // for an answer that comes at once
	write  time.Duration // for the printer to take another block
	finish time.Duration // for a job to come out
	pause  time.Duration // between two questions
}

var usualTimes = times{answer: time.Second, write: 10 * time.Second, finish: 20 * time.Second, pause: 100 * time.Millisecond}

// NotPrinted is the error of a job that is not, or not surely, on paper.
type NotPrinted struct {
	Status Status // what the printer said
	// Maybe is set where the job was handed over whole and nothing is known of
	// it since: a person must look before it is printed again.
	Maybe bool
	Err   error // why, nil where the status says all
}

func (e *NotPrinted) Error() string {
	what := "not printed"
	if e.Maybe {
		what = "perhaps not printed, look before printing again"
	}
	if e.Err == nil {
		return what + ": the printer is " + e.Status.String()
	}
	return what + ": " + e.Err.Error()
}

// Unwrap returns why.
func (e *NotPrinted) Unwrap() error { return e.Err }

// Problem is a code for what a person has to mend, as [Status.Problem];
// "offline" where the printer could not be reached.
func (e *NotPrinted) Problem() string {
	if p := e.Status.Problem(); p != "" {
		return p
	}
	return "offline"
}

// errHalted is what a printer says after Halt.
var errHalted = errors.New("the printer was halted")

// String names the printer as it names itself, and where it is.
func (p *Printer) String() string {
	p.names.Lock()
	defer p.names.Unlock()
	if model := p.model.String(); model != "" {
		return model + " at " + p.name
	}
	return p.name
}

// Print prints copies of a page once, or returns a *[NotPrinted] that says why
// it did not.
func (p *Printer) Print(ctx context.Context, page *Page, copies int) error {
	return p.with(ctx, func(c conn) error {
		return p.print(ctx, c, p.language.encode(page, EncodeOptions{Copies: copies, NativeCodes: p.native}))
	})
}

// Status asks the printer. An error says that it could not be reached; the
// status is then Offline.
func (p *Printer) Status(ctx context.Context) (Status, error) {
	status := Offline
	err := p.with(ctx, func(c conn) error {
		if err := p.recover(c); err != nil {
			return err
		}
		s, err := p.ask(c)
		if err != nil {
			return err
		}
		status = s
		return nil
	})
	return status, err
}

// Halt ends what is under way; later calls fail.
func (p *Printer) Halt() error {
	p.names.Lock()
	p.halted = true
	for cancel := range p.cancel {
		(*cancel)()
	}
	p.names.Unlock()
	p.mu.Lock() // until the last has left
	defer p.mu.Unlock()
	return nil
}

// with connects, calls f, and disconnects. A connection that lived longer
// would only be one more thing to lose when the plug is pulled.
func (p *Printer) with(ctx context.Context, f func(conn) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.names.Lock()
	if p.halted {
		p.names.Unlock()
		return errHalted
	}
	if p.cancel == nil {
		p.cancel = map[*context.CancelFunc]bool{}
	}
	p.cancel[&cancel] = true
	p.names.Unlock()
	defer func() {
		p.names.Lock()
		delete(p.cancel, &cancel)
		p.names.Unlock()
	}()

	p.mu.Lock()
	defer p.mu.Unlock()
	if err := context.Cause(ctx); err != nil {
		return &NotPrinted{Err: err}
	}
	c, err := p.dial(ctx)
	if err != nil {
		return &NotPrinted{Status: Offline, Err: fmt.Errorf("connecting to %s: %w", p.name, err)}
	}
	defer c.Close()
	guarded := &guard{conn: c, ctx: ctx}
	stop := context.AfterFunc(ctx, guarded.interrupt)
	defer stop()
	if err := p.identify(c); err != nil {
		return err
	}
	return f(guarded)
}

// identify learns what a USB printer says of itself.
func (p *Printer) identify(c conn) error {
	f, ok := c.(fileConn)
	if ok {
		if id := f.id(); id != nil {
			p.names.Lock()
			p.model = id
			p.names.Unlock()
			if p.language == nil {
				if l, known := id.language(); known {
					p.language = l.speaks
				}
			}
		}
	}
	if p.language == nil {
		return fmt.Errorf("%s does not say which language it speaks: set the option language", p.name)
	}
	return nil
}

// print sends a job between two looks at the printer.
func (p *Printer) print(ctx context.Context, c conn, data []byte) error {
	if err := p.recover(c); err != nil {
		return &NotPrinted{Status: Offline, Err: err}
	}
	before, err := p.ask(c)
	if err != nil {
		return &NotPrinted{Status: Offline, Err: err}
	}
	if !before.Ready() {
		return &NotPrinted{Status: before}
	}
	sent, err := p.write(c, data)
	if err != nil {
		p.broken, p.unsent = true, len(data)-sent
		return &NotPrinted{Status: Offline, Err: fmt.Errorf("after %d of %d bytes: %w", sent, len(data), err)}
	}
	if before&Unanswered != 0 {
		return nil // it took the job, and will never say more
	}
	return p.confirm(ctx, c)
}

// confirm waits for the job to come out, and takes it back where it cannot.
func (p *Printer) confirm(ctx context.Context, c conn) error {
	_ = c.SetDeadline(time.Now().Add(p.times.finish))
	if err := p.language.settled(c); err != nil && !errors.Is(err, errNoAnswer) {
		return &NotPrinted{Status: Offline, Maybe: true, Err: err}
	}
	idle := 0
	for end := time.Now().Add(p.times.finish); ; {
		s, err := p.ask(c)
		switch {
		case err != nil:
			return &NotPrinted{Status: Offline, Maybe: true, Err: err}
		case s&Unanswered != 0:
			return &NotPrinted{Status: Offline, Maybe: true, Err: errNoAnswer}
		case !s.Ready():
			if _, err := p.write(c, p.language.abort()); err != nil {
				return &NotPrinted{Status: s, Maybe: true, Err: fmt.Errorf("taking the job back: %w", err)}
			}
			return &NotPrinted{Status: s}
		case s&Busy == 0:
			// Twice, because some printers fall silent between reading a job
			// and starting it.
			if idle++; idle == 2 {
				return nil
			}
		default:
			idle = 0
		}
		if time.Now().After(end) {
			return &NotPrinted{Status: s, Maybe: true, Err: fmt.Errorf("still busy after %v", p.times.finish)}
		}
		select {
		case <-ctx.Done():
			return &NotPrinted{Status: s, Maybe: true, Err: context.Cause(ctx)}
		case <-time.After(p.times.pause):
		}
	}
}

// ask returns the status; Unanswered where the printer takes the question and
// says nothing, an error where it is gone.
func (p *Printer) ask(c conn) (Status, error) {
	s := c.state()
	if p.mute {
		return s | Unanswered, nil
	}
	_ = c.SetDeadline(time.Now().Add(p.times.answer))
	said, err := p.language.ask(c)
	switch {
	case err == nil:
		p.answers = true
		return s | said, nil
	case errors.Is(err, errNoAnswer) && (errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, io.EOF)):
		if p.answers {
			return s, fmt.Errorf("it answered before: %w", err)
		}
		return s | Unanswered, nil
	}
	return s, err
}

// recover leads a printer out of a job that broke off.
func (p *Printer) recover(c conn) error {
	if !p.broken {
		return nil
	}
	if _, err := p.write(c, p.language.resync(p.unsent)); err != nil {
		return fmt.Errorf("clearing what is left of the last job: %w", err)
	}
	p.broken = false
	return nil
}

// write sends data in blocks, each of which the printer must take in time.
func (p *Printer) write(c conn, data []byte) (sent int, err error) {
	const block = 4096
	for sent < len(data) {
		_ = c.SetDeadline(time.Now().Add(p.times.write))
		n, err := c.Write(data[sent:min(sent+block, len(data))])
		sent += n
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				err = fmt.Errorf("the printer takes nothing for %v: %w", p.times.write, err)
			}
			return sent, explain(err)
		}
	}
	if err := c.flush(p.times.write); err != nil {
		return max(sent-block, 0), explain(err)
	}
	return sent, nil
}

// guard is a connection whose deadlines a context can overtake.
type guard struct {
	conn
	ctx context.Context
	mu  sync.Mutex
}

func (g *guard) SetDeadline(t time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ctx.Err() != nil {
		t = time.Unix(1, 0)
	}
	return g.conn.SetDeadline(t)
}

func (g *guard) interrupt() {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = g.conn.SetDeadline(time.Unix(1, 0))
}
