package lab

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/analytes"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/fhirread"
	"chot/deploy/province/internal/exchange/hl7"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/province/internal/uploads"
	"chot/kiosk/record"
)

// Read reads what a laboratory sent, in any of the formats.
func Read(data []byte, o table.Options) (*exchange.File[exchange.Result], error) {
	switch {
	case hl7.Recognise(data):
		return hl7.Results(data)
	case fhirread.Recognise(data):
		return fhirread.Results(data)
	}
	return table.Results(data, o)
}

// chunk is how many statements one transaction takes: few enough that a kiosk's
// batch, which waits for it, does not wait for long.
const chunk = 100

// Report decides on what a source reports: files what can be filed, lists what a
// person must look at, and says what became of each line. A dry run writes
// nothing and says the same. Each chunk of statements is a transaction of its own;
// sent again, what was written before is known.
func (d *Desk) Report(ctx context.Context, by Source, who account.Account, remote, name string, f *exchange.File[exchange.Result], dry bool) (*exchange.Answer, error) {
	own, err := d.own(ctx, d.DB, by.Name)
	if err != nil {
		return nil, err
	}
	// The key of the day is made before the transactions that need it: SQLite has one
	// writer.
	if _, err := d.Vault.Day(ctx, db.DayOf(d.Now())); err != nil {
		return nil, err
	}
	answer := &exchange.Answer{Format: f.Format, Encoding: f.Encoding, Columns: f.Columns, Header: f.Header}
	all := sift(f.Statements, own)
	st := newState(by.Scope)
	for part := range slices.Chunk(all, chunk) {
		if dry {
			lines, err := d.decideAll(ctx, d.DB, st, part, by, who, remote, name, true)
			if err != nil {
				return nil, fmt.Errorf("looking at %d results: %w", len(all), err)
			}
			answer.Lines = append(answer.Lines, lines...)
			continue
		}
		var lines []exchange.Line
		began := time.Now()
		err := d.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
			// A transaction that is tried again must not see what it did before.
			lines, err = d.decideAll(ctx, tx, newState(by.Scope), slices.Clone(part), by, who, remote, name, false)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("filing %d results: %w", len(all), err)
		}
		answer.Lines = append(answer.Lines, lines...)
		if len(answer.Lines) < len(all) {
			if err := uploads.Yield(ctx, d.DB, time.Since(began)); err != nil {
				return nil, fmt.Errorf("filing %d results: %w", len(all), err)
			}
		}
	}
	if dry {
		return answer, nil
	}
	done := fmt.Sprintf("{audit.filed}: %d, {audit.changed}: %d, {audit.known}: %d, {audit.work}: %d, {audit.refused}: %d",
		answer.Count(exchange.Filed), answer.Count(exchange.Changed)+answer.Count(exchange.Cleared), answer.Count(exchange.Known), answer.Count(exchange.Listed), answer.Count(exchange.Refused))
	return answer, d.Registry.Log(ctx, d.DB, who, "import-results", done, remote)
}

// decideAll decides on statements in order and writes what follows from each.
func (d *Desk) decideAll(ctx context.Context, tx bun.IDB, st *state, part []sifted, by Source, who account.Account, remote, name string, dry bool) ([]exchange.Line, error) {
	if err := st.load(ctx, d, tx, !dry, part, by); err != nil {
		return nil, err
	}
	lines := make([]exchange.Line, len(part))
	for i := range part {
		s := &part[i]
		choice := st.decide(ctx, d, s, by)
		if choice.result != nil {
			r := choice.result
			st.results[resultKey{r.TubeKey, r.Kiosk, record.Technique(r.Technique)}] = r
		}
		id := delivery(by, s)
		if done := choice.fate == exchange.Filed || choice.fate == exchange.Changed || choice.fate == exchange.Cleared; done && id != "" {
			st.seen[id] = true
		}
		if !dry {
			if s.Message == "" {
				s.Message = name
				if choice.result != nil {
					choice.result.Message = name
				}
			}
			if err := d.write(ctx, tx, s, choice, by, who, remote, id); err != nil {
				return nil, err
			}
			if choice.fate == exchange.Listed {
				settled, err := d.list(ctx, tx, s, &choice, by)
				if err != nil {
					return nil, err
				}
				if settled {
					choice.fate, choice.reason, choice.problem = exchange.Known, IsSettled, ""
				}
			}
		}
		lines[i] = lineOf(s, choice)
	}
	return lines, nil
}

