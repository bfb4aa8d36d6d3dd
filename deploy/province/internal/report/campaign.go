package report

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Campaign is what a circular asks of agencies until a day.
type Campaign struct {
	bun.BaseModel `bun:"table:campaigns"`
	ID            string  `bun:",pk"` // as kiosks know it
	Title         string  // of the circular
	Target        string  // what is asked, in words
	Goal          int     // of the staff, in percent
	Area          db.Area // of the office that asks
	Deadline      db.Time
	Made          db.Time
	Account       string // that wrote it last
}

// Agency is asked by a campaign.
type Agency struct {
	bun.BaseModel `bun:"table:agencies"`
	Campaign      string `bun:",pk"`
	Code          string `bun:",pk"` // as kiosks know it
	Name          string
	Area          db.Area
	Staff         int64 // how many are to do what is asked
}

// Share is how far some agencies are.
type Share struct {
	Place    string // code of the agency, or unit codes
	Name     string
	Area     db.Area
	Staff    int64
	Seen     int64 // on a roll at all
	App      Count // have the app
	Declared Count // have declared
	Done     Count // both
	Listed   bool  // is asked; others have sent rolls all the same
	Behind   bool
}

// Percent is how much of the staff has done what is asked, "*" where that is
// hidden, "–" without staff.
func (s Share) Percent() string {
	switch {
	case s.Staff == 0:
		return "–"
	case s.Done.Hidden:
		return "*"
	}
	return fmt.Sprintf("%d%%", s.Done.N*100/s.Staff)
}

// Progress is the report of a campaign.
type Progress struct {
	Campaign
	Agencies  []Share // those behind first, the furthest behind on top, the hidden below
	Communes  []Share
	Districts []Share
	Total     Share
	Behind    int // agencies
}

// Campaigns are those that concern an area: of offices in it, and of offices that
// it belongs to.
func Campaigns(ctx context.Context, d bun.IDB, area db.Area) ([]Campaign, error) {
	var rows []Campaign
	if err := d.NewSelect().Model(&rows).Apply(concerning(area)).OrderExpr("deadline DESC, id").Limit(200).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing the campaigns: %w", err)
	}
	return rows, nil
}

func concerning(area db.Area) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.WhereGroup(" OR ", area.Where("area")).
				WhereOr("area IN (?)", bun.List([]db.Area{area.Up(1), area.Up(2), area.Up(3)}))
		})
	}
}

// Follow reports how far a campaign is in an area. The error is
// [sql.ErrNoRows] for a name without a campaign that concerns the area.
func Follow(ctx context.Context, d bun.IDB, area db.Area, id string) (*Progress, error) {
	p := &Progress{Campaign: Campaign{ID: id}}
	if err := d.NewSelect().Model(&p.Campaign).WherePK().Apply(concerning(area)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("looking up campaign %s: %w", id, err)
	}
	var agencies []Agency
	err := d.NewSelect().Model(&agencies).Where("campaign = ?", id).Apply(area.Where("area")).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the agencies of campaign %s: %w", id, err)
	}
	var sums []struct {
		Agency                    string
		Area                      db.Area
		Seen, App, Declared, Done int64
	}
	err = d.NewSelect().TableExpr("rolls AS r").Join("LEFT JOIN agencies AS g ON g.campaign = r.campaign AND g.code = r.agency").
		ColumnExpr("r.agency, COALESCE(g.area, MIN(r.area)) AS area, COUNT(*) AS seen").
		ColumnExpr("SUM(r.app) AS app, SUM(r.declared) AS declared, SUM(r.app * r.declared) AS done").
		Where("r.campaign = ?", id).GroupExpr("r.agency, g.area").Scan(ctx, &sums)
	if err != nil {
		return nil, fmt.Errorf("counting campaign %s: %w", id, err)
	}
	at := map[string]int{}
	for i, a := range agencies {
		at[a.Code] = i
		p.Agencies = append(p.Agencies, Share{Place: a.Code, Name: a.Name, Area: a.Area, Staff: a.Staff, Listed: true})
	}
	for _, s := range sums {
		i, listed := at[s.Agency]
		if !listed {
			if !area.Contains(s.Area) {
				continue
			}
			i = len(p.Agencies)
			p.Agencies = append(p.Agencies, Share{Place: s.Agency, Name: s.Agency, Area: s.Area})
		}
		share := &p.Agencies[i]
		share.Seen, share.App.N, share.Declared.N, share.Done.N = s.Seen, s.App, s.Declared, s.Done
	}
	p.sum()
	return p, nil
}

