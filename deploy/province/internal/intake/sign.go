package intake

import (
	"context"

	"chot/deploy/province/internal/db"
	"chot/store"
	"chot/store/wire"
)

// sign makes the receipt for what is committed.
func (in *Intake) sign(_ context.Context, d *delivery) (err error) {
	d.receipt, err = in.receipt(d.journal)
	return err
}

// receipt depends on the journal's row alone, and the signature is deterministic
// (RFC 6979, by a nil source of randomness): asked again, any instance gives the
// same bytes.
func (in *Intake) receipt(j db.Journal) ([]byte, error) {
	r := wire.Receipt{Kiosk: j.Kiosk, Journal: store.ID(j.Journal), Held: position(j), Time: j.At.Time}
	return r.Encode(in.Signer, nil)
}

// Receipt returns the bytes of the latest receipt of a kiosk's journal.
func (in *Intake) Receipt(ctx context.Context, kiosk string, id store.ID) ([]byte, error) {
	journal, err := in.journal(ctx, kiosk, id)
	if err != nil {
		return nil, err
	}
	if journal.Number == 0 {
		return nil, &wire.Error{Code: wire.None, Text: "nothing of that journal is held"}
	}
	return in.receipt(journal)
}
