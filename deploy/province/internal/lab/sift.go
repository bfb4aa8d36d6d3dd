package lab

import (
	"fmt"
	"slices"
	"strings"

	"chot/deploy/province/internal/analytes"
	"chot/deploy/province/internal/exchange"
	"chot/kiosk/record"
)

// sifted is a statement after what it says was understood, and before it is known
// of which specimen it is.
type sifted struct {
	exchange.Result
	meaning analytes.Meaning
	fate    exchange.Fate // where nothing more is to be decided
	reason  string        // of the fate
	doubt   Problem       // why it can only be listed; "" where it may be filed
}

// sift says of each statement what it is, by what was measured. The order of the
// statements plays no part.
func sift(statements []exchange.Result, own analytes.Own) []sifted {
	all := make([]sifted, len(statements))
	for i, x := range statements {
		all[i] = one(x, own)
	}
	conclude(all)
	contradict(all)
	return all
}

// one looks at a statement alone.
func one(x exchange.Result, own analytes.Own) sifted {
	s := sifted{Result: x, meaning: meaning(x, own)}
	note := func(reason string) { s.fate, s.reason = exchange.Noted, reason }
	switch s.meaning.Kind {
	case analytes.Control:
		note(IsControl)
		return s
	case analytes.Question:
		note(IsQuestion)
		return s
	case analytes.Other:
		note(IsOther)
		return s
	}
	switch {
	case x.Problem != nil:
		s.fate, s.reason = exchange.Refused, x.Problem.Code
	case x.Quantity && s.meaning.Kind != analytes.Result:
		note(IsQuantity)
	case len(x.Specimens) == 0:
		s.fate, s.reason = exchange.Refused, exchange.NoTube
	case x.Status == exchange.Pending:
		s.fate = exchange.Waiting
	case x.Quantity:
		s.fate, s.reason = exchange.Refused, exchange.BadOutcome
	default:
		s.unclear()
	}
	if s.fate == "" {
		for _, id := range x.Specimens {
			if p := exchange.CheckTube(id.Value); p != nil {
				s.fate, s.reason, s.Problem = exchange.Refused, p.Code, p
				break
			}
		}
	}
	if s.Technique == 0 {
		s.Technique = s.meaning.Technique
	} else if s.meaning.Technique != 0 && s.Technique != s.meaning.Technique && s.doubt == "" {
		s.doubt = OtherTest // the code and the method disagree
	}
	return s
}

// unclear says what keeps a statement from being filed, whatever its specimen.
func (s *sifted) unclear() {
	switch {
	case s.Germ != "":
		s.doubt = NamesGerm
	case s.meaning.Kind == analytes.Unlisted:
		s.doubt = UnknownCode
	case s.meaning.Kind == analytes.Part:
		s.doubt = OnlyParts // unless a conclusion stands beside it
	case s.meaning.Kind != analytes.Result:
		s.doubt = UnknownCode
	case s.Status == exchange.Unknown:
		s.doubt = NotConfirmed
	}
}

// meaning is what a statement's measurement is. "Result" and "conclusion" are of
// what was ordered; so is a table's row that does not say more.
func meaning(x exchange.Result, own analytes.Own) analytes.Meaning {
	m := analytes.Find(x.Measured, own)
	stated := slices.ContainsFunc(x.Measured, func(c exchange.Code) bool { return c.Code != "" || c.Text != "" })
	if m.Kind != analytes.Answer && (stated || x.Summary) {
		if x.Summary && m.Kind == analytes.Panel {
			m.Kind = analytes.Result // the conclusion of a panel of one germ
		}
		return m
	}
	if x.Table {
		return analytes.Meaning{Kind: analytes.Result}
	}
	ordered := analytes.Find(x.Panel, own)
	if ordered.Kind == analytes.Panel {
		ordered.Kind = analytes.Result
	}
	if ordered.Kind == analytes.Answer || ordered.Kind == analytes.Several {
		return analytes.Meaning{}
	}
	return ordered
}

// conclude takes the parts of a test back where its conclusion is there too, and
// the conclusion where observations say more than it.
func conclude(all []sifted) {
	type test struct{ concluded, observed bool }
	tests := map[int]*test{}
	at := func(s *sifted) *test {
		if tests[s.Group] == nil {
			tests[s.Group] = &test{}
		}
		return tests[s.Group]
	}
	for i := range all {
		s := &all[i]
		if s.Table || s.fate != "" || s.meaning.Kind != analytes.Result {
			continue
		}
		if at(s).concluded = true; !s.Summary {
			at(s).observed = true
		}
	}
	for i := range all {
		s := &all[i]
		if s.Table || s.fate != "" {
			continue
		}
		t := at(s)
		if s.meaning.Kind == analytes.Part && t.concluded || s.Summary && s.doubt == UnknownCode && t.observed {
			s.fate, s.reason, s.doubt = exchange.Noted, IsPart, ""
		}
	}
}

// numbers are all numbers of a statement's specimen, for comparison.
func (s *sifted) numbers() string {
	var all strings.Builder
	for _, id := range s.Specimens {
		fmt.Fprintf(&all, "%s\x00", exchange.TubeKey(id.Value))
	}
	return all.String()
}

// contradict marks statements of one message, or of one table, that say different
// things of one specimen: which of them is right is not to be seen from the file.
func contradict(all []sifted) {
	type about struct {
		message, tube string
		technique     record.Technique
	}
	said := map[about]record.Outcome{}
	twice := map[about]bool{}
	key := func(s *sifted) (about, bool) {
		told := s.Status == exchange.Final || s.Status == exchange.Corrected || s.Status == exchange.Amended
		if s.fate != "" || s.doubt != "" || !told || s.Outcome == 0 {
			return about{}, false
		}
		return about{s.Message, s.numbers(), s.Technique}, true
	}
	for i := range all {
		if k, ok := key(&all[i]); ok {
			if before := said[k]; before != 0 && before != all[i].Outcome {
				twice[k] = true
			}
			said[k] = all[i].Outcome
		}
	}
	if len(twice) == 0 {
		return
	}
	for i := range all {
		if k, ok := key(&all[i]); ok && twice[k] {
			all[i].doubt = Contradiction
		}
	}
}
