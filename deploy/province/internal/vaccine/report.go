package vaccine

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/fhirread"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/uploads"
	"chot/kiosk/record"
)

// Read reads doses and invitations: a table, or FHIR R4.
func Read(data []byte, o table.Options) (*exchange.File[exchange.Dose], error) {
	if fhirread.Recognise(data) {
		return fhirread.Doses(data)
	}
	return table.Doses(data, o)
}

// Problem is why a dose is on the work list.
type Problem string

// The problems.
const (
	LostZero       Problem = "lost-zero"       // of the document's number: one is proposed
	UnknownVaccine Problem = "unknown-vaccine" // the product is not known
	OtherPerson    Problem = "other-person"    // the document is known for a person of another name
	OtherArea      Problem = "other-area"      // another area has reported the dose
	Contradiction  Problem = "contradiction"   // one file says two things of one dose
)

// Problems are all of them, as texts and tests need them.
var Problems = []Problem{LostZero, UnknownVaccine, OtherPerson, OtherArea, Contradiction}

// Reasons of lines that are noted or known.
const (
	NotGiven    = "not-given"
	NothingHeld = "nothing-held"
	IsSettled   = "settled"
)

// Notes are those reasons.
var Notes = []string{NotGiven, NothingHeld, IsSettled}

// key names a dose of a person, number 0 being the invitation.
type key struct {
	document string // hash
	number   int
}

// held is what is on record of a dose.
type held struct {
	area    db.Area
	dose    db.Dose // or of an invitation its due day as Given
	due     db.Time
	person  exchange.Person
	touched bool // by this import
}

// state is what the database knows of a chunk's documents.
type state struct {
	doses  map[key]*held
	people map[string]exchange.Person // by hash, of registrations
	loaded map[string]bool
}

func newState() *state {
	return &state{doses: map[key]*held{}, people: map[string]exchange.Person{}, loaded: map[string]bool{}}
}

// claim is a statement whose document was read.
type claim struct {
	exchange.Dose
	hash     []byte
	product  string // as it will be kept
	known    bool   // the product is known
	proposal string
	fate     exchange.Fate
	reason   string
	doubt    Problem
	force    bool // a person has decided that it is so
}

func (c *claim) key() key { return key{string(c.hash), c.Number} }

// Limits of values, in bytes.
const (
	maxCertificate = 4296 // what a QR code holds
	maxText        = 300
	maxShort       = 60
)

// sift reads the document and the vaccine of each statement, and finds those of one
// file that contradict each other.
func (d *Desk) sift(statements []exchange.Dose) []claim {
	all := make([]claim, len(statements))
	said := map[key]*claim{}
	twice := map[key]bool{}
	for i, x := range statements {
		all[i] = d.one(x)
		c := &all[i]
		if c.fate != "" || c.Status != exchange.Final {
			continue
		}
		if before := said[c.key()]; before != nil && !before.same(c) {
			twice[c.key()] = true
		}
		said[c.key()] = c
	}
	for i := range all {
		if c := &all[i]; c.fate == "" && c.Status == exchange.Final && twice[c.key()] && c.doubt == "" {
			c.doubt = Contradiction
		}
	}
	return all
}

func (c *claim) same(other *claim) bool {
	return db.LocalDay(c.Given) == db.LocalDay(other.Given) && c.product == other.product && c.Lot == other.Lot
}

// one looks at a statement alone.
func (d *Desk) one(x exchange.Dose) claim {
	c := claim{Dose: x}
	refuse := func(code string) claim {
		c.fate, c.reason = exchange.Refused, code
		return c
	}
	if x.Status == exchange.Cancelled {
		c.fate, c.reason = exchange.Noted, NotGiven
		return c
	}
	if x.Status == exchange.Pending {
		c.fate = exchange.Waiting
		return c
	}
	if x.Problem != nil && x.Person.Document == "" {
		return refuse(x.Problem.Code) // there may be no person at all
	}
	doc := exchange.ReadDocument(x.Person.Document, x.Person.Birth)
	if doc.Problem != "" && doc.Proposal == "" {
		c.Read(doc.Problem, x.Person.Document)
		return refuse(doc.Problem)
	}
	if x.Problem != nil {
		return refuse(x.Problem.Code)
	}
	if limit := d.Now().Add(24 * time.Hour); x.Number > 0 && x.Given.After(limit) {
		return refuse(exchange.FutureTime)
	}
	if len(x.Certificate) > maxCertificate || max(len(x.Person.Name), len(x.Product), len(x.Site)) > maxText || max(len(x.Person.Phone), len(x.Lot)) > maxShort {
		return refuse(exchange.TooLong)
	}
	if x.Number > 0 && x.Product == "" && x.Status != exchange.Withdrawn {
		return refuse(exchange.NoVaccine)
	}
	if c.product, c.known = product(x); !c.known {
		c.product = x.Product
		if x.Number > 0 && x.Status != exchange.Withdrawn {
			c.doubt = UnknownVaccine
		}
	}
	if doc.Problem != "" {
		c.doubt, c.proposal = LostZero, doc.Proposal
	}
	c.Person.Document = doc.Number
	c.hash = person.DocumentHash(d.Vault, doc.Number)
	return c
}

