package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
	"chot/kiosk/record"
	"chot/store"
)

// appender is a [store.Journal].
type appender interface {
	Append(ctx context.Context, kind uint8, at time.Time, payload []byte) (store.Entry, error)
}

// JournalWriter writes records to the journal in the order in which they happened,
// and tells the checkpoint when each is durable.
type JournalWriter struct {
	journal appender
	queue   chan checkpoint.Keep
	send    func(context.Context, checkpoint.Event)
	log     *slog.Logger
}

// NewJournalWriter makes a writer; nothing is written before it runs.
func NewJournalWriter(journal appender, send func(context.Context, checkpoint.Event), log *slog.Logger) *JournalWriter {
	return &JournalWriter{journal: journal, queue: make(chan checkpoint.Keep, 64), send: send, log: log}
}

// Keep queues a record. The queue is longer than a checkpoint can fill while
// one write is under way; where a disk hangs, the checkpoint is told so.
func (w *JournalWriter) Keep(k checkpoint.Keep) []checkpoint.Event {
	select {
	case w.queue <- k:
		return nil
	default:
		return []checkpoint.Event{checkpoint.RecordFailed{ID: k.ID, Problem: "journal"}}
	}
}

// Run writes until the context ends and the queue is empty: what was queued
// has happened, and is written down.
func (w *JournalWriter) Run(ctx context.Context) error {
	for {
		select {
		case k := <-w.queue:
			w.write(ctx, k)
		case <-ctx.Done():
			for {
				select {
				case k := <-w.queue:
					w.write(context.WithoutCancel(ctx), k)
				default:
					return nil
				}
			}
		}
	}
}

func (w *JournalWriter) write(ctx context.Context, k checkpoint.Keep) {
	kind := k.Record.Body.Kind()
	payload, err := record.Encode(k.Record.Body)
	if err == nil {
		var entry store.Entry
		if entry, err = w.journal.Append(context.WithoutCancel(ctx), uint8(kind), k.Record.Time, payload); err == nil {
			w.log.Info("record kept", "number", entry.Number, "kind", uint8(kind))
			w.send(ctx, checkpoint.RecordKept{ID: k.ID})
			return
		}
	}
	w.log.Error("record not kept", "kind", uint8(kind), "error", err)
	problem := "journal"
	if errors.Is(err, store.ErrFull) {
		problem = condition.DiskFull.Code
	}
	w.send(ctx, checkpoint.RecordFailed{ID: k.ID, Problem: problem})
}
