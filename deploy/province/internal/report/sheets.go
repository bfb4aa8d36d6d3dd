package report

import (
	"slices"
	"strings"

	"chot/deploy/province/internal/db"
)

// words are how a workbook says things: by text keys, and places by their names.
type words struct {
	say   func(key string, args ...any) string
	place func(db.Area) string
}

// sheets are the workbook of a daily report.
func (d *Daily) sheets(w words) []sheet {
	say := w.say
	span := d.From.Time().Format("02/01/2006") + " – " + d.To.Time().Format("02/01/2006")
	header := func(keys string) (cells []any) {
		for key := range strings.FieldsSeq(keys) {
			cells = append(cells, say(key))
		}
		return cells
	}
	places := sheet{
		name: say("report.sheet.places"), above: []string{say("menu.reports") + ", " + span, say("report.area") + ": " + w.place(d.Area), say("report.hidden", "few", Few)},
		header: header("report.place report.area report.visits report.green report.amber report.red report.fever report.declarations report.samples report.positives"),
		widths: []float64{18, 18, 14, 14, 14, 16, 14, 14, 14, 14},
	}
	for _, r := range slices.Concat(d.Rows, []Row{d.Total}) {
		place := r.Place
		switch place {
		case "":
			place = say("report.total")
		case string(r.Area):
			place = w.place(r.Area)
		}
		places.rows = append(places.rows, []any{place, string(r.Area), r.Visits, r.Green, r.Amber, r.Red, r.Fever, r.Declarations, r.Samples, r.Positives})
	}
	reasons := sheet{name: say("report.sheet.reasons"), header: header("report.reason report.count"), widths: []float64{30, 12}}
	for _, r := range d.Reasons {
		reasons.rows = append(reasons.rows, []any{r.Code, r.Count})
	}
	days := sheet{name: say("report.sheet.days"), header: header("report.day report.visits report.red report.declarations"), widths: []float64{14, 14, 16, 14}}
	for _, day := range d.Days {
		days.rows = append(days.rows, []any{day.Day.Time().Format("02/01/2006"), day.Visits, day.Red, day.Declarations})
	}
	return []sheet{places, reasons, days}
}

// sheets are the workbook of a campaign.
func (p *Progress) sheets(w words) []sheet {
	say := w.say
	above := []string{p.Title, p.Target, say("campaign.deadline") + ": " + p.Deadline.In(db.Zone).Format("02/01/2006"), say("report.hidden", "few", Few)}
	table := func(name string, list []Share) sheet {
		s := sheet{
			name: say(name), above: above, widths: []float64{18, 36, 18, 12, 12, 12, 12, 10, 14},
			header: []any{say("report.place"), say("campaign.name"), say("report.area"), say("campaign.staff"), say("campaign.app"),
				say("campaign.declared"), say("campaign.done"), "%", say("campaign.state")},
		}
		for _, a := range slices.Concat(list, []Share{p.Total}) {
			state := ""
			if a.Behind {
				state = say("campaign.behind")
			}
			if !a.Listed {
				state = say("campaign.unlisted")
			}
			if a.Place == string(a.Area) {
				a.Name = w.place(a.Area)
			}
			s.rows = append(s.rows, []any{a.Place, a.Name, string(a.Area), a.Staff, a.App, a.Declared, a.Done, a.Percent(), state})
		}
		return s
	}
	return []sheet{
		table("campaign.sheet.agencies", p.Agencies), table("campaign.sheet.communes", p.Communes), table("campaign.sheet.districts", p.Districts),
	}
}
