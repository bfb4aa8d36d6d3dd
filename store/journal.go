package store

import (
	"context"
	"crypto/hpke"
	"errors"
	"fmt"
	"io"
	"log/slog"
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

	// Uptime is the time since some moment by a clock that nobody can set. Nil
	// for the system's.
	Uptime func() time.Duration
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

	// All writing is done by one goroutine, which takes appends in groups and
	// everything else as functions.
	appends chan *appending
	errands chan *errand
	closing chan struct{}
	closed  chan struct{}
	close   sync.Once

	handle sync.RWMutex // guards db against being replaced while it is read
	db     *bbolt.DB
	state  atomic.Pointer[state] // as of the last commit; never changed in place
	clock  *clock
	sealer *sealer // nil until the first append of a segment
}

// Open opens the journal at path, or begins one where there is none. It reads
// only the journal's tail, whatever its size.
func Open(path string, o Options) (*Journal, error) {
	o, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("opening the journal %s: %w", path, err)
	}
	j := &Journal{
		path: path, o: o,
		appends: make(chan *appending, maxGroup), errands: make(chan *errand),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	if err := j.open(); err != nil {
		return nil, fmt.Errorf("opening the journal %s: %w", path, err)
	}
	j.clock = newClock(o, j.state.Load().High)
	go j.run()
	return j, nil
}

func (j *Journal) open() error {
	db, err := openFile(j.path, j.o)
	if err != nil {
		return err
	}
	s, err := loadState(db, j.o.Kiosk)
	if errors.Is(err, errNew) {
		s, err = j.begin(db)
	}
	if err == nil {
		err = checkTail(db, s)
	}
	if err != nil {
		return errors.Join(err, db.Close())
	}
	j.db = db
	j.state.Store(s)
	return nil
}

// begin writes the first state of a new journal.
func (j *Journal) begin(db *bbolt.DB) (*state, error) {
	s := &state{Kiosk: j.o.Kiosk}
	if _, err := io.ReadFull(j.o.Rand, s.Journal[:]); err != nil {
		return nil, fmt.Errorf("drawing the journal's name: %w", err)
	}
	s.Base.Hash = Genesis(s.Kiosk, s.Journal)
	s.Head, s.Covered = s.Base, s.Base
	return s, db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketEntries, bucketHashes} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return s.put(tx)
	})
}

// openFile opens the bbolt file, with settings that the journal relies on.
func openFile(path string, o Options) (*bbolt.DB, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:      time.Second,
		PageSize:     4096, // the same on all machines, whatever their pages
		FreelistType: bbolt.FreelistMapType,
		NoSync:       o.noSync,
		NoStatistics: true,
	})
	if err != nil {
		return nil, err
	}
	db.AllocSize = 1 << 20
	return db, nil
}

// Close waits for appends that have been taken and closes the file.
func (j *Journal) Close() error {
	var err error
	j.close.Do(func() {
		close(j.closing)
		<-j.closed
		j.handle.Lock()
		defer j.handle.Unlock()
		err = j.db.Close()
	})
	return err
}

// view runs a read-only transaction.
func (j *Journal) view(f func(*bbolt.Tx) error) error {
	j.handle.RLock()
	defer j.handle.RUnlock()
	return j.db.View(f)
}

// errand is work for the writing goroutine.
type errand struct {
	work func() error
	err  chan error
}

// do has the writing goroutine do the work, and waits for it.
func (j *Journal) do(ctx context.Context, work func() error) error {
	e := &errand{work, make(chan error, 1)}
	select {
	case j.errands <- e:
		return <-e.err
	case <-ctx.Done():
		return ctx.Err()
	case <-j.closing:
		return ErrClosed
	}
}

// run is the writing goroutine.
func (j *Journal) run() {
	defer close(j.closed)
	for {
		select {
		case a := <-j.appends:
			j.commit(j.group(a))
		case e := <-j.errands:
			e.err <- e.work()
		case <-j.closing:
			for {
				select {
				case a := <-j.appends:
					j.commit(j.group(a))
				default:
					return
				}
			}
		}
	}
}
