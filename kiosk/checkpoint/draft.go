package checkpoint

import (
	"cmp"
	"slices"

	"chot/kiosk/credential"
	"chot/kiosk/declaration"
	"chot/kiosk/policy"
)

// draft is a form that is being filled in.
type draft struct {
	purpose  Purpose
	form     *declaration.Form
	answers  declaration.Answers
	proxy    bool
	codes    []string // of identity papers that were read
	family   string   // of the last of them
	party    party    // who was declared before, on the same slip
	desk     *desk    // the sampling desk that waits for this person; nil for a visitor
	preset   []string // questions that were answered beforehand, and are not asked
	oneByOne bool     // the questions on health are asked one by one
}

// touched says whether anything was entered.
func (d draft) touched() bool {
	return len(d.codes) > 0 || slices.ContainsFunc(d.form.Questions, func(q declaration.Question) bool {
		return !slices.Contains(d.preset, q.ID) && !d.answers.Of(q.ID).Empty()
	})
}

// presets are answers that nearly all give: they stand in the review, where they can
// be changed, and are not asked.
var presets = map[string]string{"nationality": "VN"}

// newDraft is an empty form.
func newDraft(p Purpose, form *declaration.Form) draft {
	d := draft{purpose: p, form: form}
	for _, q := range form.Questions {
		value, ok := presets[q.ID]
		if ok && slices.ContainsFunc(q.Options, func(o declaration.Option) bool { return o.Value == value }) {
			d.answers = d.answers.With(q.ID, declaration.Answer{Chosen: []string{value}})
			d.preset = append(d.preset, q.ID)
		}
	}
	return d
}

// known says whether a question need not be asked: a code answered it, or it was
// answered beforehand.
func (d draft) known(q declaration.Question) bool {
	return d.answers.Of(q.ID).Filled || slices.Contains(d.preset, q.ID)
}

// about names the relative whom a proxy declares for, masked.
func (d draft) about() string {
	if !d.proxy {
		return ""
	}
	return mask(d.form.Person(d.answers, "").Name)
}

// party is a number of people on one slip.
type party struct {
	count   int
	number  string // of the first declaration, and so of the slip
	name    string // of the first, masked
	birth   int
	verdict policy.Verdict // the gravest
	codes   []string
}

// with adds a person who has declared.
func (p party) with(number, name string, birth int, v policy.Verdict, codes []string) party {
	if p.count == 0 {
		p = party{number: number, name: name, birth: birth, verdict: v}
	} else if v.Level > p.verdict.Level {
		p.verdict = v
	}
	p.count++
	p.codes = append(append([]string(nil), p.codes...), codes...)
	return p
}

// fill takes over what an identity paper says, over what was typed before.
func (d draft) fill(c *step, text string, cred *credential.Credential) draft {
	filled := d.form.Prefill(cred, c.m.setup.Units)
	for _, q := range d.form.Questions {
		if a := filled.Of(q.ID); !a.Empty() && q.Check(a, c.Now) == "" {
			d.answers = d.answers.With(q.ID, a)
		}
	}
	d.codes = append(append([]string(nil), d.codes...), text)
	d.family = string(cred.Family)
	d.proxy = d.proxy || cred.Holder.Proxy
	return d
}

// partWay ends a party whose last person left before the end: those who declared
// are a visit.
func (c *step) partWay(d draft) {
	if d.party.count > 0 {
		c.record(d.party.visit(c))
	}
}

// endParty shows those of a party who have declared their verdict, when the next
// form is given up.
func (c *step) endParty(d draft) screen {
	s := submitting{draft: d, visit: d.party.visit(c)}
	return s.measure(c)
}

// visit is the passage of a party that has declared.
func (p party) visit(c *step) visit {
	return visit{
		codes: p.codes, family: "declaration", name: p.name, verdict: sound(p.verdict),
		direction: cmp.Or(c.way(), In), party: p.count, staff: c.Staff.Number,
	}
}