func lineOf(s *sifted, c decision) exchange.Line {
	l := exchange.Line{Place: s.Place, Fate: c.fate, Reason: c.reason, Read: s.Read, Outcome: s.Outcome}
	if c.fate == exchange.Listed {
		l.Reason = string(c.problem)
	}
	if s.Problem != nil && c.fate == exchange.Refused {
		l.Read = s.Problem.Read
	}
	if c.fate == exchange.Changed || c.fate == exchange.Cleared || c.problem == Conflict {
		l.Before = c.before
	}
	if len(s.Specimens) > 0 {
		l.Subject = s.Specimens[0].Value
	}
	if c.tube != nil {
		l.Subject = c.tube.any.Tube
	}
	return l
}

// write keeps what a decision says, except on the work list.
func (d *Desk) write(ctx context.Context, tx bun.IDB, s *sifted, c decision, by Source, who account.Account, remote, delivered string) error {
	if c.result != nil {
		if err := hold(ctx, tx, c.result); err != nil {
			return err
		}
	}
	if c.fate == exchange.Changed || c.fate == exchange.Cleared {
		change := fmt.Sprintf("%s: {outcome.%d} → {outcome.%d}", c.result.Tube, c.before, c.result.Outcome)
		if err := d.Registry.Log(ctx, tx, who, "correct-result", change, remote); err != nil {
			return err
		}
	}
	if c.problem == Recalled {
		if _, err := d.list(ctx, tx, s, &c, by); err != nil {
			return err
		}
	}
	if c.withdraws {
		if err := d.withdraw(ctx, tx, s, by); err != nil {
			return err
		}
	}
	if delivered == "" || c.fate != exchange.Filed && c.fate != exchange.Changed && c.fate != exchange.Cleared {
		return nil
	}
	_, err := tx.NewInsert().Model(&db.Delivery{ID: delivered, Came: db.At(d.Now())}).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping what was sent: %w", err)
	}
	return nil
}

// hold makes a result hold.
func hold(ctx context.Context, tx bun.IDB, r *db.Result) error {
	_, err := tx.NewInsert().Model(r).On("CONFLICT (tube_key, kiosk, technique) DO UPDATE").
		Set("area = EXCLUDED.area").Set("tube = EXCLUDED.tube").Set("outcome = EXCLUDED.outcome").Set("before = EXCLUDED.before").
		Set("at = EXCLUDED.at").Set("came = EXCLUDED.came").Set("changed = EXCLUDED.changed").Set("version = EXCLUDED.version").
		Set("authority = EXCLUDED.authority").Set("source = EXCLUDED.source").Set("message = EXCLUDED.message").Exec(ctx)
	if err != nil {
		return fmt.Errorf("holding the result of tube %s: %w", r.Tube, err)
	}
	return nil
}

// list puts a statement on the work list, once. It says whether a person has
// settled the very same before.
func (d *Desk) list(ctx context.Context, tx bun.IDB, s *sifted, c *decision, by Source) (settled bool, err error) {
	place, err := json.Marshal(s.Place)
	if err != nil {
		return false, fmt.Errorf("encoding a place: %w", err)
	}
	now := d.Now()
	row := db.Work{
		Kind: "result", Area: by.Scope, Problem: string(c.problem), Source: by.Name, Scope: by.Scope, Authority: int16(by.Authority),
		Message: cut(s.Message, 100), Place: string(place), Tube: s.Specimens[0].Value, Technique: int16(s.Technique), Outcome: int16(s.Outcome),
		Status: int16(s.Status), At: db.At(s.Resulted), Came: db.At(now), Read: cut(s.Read, 100), Proposals: strings.Join(c.proposals, "\n"),
		Document: c.document, Day: db.DayOf(now),
	}
	if c.tube != nil {
		row.Area, row.Kiosk, row.Tube = c.tube.area, c.tube.kiosk, c.tube.any.Tube
	}
	if c.problem == UnknownCode && len(s.Measured) > 0 {
		row.Code = analytes.Key(s.Measured[0])
		row.Read = cut(strings.TrimSpace(s.Measured[0].Code+" "+s.Measured[0].Text)+": "+row.Read, 100)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d\x00%d\x00%d\x00%s\x00%s", by.Name, by.Scope, s.numbers(), row.Technique, row.Outcome, row.Status, row.Problem, row.Code))
	row.ID = fmt.Sprintf("%x", sum[:12])
	if row.Body, err = d.seal(ctx, row, s.Result); err != nil {
		return false, err
	}
	var before db.Work
	err = tx.NewSelect().Model(&before).Column("id", "done", "message").Where("id = ?", row.ID).Limit(1).Scan(ctx)
	if err == nil && before.Done != "" && before.Message == row.Message {
		return true, nil
	}
	_, err = tx.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("came = EXCLUDED.came").Set("message = EXCLUDED.message").
		Set("place = EXCLUDED.place").Set("proposals = EXCLUDED.proposals").Set("day = EXCLUDED.day").Set("body = EXCLUDED.body").
		Set("document = EXCLUDED.document").Set("area = EXCLUDED.area").Set("kiosk = EXCLUDED.kiosk").Set("done = ''").Set("decision = ''").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("putting tube %s on the work list: %w", row.Tube, err)
	}
	var keys []db.WorkKey
	for _, id := range s.Specimens {
		if k := (db.WorkKey{ID: row.ID, Key: exchange.TubeKey(id.Value)}); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	if _, err := tx.NewInsert().Model(&keys).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return false, fmt.Errorf("putting tube %s on the work list: %w", row.Tube, err)
	}
	return false, nil
}