// Read notes what was read where a problem is, unless the reader has said so.
func (c *claim) Read(code, text string) {
	if c.Problem == nil {
		c.Problem = &exchange.Problem{Code: code, Read: Masked(text)}
	}
}

// chunk is how many statements one transaction takes.
const chunk = 100

// Report keeps what an account reports, lists what a person must look at, and says
// what became of each line. A dry run writes nothing and says the same.
func (d *Desk) Report(ctx context.Context, who account.Account, remote, name string, f *exchange.File[exchange.Dose], dry bool) (*exchange.Answer, error) {
	box, err := d.Vault.Day(ctx, register)
	if err != nil {
		return nil, err
	}
	if _, err := d.Vault.Day(ctx, db.DayOf(d.Now())); err != nil {
		return nil, err
	}
	answer := &exchange.Answer{Format: f.Format, Encoding: f.Encoding, Columns: f.Columns, Header: f.Header}
	all, st := d.sift(f.Statements), newState()
	for part := range slices.Chunk(all, chunk) {
		var lines []exchange.Line
		began := time.Now()
		if dry {
			lines, err = d.decideAll(ctx, d.DB, st, box, part, who, remote, name, true)
		} else {
			err = d.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
				lines, err = d.decideAll(ctx, tx, newState(), box, slices.Clone(part), who, remote, name, false)
				return err
			})
		}
		if err != nil {
			return nil, fmt.Errorf("importing %d doses: %w", len(all), err)
		}
		answer.Lines = append(answer.Lines, lines...)
		if !dry && len(answer.Lines) < len(all) {
			if err := uploads.Yield(ctx, d.DB, time.Since(began)); err != nil {
				return nil, fmt.Errorf("importing %d doses: %w", len(all), err)
			}
		}
	}
	if dry {
		return answer, nil
	}
	done := fmt.Sprintf("{audit.kept}: %d/%d, {audit.work}: %d, {audit.refused}: %d",
		answer.Count(exchange.Filed)+answer.Count(exchange.Changed), len(all), answer.Count(exchange.Listed), answer.Count(exchange.Refused))
	return answer, d.Registry.Log(ctx, d.DB, who, "import-doses", done, remote)
}

