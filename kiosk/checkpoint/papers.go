package checkpoint

import (
	"strconv"
	"time"

	"chot/kiosk/record"
	"chot/kiosk/sampling"
)

// zone is Vietnam's: one, without summer time. Papers are read there, whatever the
// machine's own zone is.
var zone = time.FixedZone("ICT", 7*60*60)

// stamp writes a time as it stands on paper in Vietnam.
func stamp(t time.Time) string { return t.In(zone).Format("02/01/2006 15:04") }

// year writes a year of birth, "" where it is not known.
func year(y int) string {
	if y == 0 {
		return ""
	}
	return strconv.Itoa(y)
}

// tubeLabel is what stands on a tube: its number, and for one person's the
// masked name and birth year, so that the desk sees at a glance whose it is.
func (c *step) tubeLabel(t sampling.Tube, p record.Person, copies int, again string) paper {
	fields := map[string]string{
		"number": t.Number, "technique": t.Technique.String(), "at": stamp(t.Since.Time()),
		"kiosk": c.m.setup.Kiosk, "pool": strconv.FormatBool(t.Pool), "name": "", "birth": "",
	}
	if !t.Pool && p.Name != "" {
		fields["name"], fields["birth"] = mask(p.Name), year(p.Birth)
	}
	return paper{
		number: t.Number, again: again,
		job: Job{Layout: "sample", Code: t.Number, Fields: fields, Copies: copies},
	}
}

// slipPaper is the slip of a form, signed by the kiosk.
func (c *step) slipPaper(body SlipBody, number string) paper {
	until := c.Now.Add(c.m.setup.SlipValid)
	p := paper{
		number: number,
		sign:   &Sign{Number: number, Until: until, Slip: &body},
		job: Job{Layout: "slip", Copies: 1, Fields: map[string]string{
			"number": number, "name": body.Name, "birth": year(body.Birth), "basis": body.Basis, "level": body.Level.String(),
			"kiosk": c.m.setup.Kiosk, "party": strconv.Itoa(body.Party), "at": stamp(c.Now), "until": stamp(until),
		}},
	}
	if body.Basis != string(ForDeclaration) { // a registration is no verdict
		delete(p.job.Fields, "level")
	}
	return p
}

// resultPaper is the result of a test. Its code is the province's where it came
// from there, else the kiosk signs.
func (c *step) resultPaper(body ResultBody, number, code string) paper {
	p := paper{
		number: number,
		job: Job{Layout: "result", Code: code, Copies: 1, Fields: map[string]string{
			"number": number, "tube": body.Tube, "name": body.Name, "birth": year(body.Birth), "kiosk": c.m.setup.Kiosk, "outcome": body.Outcome.String(),
			"technique": body.Technique.String(), "sampled": stamp(body.Sampled), "at": stamp(c.Now),
		}},
	}
	if code == "" {
		p.sign = &Sign{Number: number, Until: c.Now.Add(c.m.setup.SlipValid), Result: &body}
	}
	return p
}