// cut is the beginning of a text, of whole runes.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

// seal encrypts a statement for its row: it may name a person.
func (d *Desk) seal(ctx context.Context, row db.Work, s exchange.Result) ([]byte, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encoding a statement: %w", err)
	}
	box, err := d.Vault.Day(ctx, row.Day)
	if err != nil {
		return nil, err
	}
	return box.Seal(plain, workData(row.ID)), nil
}

func workData(id string) []byte { return append([]byte("work"), id...) }

// statement is what a piece of work was made from. Of one whose retention is over,
// and of those from before statements were kept, what the row says is left.
func (d *Desk) statement(ctx context.Context, w db.Work) (exchange.Result, error) {
	left := exchange.Result{
		Message: w.Message, Status: exchange.Status(w.Status), Specimens: []exchange.Identifier{{Value: w.Tube}},
		Technique: record.Technique(w.Technique), Outcome: record.Outcome(w.Outcome), Read: w.Read, Resulted: w.At.Time, Table: true,
	}
	if w.Body == nil {
		return left, nil
	}
	plain, err := d.Vault.Open(ctx, w.Day, w.Body, workData(w.ID))
	if errors.Is(err, datakeys.ErrGone) {
		return left, nil
	}
	if err != nil {
		return left, fmt.Errorf("reading a statement: %w", err)
	}
	var s exchange.Result
	if err := json.Unmarshal(plain, &s); err != nil {
		return left, fmt.Errorf("reading a statement: %w", err)
	}
	return s, nil
}

// withdraw settles what waits of a source on the specimens of a statement that
// withdraws it.
func (d *Desk) withdraw(ctx context.Context, tx bun.IDB, s *sifted, by Source) error {
	var keys []string
	for _, id := range s.Specimens {
		keys = append(keys, exchange.TubeKey(id.Value))
	}
	_, err := tx.NewUpdate().Model((*db.Work)(nil)).Set("done = ?", by.Name).Set("decision = ?", Withdrew).
		Where("kind = 'result' AND done = '' AND source = ? AND scope = ?", by.Name, by.Scope).
		Where("problem NOT IN (?)", bun.List([]Problem{Recalled, Cancelled})).
		Where("status IN (?)", bun.List([]exchange.Status{exchange.Final, exchange.Corrected, exchange.Amended})).
		Where("id IN (SELECT id FROM worklist_keys WHERE key IN (?))", bun.List(keys)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("settling what was withdrawn: %w", err)
	}
	return nil
}

// own are the codes of a source, as a person has explained them.
func (d *Desk) own(ctx context.Context, tx bun.IDB, source string) (analytes.Own, error) {
	var rows []db.AnalyteCode
	if err := tx.NewSelect().Model(&rows).Where("source = ?", source).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the codes of %s: %w", source, err)
	}
	own := analytes.Own{}
	for _, r := range rows {
		own[r.Code] = analytes.Meaning{Kind: analytes.Kind(r.Kind), Technique: record.Technique(r.Technique)}
	}
	return own, nil
}

// remembered is for how long a message that was taken in is known when it is sent
// again.
const remembered = 400 * 24 * time.Hour

// Sweep forgets the numbers of messages that are too old to be sent again.
func (d *Desk) Sweep(ctx context.Context) error {
	_, err := d.DB.NewDelete().Model((*db.Delivery)(nil)).Where("came < ?", db.At(d.Now().Add(-remembered))).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting old messages: %w", err)
	}
	return nil
}
