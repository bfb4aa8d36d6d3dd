package forward

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"chot/store/wire"
)

// A kiosk's spool is a directory where others leave what its forwarder is to
// carry: batches of neighbours, for which receipts come in their place, and
// receipts for itself.

// Exchanged is what a stick and a spool gave each other.
type Exchanged struct {
	Batches  int // of neighbours, from the stick to the spool
	Receipts int // for this kiosk, from the stick to the spool
	Returned int // receipts for neighbours, from the spool to the stick
}

// Exchange copies between a stick and a kiosk's spool: batches of neighbours and
// receipts for the kiosk itself go in, receipts for neighbours come out. A file
// that cannot be read is passed over and reported.
func Exchange(stick, spool, kiosk string) (done Exchanged, err error) {
	var failed []error
	each := func(from, to, suffix string, count *int, wanted func(data []byte) (name string, ok bool, err error)) {
		names, err := names(from, suffix)
		if err != nil {
			failed = append(failed, err)
		}
		for _, name := range names {
			data, err := readFile(filepath.Join(from, name))
			if err == nil {
				var as string
				var ok bool
				if as, ok, err = wanted(data); err == nil && ok {
					if err = writeFile(to, as, data); err == nil {
						*count++
					}
				}
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	receipt := func(own bool) func([]byte) (string, bool, error) {
		return func(data []byte) (string, bool, error) {
			r, err := wire.DecodeReceipt(data)
			if err != nil {
				return "", false, err
			}
			return baseName(r.Kiosk, r.Journal) + receiptSuffix, (r.Kiosk == kiosk) == own, nil
		}
	}
	each(stick, spool, batchSuffix, &done.Batches, func(data []byte) (string, bool, error) {
		b, err := wire.DecodeBatch(data)
		if err != nil {
			return "", false, err
		}
		return batchName(b), b.Kiosk != kiosk, nil
	})
	each(stick, spool, receiptSuffix, &done.Receipts, receipt(true))
	each(spool, stick, receiptSuffix, &done.Returned, receipt(false))
	if err := errors.Join(failed...); err != nil {
		return done, fmt.Errorf("exchanging between %s and %s: %w", stick, spool, err)
	}
	return done, nil
}

// collectReceipts records the receipts for this kiosk that were left in the spool.
func (f *Forwarder) collectReceipts(ctx context.Context) error {
	if f.o.Spool == "" {
		return nil
	}
	names, err := names(f.o.Spool, receiptSuffix)
	if err != nil {
		return broken(err)
	}
	st, err := f.o.Journal.Status()
	if err != nil {
		return broken(err)
	}
	for _, name := range names {
		path := filepath.Join(f.o.Spool, name)
		raw, err := readFile(path)
		if err != nil {
			return broken(err)
		}
		r, err := wire.DecodeReceipt(raw)
		if err == nil && r.Kiosk != st.Kiosk {
			continue // a neighbour's, which waits for the stick
		}
		if err == nil {
			err = cover(ctx, f.o.Journal, f.o.Keys(), f.keysUntil(), r, raw)
		}
		if err != nil {
			f.o.Log.Warn("a receipt in the spool does not hold", "file", name, "error", err)
		}
		if err := os.Remove(path); err != nil {
			return broken(err)
		}
	}
	return nil
}

// relay sends one batch of the spool, and reports whether it did.
func (f *Forwarder) relay(ctx context.Context) (sent bool, err error) {
	if f.o.Spool == "" {
		return false, nil
	}
	names, err := names(f.o.Spool, batchSuffix)
	if err != nil {
		return false, broken(err)
	}
	now := f.o.Journal.Uptime()
	for _, name := range names {
		if at, ok := f.refusedAt[name]; ok && now-at < erasureInterval {
			continue
		}
		n, err := deliver(ctx, f.client, f.o.Spool, name)
		f.spend(n)
		refused := (*wire.Error)(nil)
		switch {
		case err == nil:
			clear(f.refusedAt) // what is missing may be there now
			return true, nil
		case errors.As(err, &refused) && refused.Status() < 500 && refused.Code != wire.Busy:
			// It will be refused again: an earlier batch is missing, or it is no
			// good. It stays, holds up no other, and is tried again later.
			f.refusedAt[name] = now
			f.o.Log.Warn("a neighbour's batch is refused", "file", name, "error", err)
		default:
			return false, err
		}
	}
	return false, nil
}
