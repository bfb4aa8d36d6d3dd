// Package analytes says what the codes of measurements mean: which is a result of
// SARS-CoV-2 by a technique, which a part of one, a panel, a control, a question
// that was asked with the order, or something else. The table is data
// (analytes.json: LOINC codes after the LIVD catalogue and the Ministry's and WHO's
// lists, and the names that laboratories write); what a laboratory's own codes mean
// is said by a person and handed in as [Own].
package analytes

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"

	"chot/deploy/province/internal/exchange"
	"chot/kiosk/record"
)

// Kind says what a code stands for.
type Kind string

// The kinds.
const (
	Result     Kind = "result"           // the outcome of a technique
	Part       Kind = "part"             // one target of several: no outcome by itself
	Panel      Kind = "panel"            // what was ordered: its members are the results
	Several    Kind = "panel-of-several" // a panel of several germs
	Identified Kind = "identified"       // the answer names the germ
	Control    Kind = "control"          // of the test itself
	Question   Kind = "question"         // asked at the order
	Other      Kind = "other"            // another germ, antibodies, a number
	Answer     Kind = "answer"           // "result" or "conclusion": of what was ordered
	Unlisted   Kind = ""                 // not known
)

// Choices are the kinds that a person may say a code is of.
var Choices = []Kind{Result, Part, Control, Question, Other}

// Meaning is what a code means.
type Meaning struct {
	Kind      Kind
	Technique record.Technique // 0 where it does not say
}

// Own are the codes of one laboratory, by [Key].
type Own map[string]Meaning

// Key is a code as [Own] has it: system and code, or the text where there is no code.
func Key(c exchange.Code) string {
	if c.Code == "" {
		return "|" + exchange.Plain(c.Text)
	}
	return strings.ToUpper(c.System) + "|" + strings.ToUpper(c.Code)
}

//go:embed analytes.json
var tableJSON []byte

var table = func() (t struct{ loinc, names map[string]Meaning }) {
	var data map[Kind]map[string]map[string][]string
	if err := json.Unmarshal(tableJSON, &data); err != nil {
		panic(err) // the file is compiled in
	}
	t.loinc, t.names = map[string]Meaning{}, map[string]Meaning{}
	for kind, techniques := range data {
		for technique, lists := range techniques {
			m := Meaning{kind, record.ParseTechnique(technique)}
			for _, code := range lists["LN"] {
				t.loinc[code] = m
			}
			for _, name := range lists["names"] {
				t.names[exchange.Plain(name)] = m
			}
		}
	}
	return t
}()

var loinc = regexp.MustCompile(`^\d{3,6}-\d$`)

// Find says what a measurement is by its codes, the laboratory's own first, then
// LOINC, then the names. Codes of one field name one thing: where two of them are
// known and differ, nothing is known.
func Find(codes []exchange.Code, own Own) Meaning {
	found := Meaning{}
	for _, c := range codes {
		m := find(c, own)
		switch {
		case m.Kind == Unlisted:
		case found.Kind == Unlisted:
			found = m
		case found.Kind != m.Kind:
			return Meaning{}
		}
	}
	return found
}

func find(c exchange.Code, own Own) Meaning {
	if m, known := own[Key(c)]; known {
		return m
	}
	if m, known := own[Key(exchange.Code{Text: c.Text})]; known && c.Text != "" {
		return m
	}
	if c.System == "LN" || loinc.MatchString(c.Code) {
		return table.loinc[c.Code]
	}
	for _, name := range []string{c.Text, c.Code} {
		if m, known := table.names[exchange.Plain(name)]; known && name != "" {
			return m
		}
		if t := exchange.TechniqueOf(name); t != 0 {
			return Meaning{Result, t}
		}
	}
	return Meaning{}
}

// System is the short name of a code system that FHIR or HL7 v2 names.
func System(s string) string {
	switch strings.TrimSuffix(strings.ToLower(s), "/") {
	case "http://loinc.org", "ln", "loinc", "urn:oid:2.16.840.1.113883.6.1":
		return "LN"
	case "http://snomed.info/sct", "sct", "snomed-ct", "urn:oid:2.16.840.1.113883.6.96":
		return "SCT"
	}
	return s
}
