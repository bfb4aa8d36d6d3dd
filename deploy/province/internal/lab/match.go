package lab

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/person"
	"chot/kiosk/record"
)

// tube is a specimen: a tube and the kiosk that took it.
type tube struct {
	key     string
	kiosk   string
	area    db.Area
	members []db.Specimen // those that were not voided
	any     db.Specimen   // one of them, or one that was voided
	step    record.Step   // of a pool: the last that happened
}

func (t *tube) technique() record.Technique { return record.Technique(t.any.Technique) }

// resultKey names what is held.
type resultKey struct {
	tube, kiosk string
	technique   record.Technique
}

// state is what the database knows of the statements of a chunk.
type state struct {
	scope   db.Area
	tubes   map[string][]*tube // by key
	loose   map[string][]string
	results map[resultKey]*db.Result
	seen    map[string]bool // deliveries
	people  map[string]record.Person
}

func newState(scope db.Area) *state {
	return &state{
		scope: scope, tubes: map[string][]*tube{}, loose: map[string][]string{}, results: map[resultKey]*db.Result{},
		seen: map[string]bool{}, people: map[string]record.Person{},
	}
}

// load reads what is known of statements. What it has already is kept: a preview
// goes on with what it would have written. In a transaction the specimens are
// locked, so that no other instance decides on them meanwhile.
func (st *state) load(ctx context.Context, d *Desk, tx bun.IDB, lock bool, statements []sifted, by Source) error {
	var keys, loose, deliveries []string
	for i := range statements {
		s := &statements[i]
		if s.fate != "" {
			continue
		}
		for _, id := range s.Specimens {
			key := exchange.TubeKey(id.Value)
			if _, known := st.tubes[key]; !known {
				st.tubes[key] = nil
				keys = append(keys, key)
			}
			for _, k := range exchange.MayMean(id.Value) {
				if _, known := st.loose[k]; !known && k != "" {
					st.loose[k] = nil
					loose = append(loose, k)
				}
			}
		}
		if id := delivery(by, s); id != "" {
			deliveries = append(deliveries, id)
		}
	}
	if err := st.loadTubes(ctx, tx, lock && db.Postgres(d.DB), keys, loose); err != nil {
		return err
	}
	if len(deliveries) > 0 {
		var ids []string
		err := tx.NewSelect().Model((*db.Delivery)(nil)).Column("id").Where("id IN (?)", bun.List(deliveries)).Scan(ctx, &ids)
		if err != nil {
			return fmt.Errorf("looking up what was sent before: %w", err)
		}
		for _, id := range ids {
			st.seen[id] = true
		}
	}
	return nil
}

// loadTubes reads the specimens of exact keys, what is held of them, and the
// numbers that loose keys may mean. What lies outside the scope does not exist for
// who reports.
func (st *state) loadTubes(ctx context.Context, tx bun.IDB, lock bool, keys, loose []string) error {
	if len(keys) == 0 {
		return nil
	}
	var rows []db.Specimen
	q := tx.NewSelect().Model(&rows).Where("tube_key IN (?)", bun.List(keys)).Apply(st.scope.Where("area")).OrderExpr("journal, entry")
	if lock {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("looking up specimens: %w", err)
	}
	for _, row := range rows {
		t := st.tube(row)
		if row.Voided.IsZero() {
			if len(t.members) == 0 {
				t.any = row
			}
			t.members = append(t.members, row)
		}
	}
	var steps []struct {
		TubeKey, Kiosk string
		Step           int16
	}
	err := tx.NewSelect().TableExpr("pool_steps").ColumnExpr("tube_key, kiosk, MAX(step) AS step").Where("tube_key IN (?)", bun.List(keys)).
		GroupExpr("tube_key, kiosk").Scan(ctx, &steps)
	if err != nil {
		return fmt.Errorf("looking up pools: %w", err)
	}
	for _, s := range steps {
		for _, t := range st.tubes[s.TubeKey] {
			if t.kiosk == s.Kiosk {
				t.step = record.Step(s.Step)
			}
		}
	}
	var held []db.Result
	if err := tx.NewSelect().Model(&held).Where("tube_key IN (?)", bun.List(keys)).Scan(ctx); err != nil {
		return fmt.Errorf("looking up results: %w", err)
	}
	for i := range held {
		r := &held[i]
		st.results[resultKey{r.TubeKey, r.Kiosk, record.Technique(r.Technique)}] = r
	}
	var near []struct{ TubeLoose, Tube string }
	if len(loose) > 0 {
		err = tx.NewSelect().Distinct().TableExpr("specimens").ColumnExpr("tube_loose, tube").
			Where("tube_loose IN (?) AND voided = 0", bun.List(loose)).Apply(st.scope.Where("area")).OrderExpr("tube").Limit(5000).Scan(ctx, &near)
		if err != nil {
			return fmt.Errorf("looking up numbers that may be meant: %w", err)
		}
	}
	for _, n := range near {
		if st.loose[n.TubeLoose] = append(st.loose[n.TubeLoose], n.Tube); len(st.loose[n.TubeLoose]) > proposals {
			st.loose[n.TubeLoose] = st.loose[n.TubeLoose][:proposals]
		}
	}
	return nil
}

