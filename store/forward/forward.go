package forward

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"chot/store"
	"chot/store/wire"
)

// Options are what a forwarder is handed. Journal, HTTP, URL, Key, Keys and Rand
// are required.
type Options struct {
	Journal *store.Journal
	HTTP    *http.Client // with the kiosk's certificate; HTTP/2
	URL     string       // of the province
	Key     crypto.Signer
	Keys    func() []*ecdsa.PublicKey // the province's receipt keys
	Rand    io.Reader
	Log     *slog.Logger // nil for none
	// KeysUntil is the end of the validity of the keys: no receipt raises the
	// journal's clock past it. Nil, and the zero time, where it is not known: then
	// none raises it at all.
	KeysUntil func() time.Time

	// MaxBytes is about the size of a batch in bytes; an entry waits no longer
	// than MaxAge for others to fill it. Zero for 96 KiB and 10 seconds.
	MaxBytes int
	MaxAge   time.Duration
	// Daily is the most bytes a day to spend on a metered link, by the kiosk's
	// clock in UTC. Zero for no limit.
	Daily int64
	// Ledger is a file that keeps what today cost over a restart; "" for none.
	Ledger string
	// Spool is a directory of batches that are carried for neighbours, as
	// [Export] writes them, and of receipts, as [Exchange] leaves them; "" for
	// none.
	Spool string
	// Erased encodes the proof that an erasure order was obeyed. Nil for the
	// order's own bytes under [KindErasure].
	Erased func(order *wire.Erasure, raw []byte) (kind uint8, payload []byte)
}

// KindErasure is the kind of the entries that prove an erasure.
const KindErasure uint8 = 12

// Health is how the forwarder does, for the technician's page.
type Health struct {
	Backlog     uint64    // entries without a receipt
	Oldest      time.Time // of the first of them; zero if none
	LastReceipt time.Time // when the last one was verified; zero if none yet
	Problem     Problem   // "" if the last attempt succeeded
	Text        string    // the problem in words
	Since       time.Time // of the first attempt that failed
	Spent       int64     // bytes today
}

// Problem says why entries wait, for programs.
type Problem string

// The problems.
const (
	Unreachable Problem = "unreachable" // no network, no answer, or not a province's answer
	Refused     Problem = "refused"     // the province refuses; a technician must look
	Forked      Problem = "forked"      // the province holds other entries: a cloned card?
	BadReceipt  Problem = "bad-receipt" // a receipt that does not hold
	OverBudget  Problem = "over-budget" // today's bytes are spent
	Broken      Problem = "broken"      // the journal cannot be read
)

// Forwarder sends a journal's entries and records the receipts.
type Forwarder struct {
	o      Options
	client *Client

	// What follows is Run's alone.
	next        map[store.ID]uint64 // first entry to send where it is not the first uncovered
	maxBytes    int
	budget      budget
	back        backoff
	ordersAsked time.Duration            // by the uptime, when orders were asked for; 0 before that
	refusedAt   map[string]time.Duration // neighbours' batches that were refused, and when

	mu     sync.Mutex
	health Health
}

// New returns a forwarder; Run makes it work.
func New(o Options) (*Forwarder, error) {
	if o.Journal == nil || o.HTTP == nil || o.URL == "" || o.Key == nil || o.Keys == nil || o.Rand == nil {
		return nil, errors.New("making a forwarder: the options lack a journal, a client, a URL, a key, receipt keys or randomness")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 96 << 10
	}
	if o.MaxAge == 0 {
		o.MaxAge = 10 * time.Second
	}
	if o.Erased == nil {
		o.Erased = func(_ *wire.Erasure, raw []byte) (uint8, []byte) { return KindErasure, raw }
	}
	spent, err := openBudget(o.Daily, o.Ledger)
	if err != nil {
		o.Log.Warn("what today cost before is not known", "error", err)
	}
	return &Forwarder{
		o: o, client: &Client{HTTP: o.HTTP, URL: o.URL}, next: map[store.ID]uint64{}, maxBytes: o.MaxBytes,
		budget: spent, back: backoff{random: o.Rand, min: minWait, max: maxWait},
		refusedAt: map[string]time.Duration{},
	}, nil
}

func (f *Forwarder) keysUntil() time.Time {
	if f.o.KeysUntil == nil {
		return time.Time{}
	}
	return f.o.KeysUntil()
}

