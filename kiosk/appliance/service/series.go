package service

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"

	"chot/kiosk/checkpoint"
	"chot/store"
	"chot/store/forward"
	"chot/store/wire"
)

// A code of a series has so many characters that the smallest screen shows it
// with four pixels a module and a common one with five, and a series so many
// codes that a round takes about a minute.
const (
	seriesCodeSize = 500
	seriesMaxCodes = 80
)

// SeriesOptions are what a [Series] needs.
type SeriesOptions struct {
	Kiosk      string // its name
	Journal    *store.Journal
	Key        *ecdsa.PrivateKey
	Rand       io.Reader
	Spool      string // folder of neighbours' batches
	Background Background
	Log        *slog.Logger
}

// Series carries the backlog from screen to camera, as a series of codes.
type Series struct {
	o      SeriesOptions
	taking taking
}

// NewSeries makes it.
func NewSeries(o SeriesOptions) *Series { return &Series{o: o, taking: newTaking()} }

// Make makes codes of what waits here for others to carry on, and begins to take
// a neighbour's. Make and Take are called from one goroutine.
func (s *Series) Make(ctx context.Context) {
	s.taking = newTaking()
	s.o.Background(func() checkpoint.Event {
		made, err := forward.MakeSeries(ctx, s.o.Journal, s.o.Key, s.o.Rand, s.o.Spool, s.o.Kiosk, seriesCodeSize, seriesMaxCodes)
		if err != nil {
			s.o.Log.Error("no series of codes", "error", err)
			return checkpoint.SeriesMade{Problem: "failed"}
		}
		return checkpoint.SeriesMade{Codes: made.Codes, Entries: made.Entries, More: made.More}
	})
}

// Take takes a code of a neighbour's series and returns how far it is; nothing
// for any other code.
func (s *Series) Take(text string) []checkpoint.Event {
	taken, err := s.taking.take(text, s.o.Spool)
	if err != nil {
		s.o.Log.Warn("a neighbour's series of codes", "error", err)
	}
	return taken
}

// taking is what of a neighbour's series has been read.
type taking struct {
	series wire.Series
	whole  map[[sha256.Size]byte]bool // which are in the spool: they are shown round and round
	state  checkpoint.CodeTaken
}

func newTaking() taking { return taking{whole: map[[sha256.Size]byte]bool{}} }

// take takes a code. What is whole goes to the spool: the forwarder brings a
// batch to the province, where it can, and believes a receipt if its signature
// holds.
func (t *taking) take(text, spool string) (answer []checkpoint.Event, err error) {
	data, err := t.series.Add(text)
	if errors.Is(err, wire.ErrNoCode) {
		return nil, nil
	}
	t.state.Problem = ""
	missing, of := t.series.Missing()
	t.state.Read, t.state.Of = of-missing, of
	if sum := sha256.Sum256(data); err == nil && data != nil && !t.whole[sum] {
		var receipt bool
		if receipt, err = forward.Accept(spool, data); err == nil {
			t.whole[sum] = true
			if receipt {
				t.state.Receipts++
			} else {
				t.state.Batches++
			}
		}
	}
	if err != nil {
		t.state.Problem = "failed"
	}
	return []checkpoint.Event{t.state}, err
}
