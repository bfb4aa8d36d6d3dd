// Package export hands what the province holds of an area and some days to other
// systems: as a FHIR R4 bundle, and as tables in CSV and XLSX.
//
// An export names people, so it needs a right of its own, keeps to the account's
// area, and is written to the audit log before the first byte leaves.
package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/vaccine"
	"chot/kiosk/record"
)

// Desk makes exports.
type Desk struct {
	DB       *bun.DB
	Vault    *datakeys.Keyring
	Finder   *person.Finder
	Vaccine  *vaccine.Desk
	Registry *account.Registry
	Now      func() time.Time
}

// largest is how many rows of one kind an export has at most.
const largest = 50_000

// ErrTooLarge means that there is more than fits: fewer days must be asked for.
var ErrTooLarge = errors.New("the export would be too large")

// span is what is exported: days by the kiosks' clocks, both included.
type span struct {
	area     db.Area
	from, to db.Day
}

// within restricts a query to times of the span, in the province's days.
func (s span) within(column string) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("? >= ? AND ? < ?", bun.Ident(column), db.At(midnight(s.from)), bun.Ident(column), db.At(midnight(s.to+1)))
	}
}

// midnight is when a day begins in the province.
func midnight(d db.Day) time.Time { return d.Time().Add(-7 * time.Hour) }

// holding is what is exported. People who were erased are left out.
type holding struct {
	declarations  []declaration
	orders        []order
	specimens     []specimen
	registrations []registration
	doses         []dose
}

type (
	declaration struct {
		db.Origin
		record.Declaration
		document []byte
	}
	order struct {
		db.Order
		who record.Person
	}
	specimen struct {
		db.Specimen
		Outcome  int16
		ResultAt db.Time
		who      record.Person
	}
	registration struct {
		db.Registration
		who record.Person
	}
	dose struct {
		db.Dose
		who record.Person
	}
)

func (d *Desk) gather(ctx context.Context, s span) (*holding, error) {
	h := &holding{}
	for _, part := range []func(context.Context, span, *holding) error{
		d.declarations, d.orders, d.specimens, d.registrations, d.doses,
	} {
		if err := part(ctx, s, h); err != nil {
			return nil, fmt.Errorf("gathering an export: %w", err)
		}
	}
	return h, nil
}

// gather reads the rows that q finds, at most [largest], and makes of each what
// an export holds of it. What read says is gone, [datakeys.ErrGone], is left out.
func gather[R, T any](ctx context.Context, q *bun.SelectQuery, read func(R) (T, error)) ([]T, error) {
	var rows []R
	if err := q.Limit(largest+1).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	if len(rows) > largest {
		return nil, ErrTooLarge
	}
	var all []T
	for _, row := range rows {
		one, err := read(row)
		if errors.Is(err, datakeys.ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (d *Desk) declarations(ctx context.Context, s span, h *holding) (err error) {
	type row struct {
		db.Entry
		Kiosk string
		Area  db.Area
	}
	h.declarations, err = gather(ctx, d.DB.NewSelect().TableExpr("entries AS e").
		Join("JOIN arrivals AS a ON a.journal = e.journal AND e.number BETWEEN a.first AND a.last").
		ColumnExpr("e.*, a.kiosk, a.area").Where("e.kind = ? AND e.state = ?", record.KindDeclaration, db.Held).
		Apply(s.area.Where("a.area"), s.within("e.at")).OrderExpr("e.at, e.journal, e.number"),
		func(row row) (declaration, error) {
			r, err := d.Finder.Read(ctx, row.Entry)
			if err != nil {
				return declaration{}, err
			}
			b, ok := r.Body.(record.Declaration)
			if !ok {
				return declaration{}, datakeys.ErrGone
			}
			o := db.Origin{Journal: row.Journal, Entry: row.Number, Kiosk: row.Kiosk, Area: row.Area, At: row.At}
			return declaration{o, b, person.DocumentHash(d.Vault, b.Person.Document)}, nil
		})
	return err
}

func (d *Desk) orders(ctx context.Context, s span, h *holding) (err error) {
	h.orders, err = gather(ctx, d.DB.NewSelect().Model((*db.Order)(nil)).
		Apply(s.area.Where("area"), s.within("at")).OrderExpr("at, journal, entry"),
		func(row db.Order) (order, error) {
			who, err := person.Open(ctx, d.Vault, row.Origin, row.Sealed)
			return order{row, who}, err
		})
	return err
}

func (d *Desk) specimens(ctx context.Context, s span, h *holding) (err error) {
	type row struct {
		db.Specimen
		Outcome  int16
		ResultAt db.Time
	}
	h.specimens, err = gather(ctx, d.DB.NewSelect().TableExpr("specimens AS s").
		Join("LEFT JOIN results AS r ON r.tube_key = s.tube_key AND r.kiosk = s.kiosk AND r.technique = s.technique").
		ColumnExpr("s.*, COALESCE(r.outcome, 0) AS outcome, COALESCE(r.at, 0) AS result_at").Where("s.voided = 0").
		Apply(s.area.Where("s.area"), s.within("s.at")).OrderExpr("s.at, s.journal, s.entry"),
		func(row row) (specimen, error) {
			who, err := person.Open(ctx, d.Vault, row.Origin, row.Sealed)
			return specimen{row.Specimen, row.Outcome, row.ResultAt, who}, err
		})
	return err
}

func (d *Desk) registrations(ctx context.Context, s span, h *holding) (err error) {
	h.registrations, err = gather(ctx, d.DB.NewSelect().Model((*db.Registration)(nil)).
		Apply(s.area.Where("area"), s.within("at")).OrderExpr("at, journal, entry"),
		func(row db.Registration) (registration, error) {
			who, err := person.Open(ctx, d.Vault, row.Origin, row.Sealed)
			return registration{row, who}, err
		})
	return err
}

func (d *Desk) doses(ctx context.Context, s span, h *holding) (err error) {
	h.doses, err = gather(ctx, d.DB.NewSelect().Model((*db.Dose)(nil)).
		Apply(s.area.Where("area")).Where("given BETWEEN ? AND ?", s.from, s.to).OrderExpr("given, document, number"),
		func(row db.Dose) (dose, error) {
			holder, err := d.Vaccine.Open(ctx, row.Document, row.Number, row.Body)
			return dose{row, holder.Person}, err
		})
	return err
}
