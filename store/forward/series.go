package forward

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"path/filepath"

	"chot/store/wire"
)

// seriesBatch is about how many bytes a batch has that leaves as codes: few
// enough codes that none is waited for long when it was missed.
const seriesBatch = 8 << 10

// Series is what a kiosk shows to another one as codes.
type Series struct {
	Codes   []string // of all batches and receipts, in the order to show them in
	Entries int      // that are in them
	More    bool     // entries wait that are not in them
}

// MakeSeries makes codes of the entries that wait for a receipt, and of the
// receipts in a spool that are for others than the kiosk whose spool it is: at
// most limit codes, each of size characters.
func MakeSeries(ctx context.Context, from Source, key crypto.Signer, random io.Reader, spool, kiosk string, size, limit int) (s Series, err error) {
	receipts, err := foreignReceipts(spool, kiosk)
	if err != nil {
		return s, fmt.Errorf("making codes of receipts: %w", err)
	}
	for _, raw := range receipts {
		codes, err := wire.Codes(raw, size)
		if err != nil {
			return s, err
		}
		if len(s.Codes)+len(codes) <= limit/2 {
			s.Codes = append(s.Codes, codes...)
		}
	}
	for data, err := range Batches(ctx, from, key, random, seriesBatch) {
		var codes []string
		var b *wire.Batch
		if err == nil {
			codes, err = wire.Codes(data, size)
		}
		if err == nil {
			b, err = wire.DecodeBatch(data)
		}
		if err != nil {
			return s, fmt.Errorf("making codes of the backlog: %w", err)
		}
		if s.More = len(s.Codes)+len(codes) > limit; s.More {
			break
		}
		s.Codes, s.Entries = append(s.Codes, codes...), s.Entries+len(b.Entries)
	}
	return s, nil
}

// foreignReceipts are the receipts in a spool that wait to be handed on.
func foreignReceipts(spool, kiosk string) (all [][]byte, err error) {
	names, err := names(spool, receiptSuffix)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		raw, err := readFile(filepath.Join(spool, name))
		if err != nil {
			return nil, err
		}
		if r, err := wire.DecodeReceipt(raw); err == nil && r.Kiosk != kiosk {
			all = append(all, raw)
		}
	}
	return all, nil
}