// tube is the specimen that a row belongs to.
func (st *state) tube(row db.Specimen) *tube {
	for _, t := range st.tubes[row.TubeKey] {
		if t.kiosk == row.Kiosk {
			return t
		}
	}
	t := &tube{key: row.TubeKey, kiosk: row.Kiosk, area: row.Area, any: row}
	st.tubes[row.TubeKey] = append(st.tubes[row.TubeKey], t)
	return t
}

// proposals is how many numbers are proposed at most.
const proposals = 5

// match finds the specimen that a statement is of. The identifiers that are
// nearest to the label decide; the others can only contradict them: a laboratory's
// own number may by chance be that of another tube.
func (st *state) match(s *sifted, document []byte) (*tube, Problem, []string) {
	best := s.Specimens[0].Tier
	for _, id := range s.Specimens {
		best = min(best, id.Tier)
	}
	var near, far []*tube
	for _, id := range s.Specimens {
		for _, t := range st.tubes[exchange.TubeKey(id.Value)] {
			if id.Tier == best && !slices.Contains(near, t) {
				near = append(near, t)
			} else if id.Tier != best && !slices.Contains(far, t) {
				far = append(far, t)
			}
		}
	}
	if len(near) == 0 {
		return nil, UnknownTube, st.mayMean(s, far)
	}
	if live := slices.DeleteFunc(slices.Clone(near), func(t *tube) bool { return len(t.members) == 0 }); len(live) > 0 {
		near = live
	}
	for _, t := range near[1:] {
		if t.key != near[0].key {
			return nil, TwoSpecimens, numbers(near)
		}
	}
	for _, t := range far {
		if t.key != near[0].key && len(t.members) > 0 {
			return nil, TwoSpecimens, numbers(append(near, far...))
		}
	}
	if len(near) > 1 { // one number, taken at several kiosks: the person may tell
		theirs := slices.DeleteFunc(slices.Clone(near), func(t *tube) bool { return !t.holds(document) })
		if len(theirs) != 1 {
			return nil, DoubleTube, nil
		}
		near = theirs
	}
	t := near[0]
	switch {
	case len(t.members) == 0 || t.step == record.Voided:
		return t, VoidedTube, nil
	case t.any.Member == 0 && len(t.members) > 1 || t.any.Member > 0 && places(t.members) < len(t.members):
		return t, DoubleTube, nil
	case t.any.Member > 0 && t.step != record.Closed:
		return t, OpenPool, nil
	}
	return t, "", nil
}

// holds says whether a specimen is the document's alone.
func (t *tube) holds(document []byte) bool {
	return document != nil && len(t.members) == 1 && slices.Equal(t.members[0].Document, document)
}

// places counts the places of a pool that are taken.
func places(members []db.Specimen) int {
	taken := map[int]bool{}
	for _, m := range members {
		taken[m.Member] = true
	}
	return len(taken)
}

func numbers(tubes []*tube) (all []string) {
	for _, t := range tubes {
		if !slices.Contains(all, t.any.Tube) && len(all) < proposals {
			all = append(all, t.any.Tube)
		}
	}
	return all
}

// mayMean are the numbers that a statement may have meant.
func (st *state) mayMean(s *sifted, far []*tube) []string {
	all := numbers(far)
	for _, id := range s.Specimens {
		for _, k := range exchange.MayMean(id.Value) {
			for _, number := range st.loose[k] {
				if !slices.Contains(all, number) && len(all) < proposals {
					all = append(all, number)
				}
			}
		}
	}
	return all
}

// person is whose a specimen is, the zero Person where that is not known any more.
func (st *state) person(ctx context.Context, d *Desk, s db.Specimen) record.Person {
	key := fmt.Sprintf("%x-%d", s.Journal, s.Entry)
	if p, known := st.people[key]; known {
		return p
	}
	p, err := person.Open(ctx, d.Vault, s.Origin, s.Sealed)
	if err != nil {
		p = record.Person{} // erased, or its retention is over: nothing to compare with
	}
	st.people[key] = p
	return p
}
