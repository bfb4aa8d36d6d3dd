package forward

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chot/store"
	"chot/store/wire"
)

// Batches and receipts travel as files in a directory: on a stick, or in the
// spool of a kiosk.
//
//	KIOSK_JOURNAL_FIRST.batch
//	KIOSK_JOURNAL.receipt
//	KIOSK.clock
const (
	batchSuffix   = ".batch"
	receiptSuffix = ".receipt"
	clockSuffix   = ".clock"
)

func baseName(kiosk string, journal store.ID) string {
	return fileName(kiosk) + "_" + journal.String()
}

// fileName is a kiosk's name without what a file's name cannot have.
func fileName(kiosk string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '/' || r == '\\' || r == ':' || r < ' ' {
			return '-'
		}
		return r
	}, kiosk)
}

// Source is what [Export] reads: a journal, or a look into the file of one that a
// kiosk has open.
type Source interface {
	Waiting(ctx context.Context, maxBytes int) iter.Seq2[store.Run, error]
	Now() time.Time
}

// Export writes the entries that wait for a receipt as batches into a directory
// and returns how many entries. They stay in the journal.
func Export(ctx context.Context, from Source, key crypto.Signer, random io.Reader, dir string) (entries int, err error) {
	for data, err := range Batches(ctx, from, key, random, wire.MaxBatch/2) {
		var b *wire.Batch
		if err == nil {
			b, err = wire.DecodeBatch(data)
		}
		if err == nil {
			err = writeFile(dir, batchName(b), data)
		}
		if err != nil {
			return entries, fmt.Errorf("exporting to %s: %w", dir, err)
		}
		entries += len(b.Entries)
	}
	return entries, nil
}

// Batches yields the entries that wait for a receipt as signed batches of about
// maxBytes. It ends with an error where they cannot be read.
func Batches(ctx context.Context, from Source, key crypto.Signer, random io.Reader, maxBytes int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for run, err := range from.Waiting(ctx, maxBytes) {
			var data []byte
			if err == nil {
				b := wire.Batch{Kiosk: run.Kiosk, Journal: run.Journal, Lost: run.Lost, Made: from.Now(), Entries: run.Entries}
				data, err = b.Encode(key, random)
			}
			if !yield(data, err) || err != nil {
				return
			}
		}
	}
}

func batchName(b *wire.Batch) string {
	return fmt.Sprintf("%s_%016d%s", baseName(b.Kiosk, b.Journal), b.Before().Number+1, batchSuffix)
}

// Accept takes a batch or a receipt that came some other way, as from a series of
// QR codes, into a directory.
func Accept(dir string, data []byte) (receipt bool, err error) {
	name := ""
	if b, berr := wire.DecodeBatch(data); berr == nil {
		name = batchName(b)
	} else if r, rerr := wire.DecodeReceipt(data); rerr == nil {
		name, receipt = baseName(r.Kiosk, r.Journal)+receiptSuffix, true
	} else {
		return false, fmt.Errorf("taking something else than a batch or a receipt: %w", berr)
	}
	if err := writeFile(dir, name, data); err != nil {
		return receipt, fmt.Errorf("taking %s into %s: %w", name, dir, err)
	}
	return receipt, nil
}

// Deliver sends the batches in a directory to the province. Each that a receipt
// answers is replaced by it; one that is refused stays, and the others are sent
// all the same.
func Deliver(ctx context.Context, c *Client, dir string) (batches int, err error) {
	names, err := names(dir, batchSuffix)
	if err != nil {
		return 0, fmt.Errorf("delivering from %s: %w", dir, err)
	}
	var failed []error
	for _, name := range names {
		if ctx.Err() != nil {
			return batches, ctx.Err()
		}
		if _, err := deliver(ctx, c, dir, name); err != nil {
			failed = append(failed, fmt.Errorf("delivering %s: %w", name, err))
			continue
		}
		batches++
	}
	return batches, errors.Join(failed...)
}

func deliver(ctx context.Context, c *Client, dir, name string) (bytes int64, err error) {
	data, err := readFile(filepath.Join(dir, name))
	if err != nil {
		return 0, err
	}
	r, a, err := c.post(ctx, data)
	if err != nil {
		return a.bytes, err
	}
	if err := writeFile(dir, baseName(r.Kiosk, r.Journal)+receiptSuffix, a.body); err != nil {
		return a.bytes, err
	}
	return a.bytes, os.Remove(filepath.Join(dir, name))
}

// Collect records the receipts in a directory that are for this journal and
// returns how many. The keys are the province's receipt keys, and until the end of
// their validity, as in [Options]. A statement of the province about the kiosk's
// clock is obeyed first. One that does not hold is passed over and reported.
func Collect(ctx context.Context, j *store.Journal, keys []*ecdsa.PublicKey, until time.Time, dir string) (receipts int, err error) {
	names, err := names(dir, receiptSuffix)
	if err != nil {
		return 0, fmt.Errorf("collecting receipts from %s: %w", dir, err)
	}
	st, err := j.Status()
	if err != nil {
		return 0, fmt.Errorf("collecting receipts from %s: %w", dir, err)
	}
	var failed []error
	if raw, err := readFile(filepath.Join(dir, fileName(st.Kiosk)+clockSuffix)); err == nil {
		if _, err := setClock(ctx, j, keys, st.Kiosk, raw); err != nil {
			failed = append(failed, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		failed = append(failed, err)
	}
	for _, name := range names {
		raw, err := readFile(filepath.Join(dir, name))
		if err != nil {
			failed = append(failed, err)
			continue
		}
		r, err := wire.DecodeReceipt(raw)
		if err == nil && r.Kiosk != st.Kiosk {
			continue // a neighbour's
		}
		if err == nil {
			err = cover(ctx, j, keys, until, r, raw)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
			continue
		}
		receipts++
	}
	return receipts, errors.Join(failed...)
}

func names(dir, suffix string) ([]string, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range files {
		if f.Type().IsRegular() && strings.HasSuffix(f.Name(), suffix) {
			all = append(all, f.Name())
		}
	}
	slices.Sort(all)
	return all, nil
}

// readFile reads a file that is no larger than a batch may be.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, wire.MaxBatch+1))
	if err == nil && len(data) > wire.MaxBatch {
		err = fmt.Errorf("%s is larger than a batch", path)
	}
	return data, err
}

// writeFile writes a file so that it is there whole or not at all, also on a stick that
// is pulled out.
func writeFile(dir, name string, data []byte) (err error) {
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	// Who carries it need not be who wrote it; what it holds is sealed.
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}
