package report

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/api"
	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// Operations adds the reports to the API.
func (s *Pages) Operations(a *api.API) {
	api.Add(a, huma.Operation{
		OperationID: "daily", Method: http.MethodGet, Path: "/api/v1/reports/daily", Summary: "Figures of some days by checkpoint, commune or district",
		Description: "A count of people that is too small to be shown is null.", Errors: []int{http.StatusUnprocessableEntity},
	}, account.SeeReports, s.askDaily)
	api.Add(a, huma.Operation{
		OperationID: "figures", Method: http.MethodGet, Path: "/api/v1/figures/{day}", Summary: "Counts of a day by kind and label",
		Description: "A count of people that is too small to be shown is null.",
	}, account.SeeReports, s.askFigures)
	api.Add(a, huma.Operation{
		OperationID: "campaign", Method: http.MethodGet, Path: "/api/v1/campaigns/{campaign}", Summary: "How far the agencies of a campaign are",
		Description: "A count of people that is too small to be shown is null.", Errors: []int{http.StatusNotFound},
	}, account.SeeReports, s.askCampaign)
}

type dailyQuery struct {
	From  time.Time `query:"from" required:"true" format:"date" timeFormat:"2006-01-02"`
	To    time.Time `query:"to" required:"true" format:"date" timeFormat:"2006-01-02"`
	Level string    `query:"level" enum:"checkpoint,commune,district" default:"commune"`
}

// Figures are one place's in the API.
type Figures struct {
	Place        string `json:"place"`
	Area         string `json:"area"`
	Visits       int64  `json:"visits"`
	Green        int64  `json:"green"`
	Amber        int64  `json:"amber"`
	Red          int64  `json:"red"`
	Fever        *int64 `json:"fever"`
	Declarations int64  `json:"declarations"`
	Samples      int64  `json:"samples"`
	Positives    *int64 `json:"positives"`
}

// shown is a count for the API: nil where it is hidden.
func shown(c Count) *int64 {
	if c.Hidden {
		return nil
	}
	return &c.N
}

func (s *Pages) askDaily(ctx context.Context, who account.Account, in *dailyQuery) (*api.List[Figures], error) {
	from, to := db.DayOf(in.From), db.DayOf(in.To)
	if to < from || to-from >= longestSpan {
		return nil, huma.Error422UnprocessableEntity("the days are the wrong way round, or more than a year")
	}
	report, err := Make(ctx, s.DB, who.Area, from, to, Level(in.Level))
	if err != nil {
		return nil, err
	}
	out := &api.List[Figures]{}
	out.Body.Items = []Figures{}
	for _, r := range report.Rows {
		out.Body.Items = append(out.Body.Items, Figures{
			r.Place, string(r.Area), r.Visits, r.Green, r.Amber, r.Red, shown(r.Fever), r.Declarations, r.Samples, shown(r.Positives),
		})
	}
	return out, nil
}

type day struct {
	Day time.Time `path:"day" format:"date" timeFormat:"2006-01-02"`
}

// Figure is one count.
type Figure struct {
	Kind  int16  `json:"kind" doc:"kind of record: 1 visit, 2 declaration, 3 sample …"`
	Label string `json:"label" doc:"empty for all of the kind, else level/green, reason/…, family/… and so on"`
	Count *int64 `json:"count"`
}

func (s *Pages) askFigures(ctx context.Context, who account.Account, in *day) (*api.List[Figure], error) {
	rows, err := s.Figures(ctx, who.Area, db.DayOf(in.Day))
	if err != nil {
		return nil, err
	}
	out := &api.List[Figure]{}
	out.Body.Items = []Figure{}
	for i, c := range disclose(rows) {
		out.Body.Items = append(out.Body.Items, Figure{rows[i].Kind, rows[i].Label, shown(c)})
	}
	return out, nil
}

// disclose hides small counts of people who are ill, as [Daily] does: those with a
// fever, and the outcomes of tests, which add up to all tests.
func disclose(rows []db.Tally) []Count {
	counts := make([]Count, len(rows))
	tests := &node{Count: &Count{}}
	for i, row := range rows {
		counts[i].N = row.Count
		switch {
		case row.Kind == int16(record.KindResult) && row.Label == "":
			tests.Count = &counts[i]
		case row.Kind == int16(record.KindResult):
			tests.parts = append(tests.parts, &node{Count: &counts[i]})
		case row.Kind == int16(record.KindVisit) && row.Label == "fever":
			(&node{Count: &counts[i]}).suppress()
		}
	}
	tests.suppress()
	return counts
}

// AgencyFigures are one agency's in the API.
type AgencyFigures struct {
	Agency   string `json:"agency"`
	Name     string `json:"name"`
	Area     string `json:"area"`
	Staff    int64  `json:"staff"`
	App      *int64 `json:"app"`
	Declared *int64 `json:"declared"`
	Done     *int64 `json:"done"`
	Listed   bool   `json:"listed"`
	Behind   bool   `json:"behind"`
}

func (s *Pages) askCampaign(ctx context.Context, who account.Account, in *struct {
	Campaign string `path:"campaign" maxLength:"64"`
}) (*api.List[AgencyFigures], error) {
	p, err := Follow(ctx, s.DB, who.Area, in.Campaign)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, huma.Error404NotFound("no such campaign concerns the account's area")
	}
	if err != nil {
		return nil, err
	}
	out := &api.List[AgencyFigures]{}
	out.Body.Items = []AgencyFigures{}
	for _, a := range p.Agencies {
		out.Body.Items = append(out.Body.Items, AgencyFigures{
			a.Place, a.Name, string(a.Area), a.Staff, shown(a.App), shown(a.Declared), shown(a.Done), a.Listed, a.Behind,
		})
	}
	return out, nil
}
