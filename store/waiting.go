package store

import (
	"context"
	"crypto/sha256"
	"iter"
)

// Waiting yields the entries that no receipt covers as runs whose sealed payloads
// fit into maxBytes, the oldest chain first. It ends with an error where they
// cannot be read.
func (j *Journal) Waiting(ctx context.Context, maxBytes int) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		st, err := j.Status()
		if err != nil {
			yield(Run{}, err)
			return
		}
		for _, c := range st.Chains() {
			for from := c.Covered.Number + 1; from <= c.Head.Number; {
				run, err := j.Batch(ctx, c.Journal, from, maxBytes)
				if err == nil && len(run.Entries) == 0 {
					break // what is left of the chain is lost
				}
				if !yield(run, err) || err != nil {
					return
				}
				from = run.Entries[len(run.Entries)-1].Number + 1
			}
		}
	}
}

// Waiting is [Journal.Waiting] for a file that may be open elsewhere. Where the
// kiosk that has it open writes over what is being read it ends with an error,
// and succeeds a moment later.
func (i *Inspection) Waiting(ctx context.Context, maxBytes int) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		for _, c := range i.Chains {
			run, size, at := Run{Kiosk: i.Kiosk, Journal: c.Journal}, 0, c.Covered.Number
			for e, err := range i.Entries(c.Journal) {
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					yield(Run{}, err)
					return
				}
				if e.Number <= at {
					continue
				}
				more := max(len(e.Sealed), sha256.Size)
				if len(run.Entries) > 0 && (!follows(run.Entries[len(run.Entries)-1], e) || size+more > maxBytes) {
					if !yield(run, nil) {
						return
					}
					run, size = Run{Kiosk: i.Kiosk, Journal: c.Journal}, 0
				}
				if len(run.Entries) == 0 {
					run.Lost = e.Number - at - 1
				}
				run.Entries = append(run.Entries, e)
				size, at = size+more, e.Number
			}
			if len(run.Entries) > 0 && !yield(run, nil) {
				return
			}
		}
	}
}
