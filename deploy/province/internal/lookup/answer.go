package lookup

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"

	"chot/deploy/province/internal/db"
	"chot/kiosk/credential"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/enquiry"
	"chot/kiosk/record"
)

// registered finds the latest order of a slip or a person.
func (s *Service) registered(ctx context.Context, about subject) (db.Order, record.Person, error) {
	var row db.Order
	err := s.DB.NewSelect().Model(&row).Apply(about.where).OrderExpr("at DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, record.Person{}, enquiry.ErrNoSuch
	}
	if err != nil {
		return row, record.Person{}, fmt.Errorf("looking up an order: %w", err)
	}
	who, err := s.open(ctx, row.Origin, row.Sealed)
	return row, who, err
}

// where restricts a query to the rows of the subject: orders or registrations.
func (a subject) where(q *bun.SelectQuery) *bun.SelectQuery {
	if a.document != nil {
		return q.Where("document = ?", a.document)
	}
	return q.Where("kiosk = ? AND number = ?", a.kiosk, a.number)
}

// order answers staff with a registration of the kiosk's district.
func (s *Service) order(ctx context.Context, about subject, _ string) (enquiry.Order, error) {
	if known, err := s.Staff(ctx, about.badge); err != nil || !known {
		return enquiry.Order{}, cmp.Or(err, enquiry.ErrNoSuch)
	}
	row, who, err := s.registered(ctx, about)
	if err != nil {
		return enquiry.Order{}, err
	}
	if row.Area.Up(2) != about.asker.Area.Up(2) || about.document != nil && !bears(about.holder, who) {
		return enquiry.Order{}, enquiry.ErrNoSuch
	}
	who.Address.Line = "" // no desk needs it
	return enquiry.Order{
		Number: row.Number, Person: who, Technique: record.Technique(row.Technique).String(), Reason: row.Reason,
	}, nil
}

// bears says whether a paper bears the name and year of birth of a person, as far
// as it has them; a paper without a name proves nothing.
func bears(paper credential.Holder, p record.Person) bool {
	name := plainName(paper.Name)
	year := paper.Birth.Year
	return name != "" && name == plainName(p.Name) && (year == 0 || p.Birth == 0 || year == p.Birth)
}

// plainName is a name as papers without diacritics have it.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'Đ' || r == 'đ':
			return 'D'
		}
		return unicode.ToUpper(r)
	}, norm.NFD.String(name))
	return strings.Join(strings.Fields(plain), " ")
}

// result answers with the specimens of the slip's order.
func (s *Service) result(ctx context.Context, about subject, digits string) (enquiry.Result, error) {
	if about.document != nil {
		return enquiry.Result{}, enquiry.ErrNoSuch // an identity paper is easily borrowed: results want the slip
	}
	order, who, err := s.registered(ctx, about)
	if err != nil {
		return enquiry.Result{}, err
	}
	if !knows(who, digits) {
		return enquiry.Result{}, enquiry.ErrNoSuch
	}
	var rows []struct {
		db.Specimen
		Outcome int16
		Before  int16
		Changed db.Time
		Size    int
	}
	err = s.DB.NewSelect().TableExpr("specimens AS s").
		Join("LEFT JOIN results AS r ON r.tube_key = s.tube_key AND r.kiosk = s.kiosk AND r.technique = s.technique").
		ColumnExpr("s.*, COALESCE(r.outcome, 0) AS outcome, COALESCE(r.before, 0) AS before, COALESCE(r.changed, 0) AS changed").
		ColumnExpr("(SELECT COUNT(*) FROM specimens AS o WHERE o.tube_key = s.tube_key AND o.kiosk = s.kiosk AND o.voided = 0) AS size").
		Where("s.order_number = ? AND s.voided = 0", order.Number).OrderExpr("s.at, s.entry").Limit(50).Scan(ctx, &rows)
	if err != nil {
		return enquiry.Result{}, fmt.Errorf("looking up specimens: %w", err)
	}
	found := enquiry.Result{Name: owncode.MaskName(who.Name), Tests: []enquiry.Test{}}
	for _, row := range rows {
		// A number is unique for its kiosk; another kiosk may have sampled.
		if row.Kiosk != order.Kiosk && row.Document != nil && !slices.Equal(row.Document, order.Document) {
			continue
		}
		outcome := own(record.Outcome(row.Outcome), row.Member)
		test := enquiry.Test{
			Tube: row.Tube, Technique: record.Technique(row.Technique).String(), Outcome: outcome.String(), Sampled: row.At.Time,
		}
		if before := own(record.Outcome(row.Before), row.Member); before != outcome && before != 0 {
			test.Corrected, test.Before = row.Changed.Time, before.String()
		}
		found.Tests = append(found.Tests, test)
		if outcome != 0 {
			size := 0
			if row.Member > 0 {
				size = row.Size
			}
			if found.Code, err = s.sign(test, who, size); err != nil {
				return enquiry.Result{}, err
			}
		}
	}
	return found, nil
}

// own is what a tube's outcome means for one person in it: a pool that was found
// positive or suspected says of none of its members that they are.
func own(o record.Outcome, member int) record.Outcome {
	if member > 0 && (o == record.Positive || o == record.Suspected) {
		return record.Resample
	}
	return o
}

// valid is how long a signed result is shown for; what it is worth by then is the
// rules' business.
const valid = 30 * 24 * time.Hour

// sign makes the slip of a result, which kiosks check without a network.
func (s *Service) sign(t enquiry.Test, who record.Person, pool int) (string, error) {
	now := s.Now().Truncate(time.Second)
	return owncode.Sign(nil, s.Signer, owncode.Terms{
		Issuer: s.Issuer, Number: "R-" + t.Tube + "-" + t.Technique, IssuedAt: now, NotBefore: now, NotAfter: now.Add(valid),
	}, owncode.Result{
		Name: owncode.MaskName(who.Name), Birth: who.Birth, Specimen: t.Tube, Technique: t.Technique, Outcome: t.Outcome,
		SampledAt: t.Sampled.Unix(), Pool: pool,
	})
}

// vaccination answers with what is known of a person's, under the slip of the
// registration or an identity paper.
func (s *Service) vaccination(ctx context.Context, about subject, digits string) (enquiry.Vaccination, error) {
	var row db.Registration
	err := s.DB.NewSelect().Model(&row).Apply(about.where).OrderExpr("at DESC").Limit(1).Scan(ctx)
	registered := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return enquiry.Vaccination{}, fmt.Errorf("looking up a registration: %w", err)
	}
	document, who := about.document, record.Person{}
	if registered {
		document = cmpOr(document, row.Document)
		if who, err = s.open(ctx, row.Origin, row.Sealed); err != nil && !errors.Is(err, enquiry.ErrNoSuch) {
			return enquiry.Vaccination{}, err
		}
	}
	var found enquiry.Vaccination
	if document != nil {
		var holder record.Person
		if found, holder, err = s.Vaccination(ctx, document); err != nil {
			return found, err
		}
		who.Name, who.Phone = cmp.Or(who.Name, holder.Name), cmp.Or(who.Phone, holder.Phone)
	}
	if !knows(who, digits) {
		return enquiry.Vaccination{}, enquiry.ErrNoSuch
	}
	found.Name, found.Registered = owncode.MaskName(who.Name), registered
	return found, nil
}

func cmpOr(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}
