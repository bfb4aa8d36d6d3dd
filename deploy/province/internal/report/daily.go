package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Level is what a row of a report stands for.
type Level string

// The levels.
const (
	Checkpoint Level = "checkpoint"
	Commune    Level = "commune"
	District   Level = "district"
)

// Levels are the levels, the smallest first.
var Levels = []Level{Checkpoint, Commune, District}

// Row is what happened at one place.
type Row struct {
	Place        string // code of the checkpoint, or unit codes
	Area         db.Area
	Visits       int64
	Green        int64
	Amber        int64
	Red          int64
	Declarations int64
	Samples      int64
	Positives    Count // tests of one person's specimen, by the day of the result
	Fever        Count
}

// Reason is how often a reason was given.
type Reason struct {
	Code  string
	Count int64
}

// Day is one day of the whole.
type Day struct {
	Day                       db.Day
	Visits, Red, Declarations int64
}

// Daily is the report of some days.
type Daily struct {
	From, To db.Day // both included
	Area     db.Area
	Level    Level
	Rows     []Row // by place
	Total    Row
	Reasons  []Reason // the most frequent first
	Days     []Day    // all of them
}

// tally is a sum of counts, as the database gives it.
type tally struct {
	Day   db.Day
	Site  string
	Area  db.Area
	Kind  int16
	Label string
	Count int64
}

// cells says where a sum of a kind and label belongs.
var cells = map[string]func(*Row) *int64{
	"1/":            func(r *Row) *int64 { return &r.Visits },
	"1/level/green": func(r *Row) *int64 { return &r.Green },
	"1/level/amber": func(r *Row) *int64 { return &r.Amber },
	"1/level/red":   func(r *Row) *int64 { return &r.Red },
	"1/fever":       func(r *Row) *int64 { return &r.Fever.N },
	"2/":            func(r *Row) *int64 { return &r.Declarations },
	"3/":            func(r *Row) *int64 { return &r.Samples },
	"5/" + positive: func(r *Row) *int64 { return &r.Positives.N },
}

func (r *Row) add(t tally) {
	if cell := cells[fmt.Sprintf("%d/%s", t.Kind, t.Label)]; cell != nil {
		*cell(r) += t.Count
	}
}

// counted are the labels that cells know.
var counted = []string{"", "level/green", "level/amber", "level/red", "fever"}

// Make counts days, both included, in an area.
func Make(ctx context.Context, d bun.IDB, area db.Area, from, to db.Day, level Level) (*Daily, error) {
	report := &Daily{From: from, To: to, Area: area, Level: level}
	report.Total.Area = area
	days := func() *bun.SelectQuery {
		return d.NewSelect().TableExpr("tallies AS t").Where("t.day BETWEEN ? AND ?", from, to).Apply(area.Where("t.area"))
	}
	var places, byDay []tally
	err := days().Join("LEFT JOIN kiosks AS k ON k.id = t.kiosk").
		ColumnExpr("COALESCE(k.site, t.kiosk) AS site, t.area, t.kind, t.label, SUM(t.count) AS count").
		Where("t.label IN (?)", bun.List(counted)).GroupExpr("1, t.area, t.kind, t.label").Scan(ctx, &places)
	if err != nil {
		return nil, fmt.Errorf("counting by place: %w", err)
	}
	err = days().ColumnExpr("t.day, t.kind, t.label, SUM(t.count) AS count").
		Where("t.kind IN (1, 2) AND t.label IN (?)", bun.List([]string{"", "level/red"})).GroupExpr("t.day, t.kind, t.label").Scan(ctx, &byDay)
	if err != nil {
		return nil, fmt.Errorf("counting by day: %w", err)
	}
	var reasons []tally
	err = days().ColumnExpr("t.label, SUM(t.count) AS count").Where("t.kind IN (1, 2) AND t.label LIKE 'reason/%'").
		GroupExpr("t.label").OrderExpr("2 DESC, 1").Limit(40).Scan(ctx, &reasons)
	if err != nil {
		return nil, fmt.Errorf("counting by reason: %w", err)
	}
	found, err := positives(ctx, d, area, from, to)
	if err != nil {
		return nil, err
	}
	places = append(places, found...)
	report.fill(places)
	for _, t := range reasons {
		report.Reasons = append(report.Reasons, Reason{strings.TrimPrefix(t.Label, "reason/"), t.Count})
	}
	report.Days = spread(byDay, from, to)
	return report, nil
}

// fold adds the sums up by place.
func fold(sums []tally, level Level) []Row {
	at := map[Row]*Row{}
	for _, t := range sums {
		key := Row{Place: string(t.Area), Area: t.Area}
		switch level {
		case Checkpoint:
			key.Place = t.Site
		case District:
			key.Area = t.Area.Up(2)
			key.Place = string(key.Area)
		}
		row := at[key]
		if row == nil {
			row = &Row{Place: key.Place, Area: key.Area}
			at[key] = row
		}
		row.add(t)
	}
	rows := make([]Row, 0, len(at))
	for _, row := range at {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.Place, b.Place)) })
	return rows
}

// fill adds the sums up by the places of the report's level, and hides small counts
// of people who are ill. What is hidden is decided over all levels at once, whichever
// is asked for: else one report would tell what another hides.
func (d *Daily) fill(sums []tally) {
	for _, t := range sums {
		d.Total.add(t)
	}
	levels := make([][]Row, len(Levels))
	for i, level := range Levels {
		levels[i] = fold(sums, level)
		if level == d.Level {
			d.Rows = levels[i]
		}
	}
	total := []Row{d.Total}
	levels = append(levels, total)
	for _, column := range []func(*Row) *Count{
		func(r *Row) *Count { return &r.Positives }, func(r *Row) *Count { return &r.Fever },
	} {
		lists := make([][]placed, len(levels))
		for i, rows := range levels {
			for k := range rows {
				lists[i] = append(lists[i], placed{rows[k].Area, column(&rows[k])})
			}
		}
		suppressLevels(lists)
	}
	d.Total = total[0]
}

// spread puts sums on all the days, those without any too.
func spread(sums []tally, from, to db.Day) []Day {
	days := make([]Day, to-from+1)
	for i := range days {
		days[i].Day = from + db.Day(i)
	}
	for _, t := range sums {
		switch day := &days[t.Day-from]; {
		case t.Kind == 2 && t.Label == "":
			day.Declarations += t.Count
		case t.Kind == 1 && t.Label == "":
			day.Visits += t.Count
		case t.Kind == 1:
			day.Red += t.Count
		}
	}
	return days
}
