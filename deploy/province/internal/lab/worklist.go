package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/analytes"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/kiosk/record"
)

// Decision is what a person decides about a piece of work.
type Decision string

// The decisions.
const (
	Accept   Decision = "accept"   // the reported result holds from now on
	Dismiss  Decision = "dismiss"  // it does not count; or it was seen
	Assign   Decision = "assign"   // it is another tube's
	Explain  Decision = "explain"  // the code means this, for this laboratory
	Withdrew Decision = "withdrew" // the laboratory withdrew it
	Redone   Decision = "redone"   // was decided again by itself, when more had arrived
)

// Decisions are all of them.
var Decisions = []Decision{Accept, Dismiss, Assign, Explain, Withdrew, Redone}

// ErrUndecided means that a decision does not fit the piece of work.
var ErrUndecided = errors.New("that cannot be decided so")

// Choice is what a person chose for a piece of work.
type Choice struct {
	Decision  Decision
	Tube      string           // with Assign
	Kind      analytes.Kind    // with Explain
	Technique record.Technique // with Explain
}

// Settle carries out a decision; sql.ErrNoRows where the account sees no such
// work. A result is never accepted for a specimen that the province does not know,
// nor for one outside the account's area.
func (d *Desk) Settle(ctx context.Context, who account.Account, remote, id string, choice Choice) error {
	return d.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		w := db.Work{ID: id}
		if err := tx.NewSelect().Model(&w).WherePK().Where("done = '' AND kind = 'result'").Apply(who.Area.Where("area")).Scan(ctx); err != nil {
			return err
		}
		if err := d.settle(ctx, tx, who, remote, w, choice); err != nil {
			return err
		}
		if err := done(ctx, tx, w.ID, who.Name, choice.Decision); err != nil {
			return err
		}
		settled := fmt.Sprintf("%s: {line.%s}; {decision.%s}", w.Tube, w.Problem, choice.Decision)
		if choice.Tube != "" {
			settled += " " + choice.Tube
		}
		if choice.Decision == Explain {
			settled += fmt.Sprintf(" %s = {analyte.%s}", w.Code, choice.Kind)
		}
		return d.Registry.Log(ctx, tx, who, "settle-result", settled, remote)
	})
}

func done(ctx context.Context, tx bun.IDB, id, who string, decision Decision) error {
	_, err := tx.NewUpdate().Model((*db.Work)(nil)).Set("done = ?", who).Set("decision = ?", decision).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("settling a piece of work: %w", err)
	}
	return nil
}

func (d *Desk) settle(ctx context.Context, tx bun.Tx, who account.Account, remote string, w db.Work, choice Choice) error {
	switch {
	case choice.Decision == Dismiss:
		return nil
	case choice.Decision == Accept && acceptable[Problem(w.Problem)]:
		return d.accept(ctx, tx, who, remote, w)
	case choice.Decision == Assign && choice.Tube != "" && exchange.CheckTube(exchange.Uncover(choice.Tube)) == nil:
		s, err := d.statement(ctx, w)
		if err != nil {
			return err
		}
		s.Specimens = []exchange.Identifier{{Tier: exchange.Label, Value: exchange.Uncover(choice.Tube)}}
		s.Person = exchange.Person{} // who assigns it has seen whom it names
		return d.again(ctx, tx, Source{w.Source, narrower(w.Scope, who.Area), Authority(w.Authority)}, who, remote, w, s)
	case choice.Decision == Explain && w.Code != "" && slices.Contains(analytes.Choices, choice.Kind):
		return d.explain(ctx, tx, who, remote, w, choice)
	}
	return ErrUndecided
}

// narrower is the smaller of two areas of which one contains the other; nowhere
// where neither does.
func narrower(a, b db.Area) db.Area {
	switch {
	case a.Contains(b):
		return b
	case b.Contains(a):
		return a
	}
	return ""
}

