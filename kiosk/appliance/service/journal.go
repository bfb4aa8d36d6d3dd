package service

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"chot/kiosk/appliance/parts"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
	"chot/kiosk/record"
	"chot/store"
)

// appender is a [store.Journal].
type appender interface {
	Append(ctx context.Context, kind uint8, at time.Time, payload []byte) (store.Entry, error)
}

// saver is a [Memory].
type saver interface {
	Save(key string, value []byte) error
}

// How long a write may take before the kiosk says that the disk does not answer.
const stalledAfter = 4 * time.Second

// queueLength is longer than a checkpoint can fill while one write is under way.
const queueLength = 64

// JournalWriter makes durable what happens at the checkpoint, in the order in which
// it happened: values of the kiosk's memory and records of the journal. What must
// not happen before they are durable, a label above all, is queued behind them.
// The loop only queues: a disk that hangs holds up the writer alone, which says so.
type JournalWriter struct {
	journal appender
	memory  saver
	send    func(context.Context, checkpoint.Event)
	mark    parts.Mark
	log     *slog.Logger

	step   uint64        // counts the steps of the checkpoint; the loop's
	lost   uint64        // step of which something did not fit the queue; the loop's
	queue  chan work     // what the loop queued
	failed atomic.Uint64 // step of which something was not made durable

	mu    sync.Mutex
	under map[int]time.Time // since when writes are under way
	count int
}

// work is one thing to do, in its order.
type work struct {
	step   uint64
	do     func(ctx context.Context) error // makes something durable
	failed func(ctx context.Context)       // in its place, if something of its step is not durable
}

// NewJournalWriter makes a writer; nothing is written before it runs. It marks the
// journal as stalled or failed.
func NewJournalWriter(journal appender, memory saver, send func(context.Context, checkpoint.Event), mark parts.Mark, log *slog.Logger) *JournalWriter {
	return &JournalWriter{
		journal: journal, memory: memory, send: send, mark: mark, log: log,
		queue: make(chan work, queueLength), under: map[int]time.Time{},
	}
}

// Step begins another step of the checkpoint. It and the methods that queue are
// called by the loop alone.
func (w *JournalWriter) Step() { w.step++ }

// Save queues a value of the kiosk's memory. If it does not become durable, nothing
// else of the same step is done.
func (w *JournalWriter) Save(a checkpoint.Save) {
	if !w.put(func(context.Context) error { return w.memory.Save(a.Key, a.Value) }, func(context.Context) {}) {
		w.log.Error("memory: the disk does not keep up", "key", a.Key)
	}
}

// Keep queues a record; RecordKept or RecordFailed answers it.
func (w *JournalWriter) Keep(k checkpoint.Keep) []checkpoint.Event {
	kind := k.Record.Body.Kind()
	refused := checkpoint.RecordFailed{ID: k.ID, Problem: "journal"}
	queued := w.put(func(ctx context.Context) error {
		payload, err := record.Encode(k.Record.Body)
		if err == nil {
			var entry store.Entry
			if entry, err = w.Append(ctx, uint8(kind), k.Record.Time, payload); err == nil {
				w.log.Info("record kept", "number", entry.Number, "kind", uint8(kind))
				w.send(ctx, checkpoint.RecordKept{ID: k.ID})
				return nil
			}
		}
		w.log.Error("record not kept", "kind", uint8(kind), "error", err)
		if errors.Is(err, store.ErrFull) {
			w.send(ctx, checkpoint.RecordFailed{ID: k.ID, Problem: condition.DiskFull.Code})
		} else {
			w.send(ctx, refused)
		}
		return err
	}, func(ctx context.Context) { w.send(ctx, refused) })
	if !queued {
		return []checkpoint.Event{refused}
	}
	return nil
}

// Then does something once all that was queued before is durable. If something of
// the same step is not, or the disk does not keep up, the event is sent in its
// place.
func (w *JournalWriter) Then(do func() []checkpoint.Event, failed checkpoint.Event) []checkpoint.Event {
	queued := w.put(func(ctx context.Context) error {
		for _, e := range do() {
			w.send(ctx, e)
		}
		return nil
	}, func(ctx context.Context) { w.send(ctx, failed) })
	if !queued {
		return []checkpoint.Event{failed}
	}
	return nil
}

// put queues work, unless something of its step is lost already.
func (w *JournalWriter) put(do func(context.Context) error, failed func(context.Context)) bool {
	if w.step != 0 && w.lost == w.step {
		return false
	}
	select {
	case w.queue <- work{w.step, do, failed}:
		return true
	default:
		w.lost = w.step
		return false
	}
}

// Append writes an entry and notes how that goes: for records that others than the
// checkpoint make.
func (w *JournalWriter) Append(ctx context.Context, kind uint8, at time.Time, payload []byte) (store.Entry, error) {
	defer w.writing()()
	entry, err := w.journal.Append(context.WithoutCancel(ctx), kind, at, payload)
	switch {
	case err == nil:
		w.mark(ctx, checkpoint.PartJournal, condition.JournalFailed, false)
	case !errors.Is(err, store.ErrFull): // which is the disk's condition
		w.mark(ctx, checkpoint.PartJournal, condition.JournalFailed, true)
	}
	return entry, err
}

// writing notes a write that is under way, until the returned function is called.
func (w *JournalWriter) writing() (done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count++
	id := w.count
	w.under[id] = time.Now()
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.under, id)
	}
}

// Stalled is how long the longest write that is under way has taken; 0 if there is
// none.
func (w *JournalWriter) Stalled() (longest time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, since := range w.under {
		longest = max(longest, time.Since(since))
	}
	return longest
}

// Run writes until the context ends and the queue is empty: what was queued
// has happened, and is written down.
func (w *JournalWriter) Run(ctx context.Context) error {
	for {
		select {
		case next := <-w.queue:
			w.one(ctx, next)
		case <-ctx.Done():
			for {
				select {
				case next := <-w.queue:
					w.one(ctx, next)
				default:
					return nil
				}
			}
		}
	}
}

func (w *JournalWriter) one(ctx context.Context, next work) {
	if next.step != 0 && next.step == w.failed.Load() {
		next.failed(ctx)
		return
	}
	done := w.writing()
	err := next.do(ctx)
	done()
	if err != nil {
		w.failed.Store(next.step)
		w.log.Error("not made durable", "error", err)
		w.mark(ctx, checkpoint.PartJournal, condition.JournalFailed, !errors.Is(err, store.ErrFull))
	}
}

// Watch marks the journal while a write hangs, until the context ends.
func (w *JournalWriter) Watch(ctx context.Context) error {
	for pause.For(ctx, 250*time.Millisecond) {
		w.mark(ctx, checkpoint.PartJournal, condition.JournalStalled, w.Stalled() >= stalledAfter)
	}
	return nil
}
