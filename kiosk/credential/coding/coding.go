// Package coding has the code systems that several families of credentials use,
// and reads fields into events so that what cannot be read is said, not taken
// for zero.
//
// Sources: SNOMED CT and ICD-11 as WHO's DDCC and ICVP guides use them, LOINC
// answer list LL2021-5, CVX of the CDC, ISO 3166-1.
package coding

import (
	"strings"

	"golang.org/x/text/language"
)

// Diseases by their SNOMED CT codes, which events have.
const (
	COVID19     = "840539006"
	YellowFever = "16541001"
	Polio       = "398102009"
)

// Kinds of tests by their LOINC codes, which events have.
const (
	NAAT    = "LP6464-4"
	Antigen = "LP217198-3"
)

// diseases are codes of ICD-11 for diseases, their agents and the vaccines
// against them.
var diseases = map[string]string{
	"RA01": COVID19, "XN109": COVID19, "XM68M6": COVID19, "XM1NL1": COVID19, "XM5DF6": COVID19, "XM9QW8": COVID19,
	"XM0CX4": COVID19, "XM5JC5": COVID19, "XM1J92": COVID19, "XM6AT1": COVID19, "XM0GQ8": COVID19,
	"1D47": YellowFever, "XM0N24": YellowFever, "XM3418": YellowFever,
	"1C81": Polio, "XM0N50": Polio,
}

// products are the beginnings of the product ids of WHO's list of prequalified
// vaccines, as the ICVP has them.
var products = [...]struct{ prefix, disease string }{
	{"YellowFeverProduct", YellowFever},
	{"COVID-19Product", COVID19}, {"Covid-19Product", COVID19},
	{"Polio", Polio},
}

// Disease is the SNOMED CT code of a disease, of what causes it or of a vaccine
// against it; a code that is not known stays as it is, so that no other disease
// passes for one that is asked for.
func Disease(code string) string {
	if known, ok := diseases[code]; ok {
		return known
	}
	if stem, _, ok := strings.Cut(code, "."); ok { // RA01.0: a more precise code
		if known, ok := diseases[stem]; ok {
			return known
		}
	}
	for _, p := range products {
		if strings.HasPrefix(code, p.prefix) {
			return p.disease
		}
	}
	return code
}

// Results of a test, which events have.
const (
	Negative = "negative"
	Positive = "positive"
)

// results are answers of SNOMED CT, LOINC, HL7 and in words.
var results = map[string]string{
	"260415000": Negative, "260385009": Negative, "LA6577-6": Negative, "LA11883-8": Negative, "NEG": Negative, "ND": Negative,
	"negative": Negative, "not detected": Negative, "normal": Negative,
	"260373001": Positive, "10828004": Positive, "LA6576-8": Positive, "LA11882-0": Positive, "POS": Positive, "DET": Positive,
	"positive": Positive, "detected": Positive, "abnormal": Positive,
}

// Result is what a test's answer says, "" for one that is neither.
func Result(answer string) string {
	if r, ok := results[answer]; ok {
		return r
	}
	return results[strings.ToLower(strings.TrimSpace(answer))]
}

var sexes = map[string]string{"male": "male", "m": "male", "female": "female", "f": "female", "other": "other", "x": "other", "o": "other"}

// Sex is "male", "female", "other" or "".
func Sex(code string) string { return sexes[strings.ToLower(code)] }

// Country is the code of two letters for one of three; others stay.
func Country(code string) string {
	if len(code) == 3 {
		if region, err := language.ParseRegion(code); err == nil {
			return region.String()
		}
	}
	return code
}

// Latin is a name in capitals where it has no letters but those of ASCII, else
// "": most families carry no transliteration.
func Latin(name string) string {
	for _, r := range name {
		if r > 126 {
			return ""
		}
	}
	return strings.ToUpper(name)
}
