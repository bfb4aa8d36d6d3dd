package checkpoint_test

import (
	"fmt"

	"chot/kiosk/checkpoint"
	"chot/kiosk/policy"
)

// A visitor holds up a certificate: the caller carries out the actions, whose
// outcomes are the next events.
func Example() {
	s, err := checkpoint.New(setup(), noon, seed, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func(actions []checkpoint.Action) {
		fmt.Printf("%T:", s.View)
		for _, a := range actions {
			fmt.Printf(" %T", a)
		}
		fmt.Println()
	}
	s, actions := checkpoint.Step(s, checkpoint.CodeSeen{Text: "HC1:…", Symbology: "qr"})
	show(actions)

	checked := certificate("Nguyễn Thị Thử", policy.Green, policy.DoseValid)
	checked.ID = actions[1].(checkpoint.Check).ID
	s, actions = checkpoint.Step(s, checked)
	show(actions)

	s, actions = checkpoint.Step(s, checkpoint.RecordKept{ID: actions[0].(checkpoint.Keep).ID})
	show(actions)
	fmt.Println(s.View.(checkpoint.Shown).Name)
	// Output:
	// checkpoint.Checking: checkpoint.Buzz checkpoint.Check
	// checkpoint.Checking: checkpoint.Keep
	// checkpoint.Shown: checkpoint.OpenBarrier checkpoint.Lamp checkpoint.Buzz checkpoint.Say
	// N. T. Thử
}
