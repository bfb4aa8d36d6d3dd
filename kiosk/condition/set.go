package condition

import (
	"cmp"
	"slices"
	"time"
)

// Standing is a condition that holds, and since when.
type Standing struct {
	*Condition
	Since time.Time
}

// Set is what is wrong with a kiosk at present, by part. The zero value is a
// kiosk with which nothing is wrong. It is not safe for concurrent use.
type Set struct {
	byPart map[string][]Standing
}

// Put replaces what is wrong with a part; nothing means that it is well. What
// was wrong with it before keeps its beginning.
func (s *Set) Put(part string, now time.Time, conditions ...*Condition) {
	var next []Standing
	for _, c := range conditions {
		since := now
		if i := slices.IndexFunc(s.byPart[part], func(o Standing) bool { return o.Condition == c }); i >= 0 {
			since = s.byPart[part][i].Since
		}
		next = append(next, Standing{c, since})
	}
	if s.byPart == nil {
		s.byPart = map[string][]Standing{}
	}
	s.byPart[part] = next
}

// All returns everything that is wrong, the gravest first, the oldest of those
// first. That is what a health report says.
func (s *Set) All() (all []Standing) {
	for _, standing := range s.byPart {
		all = append(all, standing...)
	}
	slices.SortFunc(all, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.Since.Compare(b.Since), cmp.Compare(a.Code, b.Code))
	})
	return all
}

// Visible returns what people are to be shown of a part: what has lasted long
// enough, and is not explained by something else that is shown.
func (s *Set) Visible(part string, now time.Time) (visible []Standing) {
	for _, c := range s.byPart[part] {
		if now.Sub(c.Since) >= c.Visible && !s.explained(c.Condition) {
			visible = append(visible, c)
		}
	}
	return visible
}

func (s *Set) explained(c *Condition) bool {
	return slices.ContainsFunc(c.DependsOn, func(cause *Condition) bool {
		for _, standing := range s.byPart {
			if slices.ContainsFunc(standing, func(o Standing) bool { return o.Condition == cause }) {
				return true
			}
		}
		return false
	})
}
