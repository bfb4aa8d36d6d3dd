// Package declaration is the form: what people are asked, as data, and what
// follows from their answers.
//
// A [Form] is a JSON file with validity dates; [Default] holds the shipped ones: the
// health declaration ("health"), the registration for a test ("test") and for
// vaccination ("vaccination"). [Answers] are filled in by hand, or by [Prefill] from an
// identity paper. [Form.Check] says what is wrong with an answer, [Form.Assess] makes
// the verdict by the form's triage rules, and [Person] and its neighbours make
// records of the answers.
//
// A question whose ID is one of those below means what a record has a field
// for; the answers to all others go along under their own names.
//
//	name birth sex nationality document phone address street   record.Person
//	travel symptoms contacts                                   record.Declaration
//	reason technique place slot                                record.Order
//	group doses wish                                           record.Vaccination
//
// Addresses are codes of administrative units. [Units] is one set of them: units
// are reorganised, so an address names its set.
package declaration