// load reads what is on record of the documents of a chunk.
func (d *Desk) load(ctx context.Context, tx bun.IDB, st *state, part []claim) error {
	var hashes [][]byte
	for i := range part {
		if h := part[i].hash; h != nil && !st.loaded[string(h)] {
			st.loaded[string(h)] = true
			hashes = append(hashes, h)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	var doses []db.Dose
	if err := tx.NewSelect().Model(&doses).Where("document IN (?)", bun.List(hashes)).Scan(ctx); err != nil {
		return fmt.Errorf("looking up doses: %w", err)
	}
	for _, row := range doses {
		st.doses[key{string(row.Document), row.Number}] = &held{area: row.Area, dose: row, person: d.holder(ctx, row.Document, row.Number, row.Body)}
	}
	var invitations []db.Invitation
	if err := tx.NewSelect().Model(&invitations).Where("document IN (?)", bun.List(hashes)).Scan(ctx); err != nil {
		return fmt.Errorf("looking up invitations: %w", err)
	}
	for _, row := range invitations {
		st.doses[key{string(row.Document), 0}] = &held{
			area: row.Area, due: row.Due, dose: db.Dose{Place: row.Place, Source: row.Source}, person: d.holder(ctx, row.Document, 0, row.Body),
		}
	}
	var registered []db.Registration
	if err := tx.NewSelect().Model(&registered).Where("document IN (?)", bun.List(hashes)).OrderExpr("at DESC").Limit(1000).Scan(ctx); err != nil {
		return fmt.Errorf("looking up registrations: %w", err)
	}
	for _, row := range registered {
		if p, err := person.Open(ctx, d.Vault, row.Origin, row.Sealed); err == nil {
			st.people[string(row.Document)] = of(p)
		}
	}
	return nil
}

// holder is whom a dose is on record for, as far as that can be read.
func (d *Desk) holder(ctx context.Context, document []byte, number int, body []byte) exchange.Person {
	h, err := d.Open(ctx, document, number, body)
	if err != nil {
		return exchange.Person{}
	}
	return of(h.Person)
}

func of(p record.Person) exchange.Person {
	return exchange.Person{Document: p.Document, Name: p.Name, Birth: p.Birth, Phone: p.Phone}
}

// decision is what is to become of a claim.
type decision struct {
	fate    exchange.Fate
	reason  string
	problem Problem
	keep    bool
	drop    bool
}

func (st *state) decide(c *claim, who account.Account) decision {
	if c.fate != "" {
		return decision{fate: c.fate, reason: c.reason}
	}
	list := func(p Problem) decision { return decision{fate: exchange.Listed, problem: p} }
	if c.doubt != "" && !c.force {
		return list(c.doubt)
	}
	before := st.doses[c.key()]
	switch {
	case c.Status == exchange.Withdrawn && before == nil:
		return decision{fate: exchange.Known, reason: NothingHeld}
	case before != nil && before.area != who.Area && !c.force:
		return list(OtherArea)
	case c.Status == exchange.Withdrawn:
		return decision{fate: exchange.Cleared, drop: true}
	case !c.force && st.another(c, before):
		return list(OtherPerson)
	case before == nil:
		return decision{fate: exchange.Filed, keep: true}
	case before.says(c):
		return decision{fate: exchange.Known, keep: true} // the certificate or the phone may be new
	}
	return decision{fate: exchange.Changed, keep: true}
}

// another says whether the document is known for a person of another name.
func (st *state) another(c *claim, before *held) bool {
	said := c.Person
	said.Document = "" // it is the same: the name tells
	if before != nil && said.Differs(before.person) {
		return true
	}
	p, known := st.people[string(c.hash)]
	return known && said.Differs(p)
}

func (h *held) says(c *claim) bool {
	if c.Number == 0 {
		return h.due == db.At(c.Given) && h.dose.Place == c.Site
	}
	return h.dose.Given == db.LocalDay(c.Given) && h.dose.Product == c.product && h.dose.Lot == c.Lot && h.dose.Place == c.Site
}

// decideAll decides on claims in order and writes what follows from each.
func (d *Desk) decideAll(ctx context.Context, tx bun.IDB, st *state, box datakeys.Box, part []claim, who account.Account, remote, name string, dry bool) ([]exchange.Line, error) {
	if err := d.load(ctx, tx, st, part); err != nil {
		return nil, err
	}
	lines := make([]exchange.Line, len(part))
	for i := range part {
		c := &part[i]
		choice := st.decide(c, who)
		if !dry {
			settled, err := d.write(ctx, tx, box, c, choice, who, remote, name)
			if err != nil {
				return nil, err
			}
			if settled {
				choice = decision{fate: exchange.Known, reason: IsSettled}
			}
		}
		switch {
		case choice.keep:
			st.doses[c.key()] = &held{area: who.Area, due: db.At(c.Given), person: c.Person, touched: true, dose: db.Dose{
				Given: db.LocalDay(c.Given), Product: c.product, Lot: c.Lot, Place: c.Site,
			}}
		case choice.drop:
			delete(st.doses, c.key())
		}
		lines[i] = lineOf(c, choice)
	}
	return lines, nil
}

func lineOf(c *claim, choice decision) exchange.Line {
	l := exchange.Line{Place: c.Place, Fate: choice.fate, Reason: choice.reason, Subject: Masked(c.Person.Document), Dose: c.Number, Read: c.Product}
	if choice.fate == exchange.Listed {
		l.Reason = string(choice.problem)
	}
	if c.Problem != nil && choice.fate == exchange.Refused {
		l.Read = c.Problem.Read
	}
	return l
}

// Masked is a document's number as a list shows it: its last four characters.
func Masked(document string) string {
	r := []rune(document)
	if len(r) <= 4 {
		return strings.Repeat("*", len(r))
	}
	return strings.Repeat("*", len(r)-4) + string(r[len(r)-4:])
}

// write keeps what a decision says. It says whether a person has settled the very
// same before.
func (d *Desk) write(ctx context.Context, tx bun.IDB, box datakeys.Box, c *claim, choice decision, who account.Account, remote, name string) (settled bool, err error) {
	switch {
	case choice.fate == exchange.Listed:
		return d.list(ctx, tx, c, choice.problem, who, name)
	case choice.drop:
		if err := d.drop(ctx, tx, c); err != nil {
			return false, err
		}
	case choice.keep:
		if err := d.keep(ctx, tx, box, c, who); err != nil {
			return false, err
		}
	}
	if choice.fate == exchange.Changed || choice.fate == exchange.Cleared {
		return false, d.Registry.Log(ctx, tx, who, "correct-dose", fmt.Sprintf("%x: {col.dose} %d, {fate.%s}", c.hash[:4], c.Number, choice.fate), remote)
	}
	return false, nil
}

func (d *Desk) drop(ctx context.Context, tx bun.IDB, c *claim) error {
	q := tx.NewDelete().Model((*db.Dose)(nil)).Where("document = ? AND number = ?", c.hash, c.Number)
	if c.Number == 0 {
		q = tx.NewDelete().Model((*db.Invitation)(nil)).Where("document = ?", c.hash)
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("withdrawing dose %d: %w", c.Number, err)
	}
	return nil
}

// keep writes a dose or an invitation, in place of what was on record.
func (d *Desk) keep(ctx context.Context, tx bun.IDB, box datakeys.Box, c *claim, who account.Account) error {
	plain, err := cbor.Marshal(Holder{
		record.Person{Name: c.Person.Name, Birth: c.Person.Birth, Document: c.Person.Document, Phone: c.Person.Phone}, c.Certificate,
	})
	if err != nil {
		return fmt.Errorf("encoding a holder: %w", err)
	}
	body, now := box.Seal(plain, bodyData(c.hash, c.Number)), db.At(d.Now())
	q := tx.NewInsert()
	if c.Number == 0 {
		q = q.Model(&db.Invitation{Document: c.hash, Area: who.Area, Due: db.At(c.Given), Place: c.Site, Came: now, Source: who.Name, Body: body}).
			On("CONFLICT (document) DO UPDATE").Set("due = EXCLUDED.due")
	} else {
		q = q.Model(&db.Dose{
			Document: c.hash, Number: c.Number, Area: who.Area, Given: db.LocalDay(c.Given), Product: c.product, Lot: c.Lot,
			Place: c.Site, Came: now, Source: who.Name, Body: body,
		}).On("CONFLICT (document, number) DO UPDATE").Set("given = EXCLUDED.given").Set("product = EXCLUDED.product").Set("lot = EXCLUDED.lot")
	}
	_, err = q.Set("area = EXCLUDED.area").Set("place = EXCLUDED.place").Set("came = EXCLUDED.came").Set("source = EXCLUDED.source").
		Set("body = EXCLUDED.body").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping dose %d: %w", c.Number, err)
	}
	return nil
}

// list puts a claim on the work list, once.
func (d *Desk) list(ctx context.Context, tx bun.IDB, c *claim, problem Problem, who account.Account, name string) (settled bool, err error) {
	place, err := json.Marshal(c.Place)
	if err != nil {
		return false, fmt.Errorf("encoding a place: %w", err)
	}
	now := d.Now()
	row := db.Work{
		Kind: "dose", Area: who.Area, Problem: string(problem), Source: who.Name, Scope: who.Area, Message: name, Place: string(place),
		Status: int16(c.Status), Technique: 0, Outcome: int16(c.Number), At: db.At(c.Given), Came: db.At(now), Read: c.Product,
		Document: c.hash, Day: db.DayOf(now),
	}
	if c.proposal != "" {
		row.Document = person.DocumentHash(d.Vault, c.proposal) // so that an erasure finds it
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "dose\x00%s\x00%s\x00%x\x00%d\x00%d\x00%s\x00%s\x00%s", who.Name, who.Area, c.hash, c.Number, db.LocalDay(c.Given), c.product, c.Lot, problem))
	row.ID = fmt.Sprintf("%x", sum[:12])
	plain, err := json.Marshal(c.Dose)
	if err != nil {
		return false, fmt.Errorf("encoding a statement: %w", err)
	}
	box, err := d.Vault.Day(ctx, row.Day)
	if err != nil {
		return false, err
	}
	row.Body = box.Seal(plain, workData(row.ID))
	done, err := tx.NewInsert().Model(&row).On("CONFLICT (id) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("putting a dose on the work list: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return false, err
	}
	var before db.Work
	if err := tx.NewSelect().Model(&before).Column("done").Where("id = ?", row.ID).Scan(ctx); err != nil {
		return false, fmt.Errorf("looking up a dose on the work list: %w", err)
	}
	return before.Done != "", nil
}

