package appliance

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
	"chot/store"
)

// journal is what the scribe needs of the store.
type journal interface {
	Append(ctx context.Context, kind uint8, at time.Time, payload []byte) (store.Entry, error)
}

// scribe writes records to the journal in the order in which they happened, and
// tells the checkpoint when each is durable.
type scribe struct {
	journal journal
	queue   chan checkpoint.Keep
	send    func(context.Context, checkpoint.Event)
	log     *slog.Logger
}

// keep queues a record. The queue is longer than a checkpoint can fill while
// one write is under way; where a disk hangs, the checkpoint is told so.
func (s *scribe) keep(k checkpoint.Keep) []checkpoint.Event {
	select {
	case s.queue <- k:
		return nil
	default:
		return []checkpoint.Event{checkpoint.RecordFailed{ID: k.ID, Problem: "journal"}}
	}
}

// run writes until the context ends and the queue is empty: what was queued
// has happened, and is written down.
func (s *scribe) run(ctx context.Context) error {
	for {
		select {
		case k := <-s.queue:
			s.write(ctx, k)
		case <-ctx.Done():
			for {
				select {
				case k := <-s.queue:
					s.write(context.WithoutCancel(ctx), k)
				default:
					return nil
				}
			}
		}
	}
}

func (s *scribe) write(ctx context.Context, k checkpoint.Keep) {
	kind := k.Record.Body.Kind()
	payload, err := record.Encode(k.Record.Body)
	if err == nil {
		var entry store.Entry
		if entry, err = s.journal.Append(context.WithoutCancel(ctx), uint8(kind), k.Record.Time, payload); err == nil {
			s.log.Info("record kept", "number", entry.Number, "kind", uint8(kind))
			s.send(ctx, checkpoint.RecordKept{ID: k.ID})
			return
		}
	}
	s.log.Error("record not kept", "kind", uint8(kind), "error", err)
	problem := "journal"
	if errors.Is(err, store.ErrFull) {
		problem = "disk-full"
	}
	s.send(ctx, checkpoint.RecordFailed{ID: k.ID, Problem: problem})
}
