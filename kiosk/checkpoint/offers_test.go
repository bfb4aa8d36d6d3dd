package checkpoint_test

import (
	"slices"

	"chot/kiosk/checkpoint"
)

// anyTap is every tap there is.
var anyTap = func() []checkpoint.Tap {
	all := checkpoint.Everywhere()
	for _, v := range checkpoint.Views() {
		all = append(all, checkpoint.Taps(v)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}()

// offers are the events by which people go on from a screen, so that random
// walks get deep.
func offers(v checkpoint.View) []checkpoint.Event {
	var all []checkpoint.Event
	tap := func(t checkpoint.Tap, values ...string) {
		if len(values) == 0 {
			values = []string{""}
		}
		for _, v := range values {
			all = append(all, checkpoint.Tapped{Tap: t, Value: v})
		}
	}
	switch v := v.(type) {
	case checkpoint.Idle:
		for _, s := range v.Services {
			tap(checkpoint.TapService, string(s))
		}
		all = append(all, checkpoint.CodeSeen{Text: "badge-sampler"}, checkpoint.CodeSeen{Text: "badge-supervisor"})
	case checkpoint.ForWhom:
		tap(checkpoint.TapSelf)
		all = append(all, checkpoint.CodeSeen{Text: mark + "-card"})
	case checkpoint.Question:
		for _, o := range v.Options {
			tap(checkpoint.TapOption, o.Value)
		}
		for _, u := range v.Search.Matches {
			tap(checkpoint.TapUnit, u.Code)
		}
		switch v.Kind {
		case checkpoint.NameQuestion:
			all = append(all, checkpoint.Typed{Text: "N " + mark})
		case checkpoint.YearQuestion:
			all = append(all, checkpoint.Typed{Text: "1950"})
		case checkpoint.DigitsQuestion:
			all = append(all, checkpoint.Typed{Text: phone})
		}
		for range len(all) + 1 {
			tap(checkpoint.TapNext)
		}
	case checkpoint.HealthCheck:
		tap(checkpoint.TapNext)
		tap(checkpoint.TapOption)
	case checkpoint.Discard:
		tap(checkpoint.TapAgree)
		tap(checkpoint.TapBack)
	case checkpoint.Review:
		tap(checkpoint.TapNext)
		tap(checkpoint.TapAgree)
		tap(checkpoint.TapAdd)
	case checkpoint.Login:
		all = append(all, checkpoint.Typed{Text: "1234"})
		tap(checkpoint.TapNext)
	case checkpoint.StaffMenu:
		for _, t := range v.Tasks {
			tap(checkpoint.TapTask, string(t))
		}
	case checkpoint.SamplingDesk:
		tap(checkpoint.TapAdd)
		tap(checkpoint.TapClose)
		tap(checkpoint.TapUndo)
		tap(checkpoint.TapVoid)
		tap(checkpoint.TapTechnique, "antigen")
		for _, o := range v.Open {
			tap(checkpoint.TapOpen, o.Tube)
		}
		for _, c := range []string{mark + "-card", v.Tube, "LAB-0003"} {
			all = append(all, checkpoint.CodeSeen{Text: c})
		}
	case checkpoint.Antigens:
		for _, t := range v.Tests {
			tap(checkpoint.TapOpen, t.Tube)
		}
	case checkpoint.AntigenReading:
		tap(checkpoint.TapOutcome, "negative", "unfit")
		tap(checkpoint.TapNext)
	case checkpoint.Manual:
		tap(checkpoint.TapReason, v.Reasons...)
	case checkpoint.Override:
		for _, s := range v.Scans {
			tap(checkpoint.TapOpen, s.ID)
		}
		tap(checkpoint.TapReason, "green/paper-seen", "red/paper-seen")
	case checkpoint.RollCall:
		tap(checkpoint.TapAgency, "a1")
		tap(checkpoint.TapDone)
		all = append(all, checkpoint.CodeSeen{Text: mark + "-card"})
	case checkpoint.ShiftEnd:
		for _, t := range v.Tubes {
			tap(checkpoint.TapVoid, t.Tube)
		}
		tap(checkpoint.TapReason, v.Reasons...)
		tap(checkpoint.TapDone)
	case checkpoint.ResultLookUp, checkpoint.VaccinationAsk:
		all = append(all, checkpoint.CodeSeen{Text: mark + "-slip"}, checkpoint.Typed{Text: "1234"})
		tap(checkpoint.TapNext)
	case checkpoint.VaccinationDesk:
		tap(checkpoint.TapRegister)
		tap(checkpoint.TapStatus)
		tap(checkpoint.TapShow)
	case checkpoint.Shown:
		all = append(all, checkpoint.CodeSeen{Text: mark + "-cert-a"}, checkpoint.CodeSeen{Text: "badge-supervisor"})
	case checkpoint.Provision:
		all = append(all, checkpoint.CodeSeen{Text: "sheet"})
		tap(checkpoint.TapNext)
	}
	return all
}
