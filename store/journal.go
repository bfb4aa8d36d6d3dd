package store

import (
	"context"
	"crypto/hpke"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// Options are what a journal is handed by its owner. Kiosk, SealKey, Clock and
// Rand are required.
type Options struct {
	Kiosk   string         // the name under which the kiosk is enrolled
	SealKey hpke.PublicKey // the province's, MLKEM768X25519
	Clock   func() time.Time
	Rand    io.Reader
	Log     *slog.Logger // nil for none

	// Uptime is the time since some moment by a clock that cannot be set.
	// Nil for the system's monotonic clock.
	Uptime func() time.Duration
	// MaxAhead is how long after the floor the system's clock may be and still be
	// plausible, see [Clock]. Zero for 366 days.
	MaxAhead time.Duration
	// Quality says how good the system's clock is, as [SystemClockQuality] does:
	// each change is recorded as an incident, and holds for the entries after it.
	// Nil if it is not to be recorded.
	Quality func() ClockQuality
	// Reserve is the room in bytes that is left on the file system: below it
	// Append refuses. Zero for 32 MiB.
	Reserve int64
	// Free returns the room in bytes on the file system that holds path. Nil
	// asks the system.
	Free func(path string) (int64, error)
	// Incident encodes what happened to the journal as an entry of the caller's.
	// Nil for [Incident.Encode] under [KindIncident].
	Incident func(Incident) (kind uint8, payload []byte)

	// noSync loses on a power cut what was acknowledged; it is the control that
	// shows that the tests of power cuts can fail.
	noSync bool
}

func (o Options) complete() (Options, error) {
	if o.Kiosk == "" || o.SealKey == nil || o.Clock == nil || o.Rand == nil {
		return o, errors.New("the options lack a kiosk's name, a seal key, a clock or randomness")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Uptime == nil {
		start := time.Now()
		o.Uptime = func() time.Duration { return time.Since(start) }
	}
	if o.Reserve == 0 {
		o.Reserve = 32 << 20
	}
	if o.MaxAhead == 0 {
		o.MaxAhead = defaultMaxAhead
	}
	if o.Free == nil {
		o.Free = freeBytes
	}
	if o.Incident == nil {
		o.Incident = func(i Incident) (uint8, []byte) { return KindIncident, i.Encode() }
	}
	return o, nil
}

// Journal is an open journal. It is safe for concurrent use; one process at a
// time can have it open.
type Journal struct {
	path string
	o    Options

	// writeLock is a mutex that can be waited for together with a context: the
	// channel holds one.
	writeLock chan struct{}
	// lockedAt is the uptime in nanoseconds, plus one, at which the holder of
	// writeLock got it; 0 while it is free.
	lockedAt atomic.Int64
	queue    *queue
	closed   chan struct{}
	ready    chan struct{} // closed when the structure has been checked
	close    sync.Once

	handle sync.RWMutex // guards db against being replaced while it is read
	db     *bbolt.DB
	state  atomic.Pointer[state] // as of the last commit; never changed in place
	clock  *clock
	upkeep sync.Mutex // held while earlier entries are changed or copied

	// What follows is guarded by writeLock.
	sealer       *sealer       // nil until the first append of a segment
	tail         *tail         // nil until it is needed
	roomSeen     time.Duration // by the uptime, when there was room on the disk; zero if there was none
	file         os.FileInfo   // of the file that db has open
	unsyncedName bool          // the file was renamed, and that may not be durable yet
	size         int64         // of the file as far as it is known
	syncFailed   bool          // a sync failed: what it was for may not be on the disk
	incidents    []Incident    // about the clock, to be recorded by the next commit
	handleLost   bool          // bbolt panicked: its locks may be held
}

// Open opens the journal at path, or creates it. It reads
// only the last entries; the structure of the rest is checked right after, before
// anything else is read or written. A damaged file is set aside
// beside it; what is left of it is recovered, what is lost is recorded, and the
// journal goes on. An error is therefore one of the options, of the path, or of a
// disk that cannot be written.
func Open(path string, o Options) (*Journal, error) {
	o, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("opening the journal %s: %w", path, err)
	}
	j := &Journal{
		path: path, o: o,
		writeLock: make(chan struct{}, 1), queue: newQueue(), closed: make(chan struct{}), ready: make(chan struct{}),
	}
	if err := j.open(); err != nil {
		if j.db != nil { // its lock must not keep the next attempt out
			err = errors.Join(err, guard(j.db.Close))
		}
		return nil, fmt.Errorf("opening the journal %s: %w", path, err)
	}
	j.writeLock <- struct{}{}
	j.lockedAt.Store(int64(o.Uptime()) + 1)
	go j.examine()
	return j, nil
}

func (j *Journal) open() error {
	err := j.load()
	switch {
	case errors.Is(err, os.ErrNotExist):
		err = j.begin()
	case errors.Is(err, errDamaged):
		j.db = nil // not closed: bbolt may wait for ever, and its lock is on the old file
		err = j.repair(err)
	}
	if err != nil {
		return err
	}
	j.clock = newClock(j.o, j.state.Load().clock)
	return nil
}

// load opens a file that is there.
func (j *Journal) load() error {
	if err := j.check(tailOnly); err != nil {
		return err
	}
	err := guard(func() (err error) {
		j.db, err = openFile(j.path, j.o.noSync)
		return err
	})
	if err != nil {
		return err
	}
	if j.file, err = os.Stat(j.path); err != nil {
		return errors.Join(err, j.db.Close())
	}
	err = j.view(func(tx *bbolt.Tx, s *state) error {
		if s.Kiosk != j.o.Kiosk {
			return errOtherKiosk(s.Kiosk, j.o.Kiosk)
		}
		j.state.Store(s)
		c := s.live()
		if c.Head == c.Base {
			return nil
		}
		return c.read(tx, c.Head.Number, func(Entry) bool { return true })
	})
	if err != nil && !errors.Is(err, errDamaged) {
		err = errors.Join(err, j.db.Close())
	}
	return err
}

// check looks at the file's structure.
func (j *Journal) check(far checkDepth) error {
	p, err := openBoltFile(j.path)
	if err != nil {
		return err
	}
	if err := errors.Join(p.check(far), p.Close()); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}

// checkAndRepair checks the file's structure and repairs the file where it is damaged.
func (j *Journal) checkAndRepair(far checkDepth) error {
	err := j.check(far)
	if errors.Is(err, errDamaged) {
		j.handleLost = true
		err = j.repair(err)
	}
	return err
}

func errOtherKiosk(is, want string) error {
	return fmt.Errorf("it is the journal of kiosk %q, not of %q", is, want)
}

// begin creates a new journal.
func (j *Journal) begin() error {
	s := &state{Kiosk: j.o.Kiosk}
	if err := s.begin(0, j.o.Rand); err != nil {
		return err
	}
	d, err := j.beginRewrite()
	if err != nil {
		return err
	}
	return j.adopt(d, s, nil)
}

// openFile opens a bbolt file, with settings that the journal relies on.
func openFile(path string, noSync bool) (*bbolt.DB, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:  lockTimeout,
		PageSize: pageSize, // the same on all machines, whatever their pages
		// The first free pages are taken first: the two that a commit writes lie
		// side by side.
		FreelistType: bbolt.FreelistArrayType,
		NoGrowSync:   true, // see preallocate
		NoSync:       noSync,
	})
	return db, explainLock(path, err)
}

