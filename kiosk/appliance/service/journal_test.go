package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"chot/kiosk/appliance/internal/heard"
	"chot/kiosk/appliance/parts"
	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
	"chot/store"
)

// disk is a journal and a memory that do what a test says.
type disk struct {
	hang    chan struct{} // writes wait for it
	fail    func(what string) error
	written []string
}

func (d *disk) write(what string) error {
	<-d.hang
	if d.fail != nil {
		if err := d.fail(what); err != nil {
			return err
		}
	}
	d.written = append(d.written, what)
	return nil
}

func (d *disk) Append(context.Context, uint8, time.Time, []byte) (store.Entry, error) {
	return store.Entry{}, d.write("record")
}
func (d *disk) Save(key string, _ []byte) error { return d.write(key) }

// writerOn is a writer on a disk that works, its tracker and what the checkpoint
// hears.
func writerOn(t *testing.T) (*JournalWriter, *disk, *heard.Events) {
	d, h := &disk{hang: make(chan struct{})}, new(heard.Events)
	close(d.hang)
	tracker := parts.NewTracker(h.Send, time.Now)
	w := NewJournalWriter(d, d, h.Send, tracker.Mark, quiet)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 2)
	go func() { ran <- w.Run(ctx) }()
	go func() { ran <- w.Watch(ctx) }()
	t.Cleanup(func() {
		stop()
		for range 2 {
			if err := <-ran; err != nil {
				t.Error(err)
			}
		}
	})
	return w, d, h
}

func visit(id int) checkpoint.Keep {
	return checkpoint.Keep{ID: id, Record: record.Record{Time: time.Now(), Body: record.Staff{Action: "test"}}}
}

// sent lists what the checkpoint hears, the journal's conditions as "[codes]".
func sent(h *heard.Events) (all []string) {
	for _, e := range h.All() {
		switch e := e.(type) {
		case checkpoint.DeviceChanged:
			codes := []string{}
			for _, c := range e.Conditions {
				codes = append(codes, c.Code)
			}
			all = append(all, fmt.Sprint(codes))
		case checkpoint.RecordKept:
			all = append(all, fmt.Sprint("kept ", e.ID))
		case checkpoint.RecordFailed:
			all = append(all, fmt.Sprint("failed ", e.ID, " ", e.Problem))
		case checkpoint.PrintFailed:
			all = append(all, fmt.Sprint("not printed ", e.ID))
		}
	}
	return all
}

// Nothing is printed before what it rests on is durable; what is queued keeps its
// order.
func TestNothingIsPrintedBeforeItIsDurable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, d, h := writerOn(t)
		d.hang = make(chan struct{})
		printed := false
		w.Step()
		w.Save(checkpoint.Save{Key: "tube", Value: []byte("7")})
		w.Keep(visit(1))
		if e := w.Then(func() []checkpoint.Event { printed = true; return nil }, checkpoint.PrintFailed{ID: 2}); e != nil {
			t.Errorf("answered %v", e)
		}
		time.Sleep(time.Second)
		if printed || len(sent(h)) != 0 {
			t.Fatalf("printed %v, told %v, before anything is durable", printed, sent(h))
		}
		close(d.hang)
		synctest.Wait()
		if !printed || !slices.Equal(d.written, []string{"tube", "record"}) || !slices.Equal(sent(h), []string{"kept 1"}) {
			t.Errorf("printed %v, wrote %v, told %v", printed, d.written, sent(h))
		}
	})
}

// What of one step does not become durable takes the rest of the step along, and
// nothing of the next.
func TestAFailedSaveStopsItsStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, d, h := writerOn(t)
		d.fail = func(what string) error {
			if what == "tube" {
				return errors.New("read-only file system")
			}
			return nil
		}
		w.Step()
		w.Save(checkpoint.Save{Key: "tube"})
		w.Keep(visit(1))
		w.Then(func() []checkpoint.Event { t.Error("it was printed"); return nil }, checkpoint.PrintFailed{ID: 2})
		synctest.Wait()
		w.Step()
		w.Keep(visit(3))
		synctest.Wait()
		want := []string{"[journal-failed]", "failed 1 journal", "not printed 2", "[]", "kept 3"}
		if got := sent(h); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

// A disk that hangs is said after four seconds, however much is queued, and is
// over with the next durable record.
func TestAHungDiskIsSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, d, h := writerOn(t)
		d.hang = make(chan struct{})
		refused := 0
		for id := range 100 {
			w.Step()
			refused += len(w.Keep(visit(id)))
		}
		if refused != 100-queueLength-1 && refused != 100-queueLength {
			t.Errorf("%d of 100 records were refused at once", refused)
		}
		time.Sleep(stalledAfter - time.Second)
		if got := sent(h); got != nil {
			t.Errorf("told %q too early", got)
		}
		time.Sleep(2 * time.Second)
		if got := sent(h); !slices.Equal(got, []string{"[journal-stalled]"}) || w.Stalled() < stalledAfter {
			t.Errorf("told %q, stalled for %s", got, w.Stalled())
		}
		close(d.hang)
		time.Sleep(time.Second)
		got := sent(h)
		if len(d.written) != 100-refused || w.Stalled() != 0 || !slices.Contains(got, "[]") {
			t.Errorf("%d written, %d refused, told %q", len(d.written), refused, got)
		}
	})
}

func TestAFullDiskIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, d, h := writerOn(t)
		d.fail = func(string) error { return fmt.Errorf("appending: %w", store.ErrFull) }
		w.Keep(visit(1))
		synctest.Wait()
		if got := sent(h); !slices.Equal(got, []string{"failed 1 disk-full"}) {
			t.Errorf("told %q", got)
		}
	})
}