// sum adds the agencies up, says who is behind, hides what is small and sorts.
func (p *Progress) sum() {
	p.Communes, p.Districts = combine(p.Agencies, 3), combine(p.Agencies, 2)
	if all := combine(p.Agencies, 1); len(all) > 0 {
		p.Total = all[0]
	}
	for _, list := range [][]Share{p.Agencies, p.Communes, p.Districts} {
		for i := range list {
			s := &list[i]
			s.Behind = s.Staff > 0 && s.Done.N*100 < int64(p.Goal)*s.Staff
		}
	}
	p.suppress()
	for _, list := range [][]Share{p.Agencies, p.Communes, p.Districts} {
		slices.SortFunc(list, func(a, b Share) int { return cmp.Or(slices.Compare(a.rank(), b.rank()), cmp.Compare(a.Place, b.Place)) })
	}
	for _, s := range p.Agencies {
		if s.Behind {
			p.Behind++
		}
	}
}

// suppress hides what is small in each column, in all lists at once.
func (p *Progress) suppress() {
	total := []Share{p.Total}
	for _, column := range []func(*Share) *Count{
		func(s *Share) *Count { return &s.App }, func(s *Share) *Count { return &s.Declared }, func(s *Share) *Count { return &s.Done },
	} {
		var lists [][]placed
		for _, shares := range [][]Share{p.Agencies, p.Communes, p.Districts, total} {
			var list []placed
			for k := range shares {
				list = append(list, placed{shares[k].Area, column(&shares[k])})
			}
			lists = append(lists, list)
		}
		suppressLevels(lists)
	}
	p.Total = total[0]
}

// rank sorts those behind first, the furthest on top, and those without staff
// last. What is hidden comes after what is shown: a place between two numbers
// would tell it.
func (s Share) rank() []int64 {
	group := int64(1)
	if s.Behind {
		group = 0
	}
	switch {
	case s.Staff == 0:
		return []int64{2}
	case s.Done.Hidden:
		return []int64{group, 1}
	}
	return []int64{group, 0, s.Done.N * 1000 / s.Staff}
}

// combine adds shares up by the units of a level.
func combine(agencies []Share, level int) []Share {
	at := map[db.Area]int{}
	var all []Share
	for _, a := range agencies {
		area := a.Area.Up(level)
		i, known := at[area]
		if !known {
			i = len(all)
			at[area] = i
			all = append(all, Share{Place: string(area), Area: area, Listed: true})
		}
		s := &all[i]
		s.Staff, s.Seen = s.Staff+a.Staff, s.Seen+a.Seen
		s.App.N, s.Declared.N, s.Done.N = s.App.N+a.App.N, s.Declared.N+a.Declared.N, s.Done.N+a.Done.N
	}
	return all
}

// ErrElsewhere means that another office has a campaign of that name.
var ErrElsewhere = errors.New("another office has a campaign of that name")

// Keep writes a campaign with the agencies that it asks, in place of what its
// office wrote under its name before.
func Keep(ctx context.Context, tx bun.Tx, c Campaign, agencies []Agency) error {
	held := Campaign{ID: c.ID}
	err := tx.NewSelect().Model(&held).WherePK().Scan(ctx)
	switch {
	case err == nil && held.Area != c.Area:
		return ErrElsewhere
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("looking up campaign %s: %w", c.ID, err)
	}
	_, err = tx.NewInsert().Model(&c).On("CONFLICT (id) DO UPDATE").Set("title = EXCLUDED.title").Set("target = EXCLUDED.target").
		Set("goal = EXCLUDED.goal").Set("deadline = EXCLUDED.deadline").Set("account = EXCLUDED.account").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping campaign %s: %w", c.ID, err)
	}
	if _, err := tx.NewDelete().Model((*Agency)(nil)).Where("campaign = ?", c.ID).Exec(ctx); err != nil {
		return fmt.Errorf("replacing the agencies of campaign %s: %w", c.ID, err)
	}
	return db.Insert(ctx, tx, agencies)
}

// LineError says which line of a list of agencies cannot be read.
type LineError struct{ Line int }

func (e LineError) Error() string {
	return fmt.Sprintf("line %d is not code;name;area;staff, with an area of the office", e.Line)
}

// ReadAgencies reads a list of agencies, one a line: code;name;area;staff. The
// areas must lie in the office's own.
func ReadAgencies(campaign string, office db.Area, text string) ([]Agency, error) {
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord, in.TrimLeadingSpace = ';', -1, true
	var agencies []Agency
	codes := map[string]bool{}
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return agencies, nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, LineError{broken.Line}
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		if len(fields) != 4 {
			return nil, LineError{line}
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		area, areaErr := db.ParseArea(fields[2])
		staff, staffErr := strconv.ParseInt(fields[3], 10, 32)
		code := fields[0]
		if code == "" || len(code) > longest || codes[code] || fields[1] == "" || areaErr != nil || !office.Contains(area) || staffErr != nil || staff < 0 {
			return nil, LineError{line}
		}
		codes[code] = true
		agencies = append(agencies, Agency{Campaign: campaign, Code: code, Name: fields[1], Area: area, Staff: staff})
	}
}

// Left is how many whole days are left until the deadline, negative afterwards.
func (c Campaign) Left(now time.Time) int {
	return int(db.LocalDay(c.Deadline.Time)) - int(db.LocalDay(now))
}
