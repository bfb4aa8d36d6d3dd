package declaration

import (
	"cmp"
	"slices"
	"time"

	"chot/kiosk/policy"
)

// NothingDeclared is the reason for green: all questions were answered, and no
// rule of triage holds.
const NothingDeclared = "nothing-declared"

// Incomplete is the reason for amber where a form without all its answers is
// judged.
const Incomplete = "incomplete"

// Assess makes the verdict over a form's answers by its triage rules.
func (f *Form) Assess(a Answers, now time.Time) policy.Verdict {
	v := policy.Verdict{
		Rules: policy.Freshness{Version: f.Name(), Grade: policy.Fresh},
		Trust: policy.Freshness{Grade: policy.Fresh},
		At:    now,
	}
	for _, r := range f.Triage {
		if !slices.ContainsFunc(r.When, func(c Clause) bool { return !f.asked(c.Question, a) || !f.holds(c, a) }) {
			v.Reasons = append(v.Reasons, policy.Reason{Code: r.Code, Level: r.Level, Rule: f.ID, Version: f.Version})
		}
	}
	if i, _ := f.Open(a, now); i >= 0 {
		v.Reasons = append(v.Reasons, policy.Reason{Code: Incomplete, Level: policy.Amber})
	}
	if len(v.Reasons) == 0 {
		v.Reasons = []policy.Reason{{Code: NothingDeclared, Level: policy.Green, Rule: f.ID, Version: f.Version}}
	}
	slices.SortStableFunc(v.Reasons, func(a, b policy.Reason) int { return cmp.Compare(b.Level, a.Level) })
	v.Level = v.Reasons[0].Level
	return v
}

// asked says whether a question is asked, given the answers.
func (f *Form) asked(id string, a Answers) bool {
	return slices.ContainsFunc(f.Asked(a), func(q Question) bool { return q.ID == id })
}

// Name is the form's id and version as records have it: "health/2026-01".
func (f *Form) Name() string { return f.ID + "/" + f.Version }
