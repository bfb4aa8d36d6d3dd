package lab

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
	"chot/kiosk/record"
)

// Desk files results and serves what officers and laboratories see of them.
type Desk struct {
	DB       *bun.DB
	Vault    *datakeys.Keyring
	Registry *account.Registry
	Now      func() time.Time
}

// Problem is why a report is on the work list.
type Problem string

// The problems.
const (
	UnknownTube Problem = "unknown-tube" // none of that number has arrived, or it is of another area
	OpenPool    Problem = "open-pool"    // the pool is not closed: somebody may still join it
	VoidedTube  Problem = "voided-tube"  // the desk had thrown it away
	DoubleTube  Problem = "double-tube"  // two specimens bear the number
	OtherTest   Problem = "other-test"   // the specimen was taken for another technique
	Conflict    Problem = "conflict"     // another result holds already
)

// Problems are all of them, as texts and tests need them.
var Problems = []Problem{UnknownTube, OpenPool, VoidedTube, DoubleTube, OtherTest, Conflict}

// Count is what became of an import.
type Count struct {
	Filed int // hold now
	Known int // held already, the same
	Work  int // went to the work list
}

// source is who reports, and for which tubes.
type source struct {
	name  string
	scope db.Area
}

// Import files what an account reports, and writes it to the audit log.
func (d *Desk) Import(ctx context.Context, who account.Account, remote, message string, reports []Report) (count Count, err error) {
	err = d.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		count = Count{}
		for _, r := range reports {
			if r.Message = message + " " + r.Message; len(r.Message) > 100 {
				r.Message = r.Message[:100]
			}
			if err := d.file(ctx, tx, source{who.Name, who.Area}, r, &count); err != nil {
				return err
			}
		}
		return d.Registry.Log(ctx, tx, who, "import-results",
			fmt.Sprintf("{audit.filed}: %d, {audit.known}: %d, {audit.work}: %d", count.Filed, count.Known, count.Work), remote)
	})
	if err != nil {
		return Count{}, fmt.Errorf("importing %d results: %w", len(reports), err)
	}
	return count, nil
}

// key is a tube's number as tubes are compared.
func key(tube string) string { return intake.Normal("tube", tube) }

// file files a report, or puts it on the work list.
func (d *Desk) file(ctx context.Context, tx bun.IDB, by source, r Report, count *Count) error {
	if r.At.IsZero() {
		r.At = d.Now()
	}
	area, technique, problem, err := d.judge(ctx, tx, by.scope, r)
	if err != nil {
		return fmt.Errorf("filing the result of tube %s: %w", r.Tube, err)
	}
	if problem == "" {
		known, err := d.hold(ctx, tx, by, r, area, technique)
		switch {
		case err != nil:
			return fmt.Errorf("filing the result of tube %s: %w", r.Tube, err)
		case known == r.Outcome:
			count.Known++
			return nil
		case known == 0:
			count.Filed++
			return nil
		}
		problem = Conflict
	}
	count.Work++
	row := db.Work{
		Area: area, Problem: string(problem), Tube: r.Tube, TubeKey: key(r.Tube), Technique: int16(technique), Outcome: int16(r.Outcome),
		At: db.At(r.At), Came: db.At(d.Now()), Source: by.name, Scope: by.scope, Message: r.Message,
	}
	// What is reported twice is one piece of work.
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d\x00%s", by.scope, row.TubeKey, row.Technique, row.Outcome, problem))
	row.ID = fmt.Sprintf("%x", sum[:12])
	_, err = tx.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("came = EXCLUDED.came").
		Set("message = EXCLUDED.message").Set("done = ''").Set("decision = ''").Exec(ctx)
	if err != nil {
		return fmt.Errorf("putting tube %s on the work list: %w", r.Tube, err)
	}
	return nil
}

// judge says which specimen a report is of, "" as problem where it can be filed.
// What lies outside the scope does not exist for who reports.
func (d *Desk) judge(ctx context.Context, tx bun.IDB, scope db.Area, r Report) (db.Area, record.Technique, Problem, error) {
	var all []db.Specimen
	err := tx.NewSelect().Model(&all).Where("tube_key = ?", key(r.Tube)).Apply(scope.Where("area")).
		OrderExpr("at, entry").Limit(100).Scan(ctx)
	if err != nil {
		return "", 0, "", err
	}
	if len(all) == 0 {
		return scope, r.Technique, UnknownTube, nil
	}
	var live []db.Specimen
	for _, s := range all {
		if s.Voided.IsZero() {
			live = append(live, s)
		}
	}
	area, technique := all[0].Area, r.Technique
	if technique == 0 {
		technique = record.Technique(all[0].Technique)
	}
	state, err := d.pool(ctx, tx, key(r.Tube))
	switch {
	case err != nil:
		return "", 0, "", err
	case len(live) == 0 || state == record.Voided:
		return area, technique, VoidedTube, nil
	case live[0].Member == 0 && len(live) > 1 || live[0].Member > 0 && distinct(live) < len(live):
		return area, technique, DoubleTube, nil
	case live[0].Member > 0 && state != record.Closed:
		return area, technique, OpenPool, nil
	case technique != record.Technique(live[0].Technique):
		return area, technique, OtherTest, nil
	}
	return area, technique, "", nil
}