// accept lets a statement hold for its specimen, which must be found, whole and in
// the account's area.
func (d *Desk) accept(ctx context.Context, tx bun.Tx, who account.Account, remote string, w db.Work) error {
	s, err := d.statement(ctx, w)
	if err != nil {
		return err
	}
	clears := s.Status == exchange.Withdrawn || s.Status == exchange.Cancelled
	if s.Outcome == 0 && !clears {
		return ErrUndecided
	}
	by := Source{w.Source, narrower(w.Scope, who.Area), Authority(w.Authority)}
	one := []sifted{{Result: s}}
	st := newState(by.Scope)
	if err := st.load(ctx, d, tx, true, one, by); err != nil {
		return err
	}
	t, problem, _ := st.match(&one[0], w.Document)
	if t == nil || problem != "" && problem != OpenPool {
		return ErrUndecided
	}
	held := st.results[resultKey{t.key, t.kiosk, t.technique()}]
	row := newResult(&one[0], by, t, held, d.Now())
	if err := hold(ctx, tx, row); err != nil {
		return err
	}
	if held == nil || held.Outcome == 0 || held.Outcome == row.Outcome {
		return nil
	}
	change := fmt.Sprintf("%s: {outcome.%d} → {outcome.%d}", row.Tube, held.Outcome, row.Outcome)
	return d.Registry.Log(ctx, tx, who, "correct-result", change, remote)
}

// explain keeps what a laboratory's code means and decides again on all that waits
// for it.
func (d *Desk) explain(ctx context.Context, tx bun.Tx, who account.Account, remote string, w db.Work, choice Choice) error {
	if (choice.Kind == analytes.Result || choice.Kind == analytes.Part) && choice.Technique == 0 {
		return ErrUndecided
	}
	row := &db.AnalyteCode{
		Source: w.Source, Code: w.Code, Kind: string(choice.Kind), Technique: int16(choice.Technique), Account: who.Name, At: db.At(d.Now()),
	}
	_, err := tx.NewInsert().Model(row).On("CONFLICT (source, code) DO UPDATE").Set("kind = EXCLUDED.kind").
		Set("technique = EXCLUDED.technique").Set("account = EXCLUDED.account").Set("at = EXCLUDED.at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping what a code means: %w", err)
	}
	var waiting []db.Work
	err = tx.NewSelect().Model(&waiting).Where("done = '' AND kind = 'result' AND source = ? AND code = ?", w.Source, w.Code).
		Apply(who.Area.Where("area")).OrderExpr("came, id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("looking for what waits for a code: %w", err)
	}
	for _, other := range waiting {
		s, err := d.statement(ctx, other)
		if err != nil {
			return err
		}
		if err := done(ctx, tx, other.ID, who.Name, Explain); err != nil {
			return err
		}
		if err := d.again(ctx, tx, sourceOf(other), who, remote, other, s); err != nil {
			return err
		}
	}
	return nil
}

func sourceOf(w db.Work) Source { return Source{w.Source, w.Scope, Authority(w.Authority)} }

// again decides once more on a statement that waited.
func (d *Desk) again(ctx context.Context, tx bun.Tx, by Source, who account.Account, remote string, w db.Work, s exchange.Result) error {
	own, err := d.own(ctx, tx, by.Name)
	if err != nil {
		return err
	}
	name := s.Message
	if name == "" {
		name = w.Message
	}
	_, err = d.decideAll(ctx, tx, newState(by.Scope), sift([]exchange.Result{s}, own), by, who, remote, name, false)
	return err
}

// retry decides again on what waits for tubes of which more has arrived.
func (d *Desk) retry(ctx context.Context, tx bun.Tx, tubes []string) error {
	if len(tubes) == 0 {
		return nil
	}
	var waiting []db.Work
	err := tx.NewSelect().Model(&waiting).Where("done = '' AND kind = 'result' AND problem IN (?)", bun.List([]Problem{UnknownTube, OpenPool})).
		Where("id IN (SELECT id FROM worklist_keys WHERE key IN (?))", bun.List(tubes)).OrderExpr("came, id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("looking for results that wait: %w", err)
	}
	for _, w := range waiting {
		s, err := d.statement(ctx, w)
		if err != nil {
			return err
		}
		for _, model := range []any{(*db.Work)(nil), (*db.WorkKey)(nil)} { // it comes back where it must still wait
			if _, err := tx.NewDelete().Model(model).Where("id = ?", w.ID).Exec(ctx); err != nil {
				return fmt.Errorf("deciding on tube %s again: %w", w.Tube, err)
			}
		}
		who := account.Account{Name: w.Source, Area: w.Scope}
		if err := d.again(ctx, tx, sourceOf(w), who, "", w, s); err != nil {
			return err
		}
	}
	return nil
}
