package declaration_test

import (
	"fmt"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/declaration"
)

// An identity card answers part of the form; the rest is asked.
func Example() {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	form := declaration.Pick(declaration.Default(), declaration.Health, noon)
	card := &credential.Credential{Family: credential.VNID, Holder: credential.Holder{
		Name: "Phạm Thị Mẫu", Birth: credential.Date{Year: 1950}, Sex: "female",
	}}
	answers := form.Prefill(card, nil)
	place, problem := form.Open(answers, noon)
	fmt.Println(form.Asked(answers)[place].ID, problem)

	answers = answers.
		With("address", declaration.Answer{Chosen: []string{"11074"}}).
		With("travelled", declaration.Answer{Chosen: []string{"no"}}).
		With("symptoms", declaration.Answer{Chosen: []string{"cough"}}).
		With("contacts", declaration.Answer{Chosen: []string{"none"}})
	verdict := form.Assess(answers, noon)
	fmt.Println(verdict.Level, verdict.Reasons[0].Code)
	// Output:
	// address missing
	// amber declared-symptoms
}