// distinct counts the places of a pool that are taken.
func distinct(members []db.Specimen) int {
	places := map[int]bool{}
	for _, m := range members {
		places[m.Member] = true
	}
	return len(places)
}

// pool is the last that happened to a pool, 0 where nothing has arrived.
func (d *Desk) pool(ctx context.Context, tx bun.IDB, tube string) (record.Step, error) {
	var step int16
	err := tx.NewSelect().Model((*db.PoolStep)(nil)).ColumnExpr("COALESCE(MAX(step), 0)").Where("tube_key = ?", tube).Scan(ctx, &step)
	return record.Step(step), err
}

// hold makes a result hold, and returns the one that held before it, 0 for none.
func (d *Desk) hold(ctx context.Context, tx bun.IDB, by source, r Report, area db.Area, technique record.Technique) (record.Outcome, error) {
	row := &db.Result{
		TubeKey: key(r.Tube), Technique: int16(technique), Area: area, Tube: r.Tube, Outcome: int16(r.Outcome),
		At: db.At(r.At), Came: db.At(d.Now()), Source: by.name, Message: r.Message,
	}
	done, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return 0, err
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return 0, err
	}
	held := db.Result{TubeKey: row.TubeKey, Technique: row.Technique}
	if err := tx.NewSelect().Model(&held).WherePK().Scan(ctx); err != nil {
		return 0, err
	}
	return record.Outcome(held.Outcome), nil
}

// retry files again what waits for tubes of which more has arrived.
func (d *Desk) retry(ctx context.Context, tx bun.IDB, tubes []string) error {
	if len(tubes) == 0 {
		return nil
	}
	var waiting []db.Work
	err := tx.NewSelect().Model(&waiting).Where("done = '' AND problem IN (?)", bun.List([]Problem{UnknownTube, OpenPool})).
		Where("tube_key IN (?)", bun.List(tubes)).OrderExpr("came, id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("looking for results that wait: %w", err)
	}
	for _, w := range waiting {
		if _, err := tx.NewDelete().Model(&w).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("trying tube %s again: %w", w.Tube, err)
		}
		if err := d.file(ctx, tx, source{w.Source, w.Scope}, again(w), new(Count)); err != nil {
			return err
		}
	}
	return nil
}

// again is the report that a piece of work was made from.
func again(w db.Work) Report {
	return Report{w.Tube, record.Technique(w.Technique), record.Outcome(w.Outcome), w.At.Time, w.Message}
}

// Decision is what somebody decides about a piece of work.
type Decision string

// The decisions.
const (
	Accept  Decision = "accept"  // the reported result holds from now on
	Dismiss Decision = "dismiss" // it does not count
	Assign  Decision = "assign"  // it is another tube's
)

// ErrUndecided means that a decision does not fit the piece of work.
var ErrUndecided = errors.New("that cannot be decided so")

// Settle carries out a decision; sql.ErrNoRows where the account sees no such
// work. A result is never accepted for a tube that the province does not know.
func (d *Desk) Settle(ctx context.Context, who account.Account, remote, id string, decision Decision, tube string) error {
	return d.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		w := db.Work{ID: id}
		if err := tx.NewSelect().Model(&w).WherePK().Where("done = ''").Apply(who.Area.Where("area")).Scan(ctx); err != nil {
			return err
		}
		r := again(w)
		switch problem := Problem(w.Problem); {
		case decision == Dismiss:
		case decision == Assign && tube != "":
			r.Tube = tube
			if err := d.file(ctx, tx, source{who.Name, who.Area}, r, new(Count)); err != nil {
				return err
			}
		case decision == Accept && (problem == Conflict || problem == OtherTest || problem == OpenPool):
			_, err := tx.NewInsert().Model(&db.Result{
				TubeKey: w.TubeKey, Technique: w.Technique, Area: w.Area, Tube: w.Tube, Outcome: w.Outcome,
				At: w.At, Came: db.At(d.Now()), Source: w.Source, Message: w.Message,
			}).On("CONFLICT (tube_key, technique) DO UPDATE").Set("outcome = EXCLUDED.outcome").Set("at = EXCLUDED.at").
				Set("came = EXCLUDED.came").Set("source = EXCLUDED.source").Set("message = EXCLUDED.message").Exec(ctx)
			if err != nil {
				return err
			}
		default:
			return ErrUndecided
		}
		_, err := tx.NewUpdate().Model(&w).Set("done = ?", who.Name).Set("decision = ?", decision).WherePK().Exec(ctx)
		if err != nil {
			return err
		}
		settled := fmt.Sprintf("%s: {problem.%s}; {decision.%s}", w.Tube, w.Problem, decision)
		if tube != "" {
			settled += " " + tube
		}
		return d.Registry.Log(ctx, tx, who, "settle-result", settled, remote)
	})
}
