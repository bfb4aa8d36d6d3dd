package lab

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/person"
	"chot/kiosk/record"
)

// ahead is how far in the future a result may lie, by clocks that differ.
const ahead = 10 * time.Minute

// decision is what is to become of a statement.
type decision struct {
	fate      exchange.Fate
	reason    string
	problem   Problem // of the work list, with Listed and Cleared
	tube      *tube   // nil where no specimen was found
	proposals []string
	document  []byte         // hash of the person that is named
	result    *db.Result     // to be held from now on
	before    record.Outcome // what held
	withdraws bool           // open work of the same source and specimen is settled by it
}

// decide says what becomes of a statement, by what is known. It reads the state and
// changes nothing.
func (st *state) decide(ctx context.Context, d *Desk, s *sifted, by Source) decision {
	if s.fate != "" {
		return decision{fate: s.fate, reason: s.reason}
	}
	now := d.Now()
	if limit := now.Add(ahead); s.Resulted.After(limit) || s.Version.After(limit.Add(24*time.Hour)) {
		return decision{fate: exchange.Refused, reason: exchange.FutureTime}
	}
	if st.seen[delivery(by, s)] {
		return decision{fate: exchange.Known, reason: IsSettled}
	}
	out := decision{document: person.DocumentHash(d.Vault, s.Person.Document)}
	list := func(p Problem) decision {
		out.fate, out.problem = exchange.Listed, p
		return out
	}
	t, problem, near := st.match(s, out.document)
	out.tube, out.proposals = t, near
	if s.Status == exchange.Withdrawn && t == nil {
		// There is nothing to clear; what waits of it is settled.
		out.fate, out.reason, out.withdraws = exchange.Known, NothingHeld, true
		if problem == UnknownTube {
			return out
		}
	}
	if problem != "" {
		return list(problem)
	}
	if s.Technique == 0 {
		s.Technique = t.technique()
	}
	held := st.results[resultKey{t.key, t.kiosk, t.technique()}]
	if held != nil {
		out.before = record.Outcome(held.Outcome)
	}
	switch {
	case by.Authority == Kiosk && t.kiosk != by.Name:
		return list(OtherKiosk)
	case s.doubt == Contradiction && held != nil && out.before == s.Outcome:
		out.fate = exchange.Known
		return out
	case s.doubt != "":
		return list(s.doubt)
	case s.Technique != t.technique():
		return list(OtherTest)
	case len(t.members) == 1 && t.any.Member == 0 && s.Person != (exchange.Person{}) && s.Person.Differs(of(st.person(ctx, d, t.any))):
		return list(OtherPerson)
	}
	return st.status(s, by, held, out, now)
}

// status decides by the statement's status and by what holds.
func (st *state) status(s *sifted, by Source, held *db.Result, out decision, now time.Time) decision {
	list := func(p Problem) decision {
		out.fate, out.problem = exchange.Listed, p
		return out
	}
	hold := func(f exchange.Fate) decision {
		out.fate, out.result = f, newResult(s, by, out.tube, held, now)
		return out
	}
	known := func(reason string) decision {
		out.fate, out.reason = exchange.Known, reason
		return out
	}
	standing := held != nil && held.Outcome != 0
	mine := held != nil && held.Source == by.Name
	stronger := held != nil && Authority(held.Authority) < by.Authority
	older := held != nil && mine && !s.Version.IsZero() && !held.Version.IsZero() && s.Version.Before(held.Version.Time)
	switch {
	case s.Status == exchange.Confirmed:
		return known("")
	case older:
		return known(IsOlder)
	case s.Status == exchange.Withdrawn, s.Status == exchange.Cancelled:
		out.withdraws = true
		switch {
		case standing && (mine || stronger):
			out.problem = Recalled
			return hold(exchange.Cleared)
		case standing:
			return list(Conflict)
		case s.Status == exchange.Cancelled:
			return list(Cancelled)
		}
		// Kept as a mark, so that what was sent before it and comes late does not hold.
		out.result = newResult(s, by, out.tube, held, now)
		return known(NothingHeld)
	case held == nil:
		return hold(exchange.Filed)
	case standing && out.before == s.Outcome:
		return known("")
	case !standing && (s.Version.IsZero() || held.Version.IsZero()) && s.Status == exchange.Final:
		return list(AfterRecall)
	case !standing:
		return hold(exchange.Filed)
	case stronger:
		return hold(exchange.Changed)
	case (s.Status == exchange.Corrected || s.Status == exchange.Amended) && mine:
		return hold(exchange.Changed)
	}
	return list(Conflict)
}

// newResult is the row of a statement that holds. The version of a mark without a
// time is the time it came.
func newResult(s *sifted, by Source, t *tube, held *db.Result, now time.Time) *db.Result {
	at := s.Resulted
	if at.IsZero() {
		at = now
	}
	r := &db.Result{
		TubeKey: t.key, Kiosk: t.kiosk, Technique: t.any.Technique, Area: t.area, Tube: t.any.Tube, Outcome: int16(s.Outcome),
		At: db.At(at), Came: db.At(now), Version: db.At(s.Version), Authority: int16(by.Authority), Source: by.Name, Message: s.Message,
	}
	if s.Status == exchange.Withdrawn || s.Status == exchange.Cancelled {
		r.Outcome = 0
	}
	if held != nil {
		r.Before, r.Changed = held.Before, held.Changed
		if held.Outcome != 0 && held.Outcome != r.Outcome {
			r.Before, r.Changed = held.Outcome, db.At(now)
		}
	}
	return r
}

// delivery identifies a statement of a message that has a number: sent again, it
// changes nothing, whatever has been decided since. A table has no such number.
func delivery(by Source, s *sifted) string {
	if s.Message == "" || s.Table {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00%d\x00%d\x00%d\x00%d\x00%s\x00", by.Name, by.Scope, s.Message, s.Status, s.Outcome, s.Version.UnixNano(), s.Resulted.UnixNano(), s.Read)
	for _, id := range s.Specimens {
		fmt.Fprintf(h, "%d%s\x00", id.Tier, id.Value)
	}
	for _, c := range s.Measured {
		fmt.Fprintf(h, "%s|%s|%s\x00", c.System, c.Code, c.Text)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// of is a recorded person as statements name people.
func of(p record.Person) exchange.Person {
	return exchange.Person{Document: p.Document, Name: p.Name, Birth: p.Birth, Phone: p.Phone}
}