func workData(id string) []byte { return append([]byte("work"), id...) }

// ErrUndecided means that a decision does not fit the piece of work.
var ErrUndecided = errors.New("that cannot be decided so")

// Settle lets a claim hold (with a document's number where another was proposed or
// given), or dismisses it; sql.ErrNoRows where the account sees no such work.
func (d *Desk) Settle(ctx context.Context, who account.Account, remote, id string, accept bool, document string) error {
	box, err := d.Vault.Day(ctx, register)
	if err != nil {
		return err
	}
	return d.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var w db.Work
		err := tx.NewSelect().Model(&w).Where("id = ? AND done = '' AND kind = 'dose'", id).Apply(who.Area.Where("area")).Scan(ctx)
		if err != nil {
			return err
		}
		decision := "dismiss"
		if accept {
			decision = "accept"
			if err := d.accept(ctx, tx, box, who, remote, w, document); err != nil {
				return err
			}
		}
		_, err = tx.NewUpdate().Model((*db.Work)(nil)).Set("done = ?", who.Name).Set("decision = ?", decision).Where("id = ?", id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("settling a dose: %w", err)
		}
		return d.Registry.Log(ctx, tx, who, "settle-dose", fmt.Sprintf("{line.%s}; {decision.%s}", w.Problem, decision), remote)
	})
}