// Health returns how the forwarder does.
func (f *Forwarder) Health() Health {
	f.mu.Lock()
	h := f.health
	f.mu.Unlock()
	if st, err := f.o.Journal.Status(); err == nil {
		h.Backlog, h.Oldest = st.Backlog(), st.Oldest
	}
	return h
}

// pollInterval is how often Run looks for entries that wait, at most.
const pollInterval = time.Second

// Run forwards until ctx ends, and returns its error.
func (f *Forwarder) Run(ctx context.Context) error {
	for {
		more, err := f.step(ctx)
		wait := min(pollInterval, f.o.MaxAge)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			wait = f.back.next(err)
			f.failed(err, wait)
		default:
			f.back.reset()
			f.worked()
			if more {
				continue
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// step sends one batch where one is due, and reports whether another may be.
func (f *Forwarder) step(ctx context.Context) (more bool, err error) {
	if err := f.collectReceipts(ctx); err != nil {
		return false, err
	}
	if err := f.budget.check(f.o.Journal.Now()); err != nil {
		return false, err
	}
	run, full, err := f.due(ctx)
	if err != nil {
		return false, err
	}
	if len(run.Entries) > 0 {
		return full, f.send(ctx, run)
	}
	if sent, err := f.relay(ctx); sent || err != nil {
		return sent, err
	}
	return false, f.runErasures(ctx)
}

// due returns the next entries to send, none where none is due: a full batch, or
// entries of which the first has waited long enough.
func (f *Forwarder) due(ctx context.Context) (run store.Run, full bool, err error) {
	st, err := f.o.Journal.Status()
	if err != nil {
		return run, false, broken(err)
	}
	for _, c := range st.Chains() {
		from := max(f.next[c.Journal], c.Base.Number+1)
		if f.next[c.Journal] == 0 {
			from = c.Covered.Number + 1
		}
		if from > c.Head.Number {
			continue
		}
		run, err = f.o.Journal.Batch(ctx, c.Journal, from, f.maxBytes)
		if err != nil {
			return run, false, broken(err)
		}
		if len(run.Entries) == 0 {
			continue
		}
		if asked := f.next[c.Journal]; asked > 0 && asked < from {
			run.Lost += from - asked // what the province lacks was purged here
		}
		last := run.Entries[len(run.Entries)-1]
		full = last.Number < c.Head.Number
		// An entry of the future is of a clock that has been set right since.
		if age := f.o.Journal.Now().Sub(run.Entries[0].Time); !full && age >= 0 && age < f.o.MaxAge {
			return store.Run{}, false, nil
		}
		return run, full, nil
	}
	return store.Run{}, false, nil
}

// send sends a run and records the receipt.
func (f *Forwarder) send(ctx context.Context, run store.Run) error {
	b := &wire.Batch{
		Kiosk: run.Kiosk, Journal: run.Journal, Lost: run.Lost,
		Made: f.o.Journal.Now(), Entries: run.Entries,
	}
	data, err := b.Encode(f.o.Key, f.o.Rand)
	if err != nil {
		return broken(err)
	}
	receipt, a, err := f.client.post(ctx, data)
	f.spend(a.bytes)
	if err != nil {
		return f.refused(ctx, run, err)
	}
	if err := cover(ctx, f.o.Journal, f.o.Keys(), f.keysUntil(), receipt, a.body); err != nil {
		return err
	}
	if receipt.Kiosk != run.Kiosk || receipt.Journal != run.Journal || receipt.Held.Number < run.Entries[0].Number {
		return &problemError{BadReceipt, errors.New("the province answered with a receipt for something else")}
	}
	f.next[run.Journal] = receipt.Held.Number + 1
	f.mu.Lock()
	defer f.mu.Unlock()
	f.health.LastReceipt = f.o.Journal.Now()
	return nil
}

// cover verifies a receipt and records it.
func cover(ctx context.Context, j *store.Journal, keys []*ecdsa.PublicKey, until time.Time, r *wire.Receipt, raw []byte) error {
	st, err := j.Status()
	if err != nil {
		return broken(err)
	}
	if r.Kiosk != st.Kiosk {
		return &problemError{BadReceipt, fmt.Errorf("a receipt for kiosk %q came to %q", r.Kiosk, st.Kiosk)}
	}
	if err := r.Verify(keys); err != nil {
		return &problemError{BadReceipt, err}
	}
	err = j.Cover(ctx, r.Journal, r.Held, r.Time, until, raw)
	switch {
	case errors.Is(err, store.ErrFork), errors.Is(err, store.ErrAhead):
		return &problemError{Forked, err}
	case errors.Is(err, store.ErrUnknown):
		return &problemError{BadReceipt, err}
	}
	return err
}

// refused learns from the province's answer what to send next.
func (f *Forwarder) refused(ctx context.Context, run store.Run, err error) error {
	var e *wire.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case wire.Gap, wire.None:
		st, serr := f.o.Journal.Status()
		if serr != nil {
			return broken(serr)
		}
		for _, c := range st.Chains() {
			if c.Journal == run.Journal && e.Have.Number > c.Head.Number {
				return &problemError{Forked, fmt.Errorf("the province holds entry %d, this kiosk has written %d", e.Have.Number, c.Head.Number)}
			}
		}
		if e.Have.Number+1 == f.next[run.Journal] {
			return err // it was done so already: wait
		}
		f.next[run.Journal] = e.Have.Number + 1
		return nil
	case wire.TooLarge:
		if len(run.Entries) == 1 {
			return &problemError{Refused, err}
		}
		f.maxBytes = max(f.maxBytes/2, 1024)
		return nil
	case wire.Fork:
		return &problemError{Forked, err}
	case wire.Malformed, wire.BadSignature, wire.Unknown, wire.Revoked:
		return &problemError{Refused, err}
	}
	return err
}

func (f *Forwarder) spend(bytes int64) {
	if err := f.budget.spend(f.o.Journal.Now(), bytes); err != nil {
		f.o.Log.Warn("a restart would forget what today cost", "error", err)
	}
}

// erasureInterval is how often erasure orders are asked for.
const erasureInterval = time.Hour

// askClock asks for the province's statement about the kiosk's clock and obeys it.
// That the province has none, or does not know of them, is no trouble.
func (f *Forwarder) askClock(ctx context.Context, kiosk string) {
	raw, a, err := f.client.clock(ctx, kiosk)
	f.spend(a.bytes)
	if err != nil {
		f.o.Log.Debug("no statement about the clock", "error", err)
		return
	}
	if _, err := setClock(ctx, f.o.Journal, f.o.Keys(), kiosk, raw); err != nil {
		f.o.Log.Warn("a statement about the clock is not obeyed", "error", err)
	}
}

// setClock obeys a statement about the kiosk's clock, if the province signed it
// and it is newer than the last one, and reports whether it was.
func setClock(ctx context.Context, j *store.Journal, keys []*ecdsa.PublicKey, kiosk string, raw []byte) (obeyed bool, err error) {
	c, err := wire.DecodeClock(raw)
	if err != nil {
		return false, err
	}
	if c.Kiosk != kiosk {
		return false, fmt.Errorf("the statement is about the clock of kiosk %q", c.Kiosk)
	}
	if err := c.Verify(keys); err != nil {
		return false, err
	}
	err = j.SetFloor(ctx, c.Serial, c.Time)
	if errors.Is(err, store.ErrOldStatement) {
		return false, nil
	}
	return err == nil, err
}

// runErasures asks for erasure orders and carries them out.
func (f *Forwarder) runErasures(ctx context.Context) error {
	now := f.o.Journal.Uptime()
	if f.ordersAsked != 0 && now-f.ordersAsked < erasureInterval {
		return nil
	}
	st, err := f.o.Journal.Status()
	if err != nil {
		return broken(err)
	}
	orders, a, err := f.client.erasures(ctx, st.Kiosk)
	f.spend(a.bytes)
	if err != nil {
		return err
	}
	f.ordersAsked = now
	f.askClock(ctx, st.Kiosk)
	for _, raw := range orders {
		order, err := wire.DecodeErasure(raw)
		if err == nil {
			err = order.Verify(f.o.Keys())
		}
		if err != nil || order.Kiosk != st.Kiosk {
			f.o.Log.Warn("an erasure order does not hold", "error", err)
			continue
		}
		kind, proof := f.o.Erased(order, raw)
		if err := f.o.Journal.Erase(ctx, order.Journal, order.Numbers, kind, f.o.Journal.Now(), proof); err != nil {
			f.o.Log.Error("an erasure order could not be obeyed", "error", err)
		}
	}
	return nil
}
