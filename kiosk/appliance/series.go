package appliance

import (
	"context"
	"crypto/sha256"
	"errors"

	"chot/kiosk/checkpoint"
	"chot/store/forward"
	"chot/store/wire"
)

// A code of a series has so many characters that the smallest screen shows it
// with four pixels a module and a common one with five, and a series so many
// codes that a round takes about a minute.
const (
	seriesSize = 500
	seriesMost = 80
)

// makeSeries makes codes of what waits here for somebody to carry it on.
func (h *hands) makeSeries(ctx context.Context) {
	h.taking = taking{whole: map[[sha256.Size]byte]bool{}}
	h.office.ask(func() checkpoint.Event {
		a := h.appliance
		s, err := forward.MakeSeries(ctx, a.journal, h.signer.key, h.signer.rand, a.config.spool(), h.signer.kiosk, seriesSize, seriesMost)
		if err != nil {
			h.log.Error("no series of codes", "error", err)
			return checkpoint.SeriesMade{Problem: "failed"}
		}
		return checkpoint.SeriesMade{Codes: s.Codes, Entries: s.Entries, More: s.More}
	})
}

// taking is what of a neighbour's series has been read. It belongs to the loop.
type taking struct {
	series wire.Series
	whole  map[[sha256.Size]byte]bool // which are in the spool: they are shown round and round
	so     checkpoint.CodeTaken
}

// take takes a code. What is whole goes to the spool: the forwarder brings a
// batch to the province, where it can, and believes a receipt if its signature
// holds.
func (t *taking) take(text, spool string) (answer []checkpoint.Event, err error) {
	data, err := t.series.Add(text)
	if errors.Is(err, wire.ErrNoCode) {
		return nil, nil
	}
	t.so.Problem = ""
	missing, of := t.series.Missing()
	t.so.Read, t.so.Of = of-missing, of
	if sum := sha256.Sum256(data); err == nil && data != nil && !t.whole[sum] {
		var receipt bool
		if receipt, err = forward.Accept(spool, data); err == nil {
			t.whole[sum] = true
			if receipt {
				t.so.Receipts++
			} else {
				t.so.Batches++
			}
		}
	}
	if err != nil {
		t.so.Problem = "failed"
	}
	return []checkpoint.Event{t.so}, err
}
