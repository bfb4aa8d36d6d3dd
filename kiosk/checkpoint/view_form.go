package checkpoint

import "chot/kiosk/declaration"

// The kinds of questions, under this package's name.
type QuestionKind = declaration.Kind

// Their values.
const (
	NameQuestion     = declaration.NameField
	YearQuestion     = declaration.YearField
	DigitsQuestion   = declaration.DigitsField
	TextQuestion     = declaration.TextField
	ChoiceQuestion   = declaration.ChoiceField
	ChoicesQuestion  = declaration.ChoicesField
	UnitQuestion     = declaration.UnitField
	DocumentQuestion = declaration.DocumentField
)

// Purpose is what a person's data is asked for.
type Purpose string

// The purposes.
const (
	ForDeclaration Purpose = "declaration"
	ForTest        Purpose = "test"
	ForVaccination Purpose = "vaccination"
	ForSample      Purpose = "sample"
	ForRoll        Purpose = "roll"
)
