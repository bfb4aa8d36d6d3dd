package table

import (
	_ "embed"
	"encoding/json"
	"slices"

	"chot/deploy/province/internal/exchange"
)

//go:embed columns.json
var columnsJSON []byte

var known = func() (c struct{ Results, Doses Fields }) {
	if err := json.Unmarshal(columnsJSON, &c); err != nil {
		panic(err) // the file is compiled in
	}
	return c
}()

// ResultFields are the fields of a table of results, for a page that asks which
// column is which.
var ResultFields = []string{"tube", "outcome", "technique", "at", "collected", "status", "document", "name", "birth"}

// Results reads a table of results.
func Results(data []byte, o Options) (*exchange.File[exchange.Result], error) {
	s, err := read(data, o, known.Results, "tube", "outcome")
	if err != nil {
		return nil, err
	}
	f := file[exchange.Result](s)
	times := s.timesOf("at")
	for _, r := range s.rows {
		if one, any := s.result(r, times); any {
			f.Statements = append(f.Statements, one)
		}
	}
	if len(f.Statements) > exchange.MaxStatements {
		return nil, exchange.ErrTooMany
	}
	return f, nil
}

// order is what a column's dates tell of the order of day and month.
type order struct{ monthFirst bool }

// timesOf looks at all dates of a column: where one has the month first, all have.
func (s *sheet) timesOf(fields ...string) (o order) {
	for _, r := range s.rows {
		for _, field := range fields {
			if w, ok := exchange.ReadTime(s.get(r, field)); ok && w.MonthFirst {
				o.monthFirst = true
			}
		}
	}
	return o
}

// time reads a date of a column.
func (o order) time(text string) (exchange.When, *exchange.Problem) {
	w, ok := exchange.ReadTime(text)
	switch {
	case !ok:
		return w, &exchange.Problem{Code: exchange.BadTime, Read: text}
	case o.monthFirst && (w.MonthFirst || w.Either):
		return w, &exchange.Problem{Code: exchange.MonthFirst, Read: text}
	}
	return w, nil
}

// result makes a statement of a row, false for one that says nothing: a title or
// what stands below the table.
func (s *sheet) result(r row, times order) (x exchange.Result, any bool) {
	x = exchange.Result{Place: exchange.Place{Line: r.line}, Table: true}
	if r.broken {
		x.Problem = &exchange.Problem{Code: exchange.BadLine}
		return x, true
	}
	tubes, outcomes := s.all(r, "tube"), s.all(r, "outcome")
	if len(tubes) == 0 && len(outcomes) == 0 {
		return x, false
	}
	x.Person = exchange.Person{Name: s.get(r, "name"), Birth: exchange.YearOf(s.get(r, "birth"))}
	if d := exchange.ReadDocument(s.get(r, "document"), x.Person.Birth); d.Problem == "" {
		x.Person.Document = d.Number
	}
	problem := func(p *exchange.Problem) {
		if x.Problem == nil {
			x.Problem = p
		}
	}
	if len(tubes) == 0 {
		problem(&exchange.Problem{Code: exchange.NoTube})
	}
	for _, tube := range tubes {
		tube = exchange.Uncover(tube)
		problem(exchange.CheckTube(tube))
		if id := (exchange.Identifier{Tier: exchange.Label, Value: tube}); !slices.Contains(x.Specimens, id) {
			x.Specimens = append(x.Specimens, id)
		}
	}
	for _, name := range s.all(r, "technique") {
		if t := exchange.TechniqueOf(name); t != 0 && x.Technique == 0 {
			x.Technique = t
		} else if t == 0 {
			x.Measured = append(x.Measured, exchange.Code{Text: name})
		}
	}
	s.outcome(&x, outcomes, problem)
	if status := s.get(r, "status"); status != "" {
		var fine bool
		if x.Status, fine = statuses[exchange.Plain(status)]; !fine {
			problem(&exchange.Problem{Code: exchange.BadStatus, Read: status})
		}
	}
	if x.Status == exchange.Withdrawn || x.Status == exchange.Cancelled {
		x.Outcome = 0
	}
	if at := s.get(r, "at"); at != "" {
		w, p := times.time(at)
		problem(p)
		x.Resulted, x.DateOnly = w.Time, w.DateOnly
	}
	return x, true
}

// outcome reads the outcome of a row. Where a table has several columns for it,
// they must say the same.
func (s *sheet) outcome(x *exchange.Result, texts []string, problem func(*exchange.Problem)) {
	if len(texts) == 0 {
		x.Status = exchange.Pending
		return
	}
	x.Read = texts[0]
	first := exchange.ReadOutcome(exchange.Uncover(texts[0]))
	for _, text := range texts[1:] {
		if exchange.ReadOutcome(exchange.Uncover(text)) != first {
			x.Read = texts[0] + " / " + text
			problem(&exchange.Problem{Code: exchange.SignDiffers, Read: x.Read})
		}
	}
	if first.Problem != "" {
		problem(&exchange.Problem{Code: first.Problem, Read: texts[0]})
	}
	if first.Pending {
		x.Status = exchange.Pending
	}
	x.Outcome = first.Outcome
}

// statuses are the words of a column of statuses.
var statuses = func() map[string]exchange.Status {
	m := map[string]exchange.Status{}
	for status, names := range map[exchange.Status][]string{
		exchange.Final:     {"final", "f", "chính thức", "đã duyệt", "đã trả kết quả", "verified"},
		exchange.Corrected: {"corrected", "correction", "c", "đính chính", "sửa đổi", "đã sửa", "amended"},
		exchange.Withdrawn: {"withdrawn", "entered in error", "w", "d", "thu hồi", "thu hồi kết quả", "hủy kết quả", "huỷ kết quả"},
		exchange.Cancelled: {"cancelled", "canceled", "x", "hủy", "huỷ", "đã hủy"},
		exchange.Pending:   {"preliminary", "p", "sơ bộ", "chờ duyệt", "chưa duyệt", "pending"},
	} {
		for _, name := range names {
			m[exchange.Plain(name)] = status
		}
	}
	return m
}()
