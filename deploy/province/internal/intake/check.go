package intake

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"

	"chot/deploy/province/internal/db"
	"chot/store/wire"
)

// decode reads the batch. Its error is of the protocol already.
func (in *Intake) decode(_ context.Context, d *delivery) (err error) {
	d.batch, err = wire.DecodeBatch(d.data)
	return err
}

// check finds the kiosk that the batch names, which must be admitted and have
// signed it.
func (in *Intake) check(ctx context.Context, d *delivery) error {
	d.author = d.carrier.Kiosk
	// A kiosk usually brings its own, signed with the key that it has just shown:
	// nothing needs to be looked up.
	if d.batch.Kiosk != d.author.ID || d.batch.Verify(d.carrier.Key) != nil {
		var err error
		if d.author, err = in.author(ctx, d.batch); err != nil {
			return err
		}
	}
	d.author.Seen = db.At(in.Now())
	d.author.Clock = d.batch.Made.Sub(d.author.Seen.Time).Milliseconds()
	return nil
}

// author looks up the kiosk that a batch names and checks its signature.
func (in *Intake) author(ctx context.Context, batch *wire.Batch) (db.Kiosk, error) {
	kiosk := db.Kiosk{ID: batch.Kiosk}
	err := in.DB.NewSelect().Model(&kiosk).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return db.Kiosk{}, &wire.Error{Code: wire.Unknown, Text: "no kiosk of that name is enrolled"}
	}
	if err != nil {
		return kiosk, fmt.Errorf("looking up kiosk %s: %w", kiosk.ID, err)
	}
	if !kiosk.Revoked.IsZero() {
		return kiosk, &wire.Error{Code: wire.Revoked, Text: "the kiosk was revoked"}
	}
	var certificates []db.Certificate
	err = in.DB.NewSelect().Model(&certificates).Column("public").
		Where("kiosk = ? AND revoked = 0", kiosk.ID).OrderExpr("not_after DESC").Scan(ctx)
	if err != nil {
		return kiosk, fmt.Errorf("looking up the keys of kiosk %s: %w", kiosk.ID, err)
	}
	err = &wire.Error{Code: wire.BadSignature, Text: "the kiosk has no certificate"}
	for _, c := range certificates {
		public, parseErr := x509.ParsePKIXPublicKey(c.Public)
		if parseErr != nil {
			return kiosk, fmt.Errorf("reading a key of kiosk %s: %w", kiosk.ID, parseErr)
		}
		key, _ := public.(*ecdsa.PublicKey) // nil, which verifies nothing, for another kind
		if err = batch.Verify(key); err == nil {
			break
		}
	}
	return kiosk, err
}

// switched says whether the batch is of another journal than the kiosk's last one
// and made after it, and notes that: a kiosk begins a journal when its card is new
// or was repaired, and never returns to the one before. One that does has a twin.
func (in *Intake) switched(ctx context.Context, d *delivery) {
	last := d.author.Journal
	if last == nil || bytes.Equal(last, d.journal.ID) || !d.batch.Made.After(d.author.BatchMade.Time) {
		return
	}
	if d.journal.Number > 0 {
		in.incident(ctx, d.author, "clone", "the kiosk went on with a journal that it had left for another: two cards bear its name")
		return
	}
	in.incident(ctx, d.author, "journal", "the kiosk began another journal: its card is new, was repaired, or was copied")
}
