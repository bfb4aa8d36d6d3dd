// Package vaccine is vaccination: registrations as kiosks record them, doses and
// invitations as vaccination posts report them, and how far a person's vaccination is.
//
// A person is known here by the keyed hash of an identity document. What names
// the holder of a dose, and the certificate, are encrypted under a key of the
// register's own: they outlast the retention of what kiosks record, and go when
// the person is erased.
package vaccine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/uploads"
	"chot/kiosk/enquiry"
	"chot/kiosk/record"
)

// Desk keeps and serves vaccinations.
type Desk struct {
	DB       *bun.DB
	Vault    *datakeys.Keyring
	Registry *account.Registry
	Now      func() time.Time
}

// register names the key of what is imported: a day that no retention reaches.
const register db.Day = math.MaxInt32

// Holder is what is encrypted of a dose or an invitation.
type Holder struct {
	Person      record.Person `cbor:"1,keyasint"`
	Certificate string        `cbor:"2,keyasint,omitempty"`
}

func bodyData(document []byte, number int) []byte {
	return datakeys.AppendEntryData([]byte("dose"), document, int64(number))
}

// Open reads the holder of a dose, or with number 0 of an invitation.
func (d *Desk) Open(ctx context.Context, document []byte, number int, body []byte) (h Holder, err error) {
	plain, err := d.Vault.Open(ctx, register, body, bodyData(document, number))
	if err != nil {
		return h, fmt.Errorf("reading the holder of a dose: %w", err)
	}
	if err := cbor.Unmarshal(plain, &h); err != nil {
		return h, fmt.Errorf("reading the holder of a dose: %w", err)
	}
	return h, nil
}

// Kinds implements intake.Projector.
func (d *Desk) Kinds() []record.Kind { return []record.Kind{record.KindVaccination} }

// Project implements intake.Projector for registrations.
func (d *Desk) Project(ctx context.Context, tx bun.Tx, taken []intake.Taken) error {
	var rows []db.Registration
	for _, t := range taken {
		b, ok := t.Record.Body.(record.Vaccination)
		if !ok {
			continue
		}
		who, err := person.Seal(d.Vault, t, b.Person)
		if err != nil {
			return err
		}
		rows = append(rows, db.Registration{
			Origin: person.Origin(t), Number: b.Number, Group: b.Group, Doses: b.Doses, Wish: b.Wish, Sealed: who,
		})
	}
	return db.Insert(ctx, tx, rows)
}

// Forget implements person.Forgetter.
func (d *Desk) Forget(ctx context.Context, tx bun.Tx, entries []person.Key) error {
	for _, k := range entries {
		_, err := tx.NewDelete().Model((*db.Registration)(nil)).Where("journal = ? AND entry = ?", k.Journal, k.Number).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forgetting a registration: %w", err)
		}
	}
	return nil
}

// Erase implements person.Eraser: the doses and invitations of a person go on
// request alone.
func (d *Desk) Erase(ctx context.Context, tx bun.Tx, hashes [][]byte) (n int, err error) {
	for _, model := range []any{(*db.Dose)(nil), (*db.Invitation)(nil)} {
		done, err := tx.NewDelete().Model(model).Where("document IN (?)", bun.List(hashes)).Exec(ctx)
		if err != nil {
			return 0, fmt.Errorf("erasing a person's vaccinations: %w", err)
		}
		rows, err := done.RowsAffected()
		if err != nil {
			return 0, fmt.Errorf("erasing a person's vaccinations: %w", err)
		}
		n += int(rows)
	}
	listed, err := uploads.EraseWork(ctx, tx, "dose", hashes)
	return n + listed, err
}

// Status is what is known under a document's hash, and the holder as far as
// known.
func (d *Desk) Status(ctx context.Context, document []byte) (enquiry.Vaccination, record.Person, error) {
	found, who := enquiry.Vaccination{Doses: []enquiry.Dose{}}, record.Person{}
	var doses []db.Dose
	if err := d.DB.NewSelect().Model(&doses).Where("document = ?", document).Order("number").Scan(ctx); err != nil {
		return found, who, fmt.Errorf("looking up doses: %w", err)
	}
	for _, dose := range doses {
		h, err := d.Open(ctx, document, dose.Number, dose.Body)
		if err != nil {
			return found, who, err
		}
		found.Doses = append(found.Doses, enquiry.Dose{
			Number: dose.Number, Product: dose.Product, Place: dose.Place, At: dose.Given.Time().Add(-7 * time.Hour),
		})
		if h.Certificate != "" {
			found.Certificate = h.Certificate
		}
		who = h.Person
	}
	row := db.Invitation{Document: document}
	err := d.DB.NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return found, who, nil
	}
	if err != nil {
		return found, who, fmt.Errorf("looking up an invitation: %w", err)
	}
	found.Invited, found.Place = row.Due.Time, row.Place
	h, err := d.Open(ctx, document, 0, row.Body)
	if who.Name == "" || who.Phone == "" {
		who = h.Person
	}
	return found, who, err
}
