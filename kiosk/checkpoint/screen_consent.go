package checkpoint

import "time"

// Consent is the notice on personal data that is agreed to before anything is
// kept.
type Consent struct {
	Purpose   Purpose
	Retention time.Duration
	Party     int    // people on the slip, this one included
	MayAdd    bool   // another person may be declared for on the same slip: TapAdd for TapAgree
	Problem   string // why it could not be kept: "not-kept"; it may be tried again
}

func (Consent) view() {}

// consent is the notice that is agreed to before anything is kept.
type consent struct {
	form
	draft   draft
	problem string      // why it could not be kept
	slow    *submitting // whose record took too long, and may still come
}

var _ = register(taps[consent]{
	TapBack:    consent.back,
	TapDecline: consent.home,
	TapAgree:   consent.agree,
	TapAdd:     consent.add,
}, Consent{})

func (consent) screenID() string { return "consent" }
func (s consent) onExit(c *step) { c.partWay(s.draft) }

func (s consent) view(c *step) View {
	return Consent{
		Purpose: s.draft.purpose, Retention: c.m.setup.Retention, Party: s.draft.party.count + 1,
		MayAdd:  s.draft.purpose == ForDeclaration && s.draft.party.count+1 < maxParty && s.draft.desk == nil,
		Problem: s.problem,
	}
}

// maxParty is how many people one slip can be for: a van full.
const maxParty = 16

func (s consent) on(c *step, e Event) screen {
	if kept, ok := e.(RecordKept); ok && s.slow != nil && kept.ID == s.slow.id {
		return s.slow.kept(c) // after all
	}
	return s
}

func (s consent) back(*step, string) screen      { return review{draft: s.draft} }
func (s consent) agree(c *step, _ string) screen { return c.submit(s.draft, false) }

func (s consent) add(c *step, _ string) screen {
	if s.view(c).(Consent).MayAdd {
		return c.submit(s.draft, true)
	}
	return s
}