func (d *Desk) accept(ctx context.Context, tx bun.Tx, box datakeys.Box, who account.Account, remote string, w db.Work, document string) error {
	x, err := d.statement(ctx, w)
	if err != nil {
		return err
	}
	if document != "" {
		x.Person.Document = document
	}
	c := d.one(x)
	if c.doubt == LostZero { // the number is not a document's: one must be given
		return ErrUndecided
	}
	if c.fate != "" {
		return ErrUndecided
	}
	c.force = true
	reporter := account.Account{Name: w.Source, Area: w.Area}
	st := newState()
	if err := d.load(ctx, tx, st, []claim{c}); err != nil {
		return err
	}
	if before := st.doses[c.key()]; before != nil && !who.Sees(before.area) {
		return ErrUndecided // what another area holds is not theirs to change
	}
	_, err = d.decideAll(ctx, tx, st, box, []claim{c}, reporter, remote, w.Message, false)
	return err
}

// statement is what a piece of work was made from.
func (d *Desk) statement(ctx context.Context, w db.Work) (x exchange.Dose, err error) {
	if w.Body == nil {
		return x, ErrUndecided
	}
	plain, err := d.Vault.Open(ctx, w.Day, w.Body, workData(w.ID))
	if errors.Is(err, datakeys.ErrGone) {
		return x, ErrUndecided
	}
	if err != nil {
		return x, fmt.Errorf("reading a statement: %w", err)
	}
	if err := json.Unmarshal(plain, &x); err != nil {
		return x, fmt.Errorf("reading a statement: %w", err)
	}
	return x, nil
}

// Work is one row of the work list, with whom it names and what holds.
type Work struct {
	db.Work
	Dose     exchange.Dose
	Masked   string
	Proposal string
	Held     *db.Dose
	Holder   exchange.Person
	Gone     bool // erased, or its retention is over
}

// List returns the work of an area, what is open first.
func (d *Desk) List(ctx context.Context, area db.Area) ([]Work, error) {
	var rows []db.Work
	err := d.DB.NewSelect().Model(&rows).Where("kind = 'dose'").Apply(area.Where("area")).
		OrderExpr("CASE WHEN done = '' THEN 0 ELSE 1 END, came DESC, id").Limit(shown).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the work: %w", err)
	}
	list := make([]Work, len(rows))
	for i, w := range rows {
		row := Work{Work: w}
		x, err := d.statement(ctx, w)
		switch {
		case errors.Is(err, ErrUndecided):
			row.Gone = true
		case err != nil:
			return nil, err
		default:
			doc := exchange.ReadDocument(x.Person.Document, x.Person.Birth)
			row.Dose, row.Masked, row.Proposal = x, Masked(doc.Number), doc.Proposal
			var held db.Dose
			err := d.DB.NewSelect().Model(&held).Where("document = ? AND number = ?", w.Document, x.Number).Scan(ctx)
			if err == nil && w.Document != nil {
				row.Held, row.Holder = &held, d.holder(ctx, held.Document, held.Number, held.Body)
			} else if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, fmt.Errorf("looking up what holds: %w", err)
			}
		}
		list[i] = row
	}
	return list, nil
}