// guard turns panics and memory faults, which bbolt answers damaged pages with,
// into errors that wrap errDamaged.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return f()
}

// Close writes the appends that wait and closes the file.
func (j *Journal) Close() error {
	var err error
	j.close.Do(func() {
		j.writeLock <- struct{}{} // for good
		j.lockedAt.Store(int64(j.o.Uptime()) + 1)
		defer j.lockedAt.Store(0)
		close(j.closed)
		for j.queue.close() {
			j.commit(j.queue.take())
		}
		err = j.restore()
		j.handle.Lock()
		defer j.handle.Unlock()
		err = errors.Join(err, guard(j.db.Close))
	})
	return err
}

// view runs a read-only transaction.
func (j *Journal) view(f func(*bbolt.Tx, *state) error) error {
	j.handle.RLock()
	defer j.handle.RUnlock()
	return guard(func() error {
		return j.db.View(func(tx *bbolt.Tx) error {
			s, err := stateOf(tx)
			if err != nil {
				return err
			}
			return f(tx, s)
		})
	})
}

// viewRepaired is view for callers: where the file proves to be damaged it is
// repaired and f is called again.
func (j *Journal) viewRepaired(ctx context.Context, f func(*bbolt.Tx, *state) error) error {
	select {
	case <-j.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	before := j.state.Load().live().place
	err := j.view(f)
	if !errors.Is(err, errDamaged) {
		return err
	}
	err = j.locked(ctx, func() error {
		if j.state.Load().live().place != before {
			return nil // another caller has repaired it
		}
		j.handleLost = true
		return j.repair(err)
	})
	if err != nil {
		return err
	}
	return j.view(f)
}

// locked calls work while it holds the write lock.
func (j *Journal) locked(ctx context.Context, work func() error) error {
	select {
	case j.writeLock <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-j.closed:
		return ErrClosed
	}
	defer j.unlock()
	j.lockedAt.Store(int64(j.o.Uptime()) + 1)
	return work()
}

// unlock gives the write lock back.
func (j *Journal) unlock() {
	j.lockedAt.Store(0)
	<-j.writeLock
}

// Writing is how long the write or upkeep under way has taken, by the uptime; 0
// while nothing is written. It neither waits nor touches the disk: it is for a watchdog,
// which tells a disk that hangs by it. A commit takes milliseconds and a step of
// upkeep tenths of a second; recovery of a damaged file takes as long as reading it.
func (j *Journal) Writing() time.Duration {
	at := j.lockedAt.Load()
	if at == 0 {
		return 0
	}
	return max(j.o.Uptime()-time.Duration(at-1), 1)
}

// examine holds the write lock from the start: Open has checked the tail alone, and
// the rest must be known to be intact before anything is read elsewhere or
// written.
func (j *Journal) examine() {
	defer j.unlock()
	if err := j.checkAndRepair(branches); err != nil {
		j.o.Log.Error("the journal could not be checked", "file", j.path, "error", err)
	}
	close(j.ready)
}
