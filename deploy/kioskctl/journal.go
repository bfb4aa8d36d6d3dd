package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"chot/kiosk/record"
	"chot/store"
)

type journalCmd struct {
	File    string `arg:"" help:"A kiosk's journal." placeholder:"FILE"`
	Entries bool   `help:"A line for each entry as well."`
}

// chainLine is what journal prints for each chain of a file: the present one
// last. Counts are of what is still kept.
type chainLine struct {
	Kiosk    string         `json:"kiosk"`
	Journal  string         `json:"journal"`
	Head     uint64         `json:"head"`    // number of the last entry
	Hash     string         `json:"hash"`    // of the last entry
	Covered  uint64         `json:"covered"` // the province has signed up to here
	Purged   uint64         `json:"purged"`  // nothing is kept up to here
	Waiting  uint64         `json:"waiting"` // entries without a receipt
	Entries  int            `json:"entries"`
	Kinds    map[string]int `json:"kinds"`
	Bytes    int            `json:"bytes"` // sealed
	First    time.Time      `json:"first,omitzero"`
	Last     time.Time      `json:"last,omitzero"`
	Verified bool           `json:"verified"` // every kept entry follows the one before
	Error    string         `json:"error,omitempty"`
}

type entryLine struct {
	Number uint64    `json:"number"`
	Time   time.Time `json:"time"`
	Kind   string    `json:"kind"`
	Bytes  int       `json:"bytes"`
	Erased bool      `json:"erased,omitempty"`
	Hash   string    `json:"hash"`
}

// Run looks into the journal without a key: numbers, times, kinds and sizes are
// in the clear, what was recorded is not.
func (c *journalCmd) Run(ctx context.Context, con *console) error {
	look, err := store.Inspect(c.File)
	if err != nil {
		return exit{2, err.Error()}
	}
	broken := 0
	for _, chain := range look.Chains {
		line := chainLine{
			Kiosk: look.Kiosk, Journal: chain.Journal.String(), Head: chain.Head.Number, Hash: chain.Head.Hash.String(),
			Covered: chain.Covered.Number, Purged: chain.Base.Number, Waiting: chain.Waiting(), Kinds: map[string]int{}, Verified: true,
		}
		for e, err := range look.Entries(chain.Journal) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				line.Verified, line.Error = false, err.Error()
				broken++
				break
			}
			if line.First.IsZero() {
				line.First = e.Time
			}
			line.Last = e.Time
			line.Entries++
			line.Kinds[kindName(e.Kind)]++
			line.Bytes += len(e.Sealed)
			if c.Entries {
				if err := con.print(entryLine{e.Number, e.Time, kindName(e.Kind), len(e.Sealed), e.Sealed == nil, e.Hash().String()}); err != nil {
					return err
				}
			}
		}
		if err := con.print(line); err != nil {
			return err
		}
	}
	if broken > 0 {
		return exit{2, fmt.Sprintf("%d of %d chains do not verify", broken, len(look.Chains))}
	}
	return nil
}

// kindName names a kind of entries for people.
func kindName(kind uint8) string {
	if kind == store.KindSegment {
		return "segment"
	}
	if name := record.Kind(kind).String(); name != "" {
		return name
	}
	return strconv.Itoa(int(kind))
}
