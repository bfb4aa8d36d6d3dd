package checkpoint_test

import (
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/policy"
)

// BenchmarkVisit is one visitor, from the code to idle again, without the check.
func BenchmarkVisit(b *testing.B) {
	s, err := checkpoint.New(setup(), noon, seed, nil)
	if err != nil {
		b.Fatal(err)
	}
	checked := certificate("Nguyễn Thị Thử", policy.Green, policy.DoseValid)
	now := noon
	b.ReportAllocs()
	for b.Loop() {
		var actions []checkpoint.Action
		s, actions = checkpoint.Step(s, checkpoint.CodeSeen{Text: "HC1:A"})
		checked.ID = actions[1].(checkpoint.Check).ID
		s, actions = checkpoint.Step(s, checked)
		s, _ = checkpoint.Step(s, checkpoint.RecordKept{ID: actions[0].(checkpoint.Keep).ID})
		now = now.Add(2 * time.Minute)
		s, _ = checkpoint.Step(s, checkpoint.Tick{Now: now})
	}
}
