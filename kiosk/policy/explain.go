package policy

import (
	"fmt"
	"strings"
	"time"

	"chot/kiosk/credential"
)

// Step is one question on the way to a verdict, with its answer.
type Step struct {
	// Code is the number of the code among those shown, from 1; 0 where all of them
	// together were asked about.
	Code   int    `json:"code,omitempty"`
	Asked  string `json:"asked"`           // "standing", "revoked", "validity", "event", "rule", "value-set", "require", "freshness", "holder"
	About  string `json:"about,omitempty"` // the event, the rule, the requirement
	Answer string `json:"answer"`          // the code of a reason, or what was found
}

// Explain judges as [RuleSet.Judge] does and says by which questions the verdict
// came about, in their order. Steps hold days of doses and tests: they are for
// whoever holds the code in their hand, and are not kept.
func (b *RuleSet) Explain(in Input, shown ...*credential.Credential) (Verdict, []Step) {
	steps := []Step{}
	v := b.judge(in, &steps, shown)
	return v, steps
}

// explains says whether questions are noted: what only words them is left out
// otherwise.
func (c *evaluation) explains() bool { return c.steps != nil }

// ask notes a question and its answer.
func (c *evaluation) ask(asked, about, answer string) {
	if c.explains() {
		*c.steps = append(*c.steps, Step{Code: c.code, Asked: asked, About: about, Answer: answer})
	}
}

// askRequirement notes how much of a requirement is there.
func (c *evaluation) askRequirement(disease string, want kinds, missing int) {
	if !c.explains() {
		return
	}
	answer := "met"
	if missing > 0 {
		answer = fmt.Sprintf("lacks %d", missing)
	}
	c.ask("require", disease+": "+want.String(), answer)
}

func (k kinds) String() string {
	var names []string
	for _, kind := range kindOrder {
		if k&kind.bit != 0 {
			names = append(names, string(kind.kind))
		}
	}
	return strings.Join(names, " and ")
}

// describeEvent is an event as it was read.
func describeEvent(e *credential.Event) string {
	words := []string{string(e.Kind)}
	if e.Number > 0 || e.Of > 0 {
		words = append(words, fmt.Sprintf("%d/%d", e.Number, e.Of))
	}
	for _, part := range []struct{ name, value string }{
		{"disease", e.Disease}, {"product", e.Product}, {"result", e.Result}, {"at", stampOf(e.At)}, {"until", stampOf(e.Until)},
	} {
		if part.value != "" {
			words = append(words, part.name+" "+part.value)
		}
	}
	if e.Unread != 0 {
		words = append(words, fmt.Sprintf("unread %v", e.Unread))
	}
	return strings.Join(words, ", ")
}

func stampOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
