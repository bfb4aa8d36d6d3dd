package shc

import (
	"strings"

	"chot/kiosk/credential"
)

// bundle is a FHIR R4 Bundle as far as the kiosk reads it.
type bundle struct {
	Entry []struct {
		Resource resource `json:"resource"`
	} `json:"entry"`
}

// resource has the fields of all resources that are read.
type resource struct {
	Type   string `json:"resourceType"`
	Status string `json:"status"`

	// Patient
	Name  []name `json:"name"`
	Birth string `json:"birthDate"`
	Sex   string `json:"gender"`

	// Immunization
	Vaccine  concept `json:"vaccineCode"`
	Occurred string  `json:"occurrenceDateTime"`
	Protocol []struct {
		Number int `json:"doseNumberPositiveInt"`
		Of     int `json:"seriesDosesPositiveInt"`
	} `json:"protocolApplied"`

	// Observation
	Code      concept `json:"code"`
	Effective string  `json:"effectiveDateTime"`
	Value     concept `json:"valueCodeableConcept"`
}

type name struct {
	Text   string   `json:"text"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
	Suffix []string `json:"suffix"`
}

type concept struct {
	Coding []struct {
		System string `json:"system"`
		Code   string `json:"code"`
	} `json:"coding"`
}

// describe reads the patient and the events.
func (b *bundle) describe(c *credential.Credential) {
	for i := range b.Entry {
		switch r := &b.Entry[i].Resource; {
		case r.Type == "Patient" && c.Holder.Name == "":
			c.Holder = r.holder()
		case r.Type == "Immunization" && r.Status == "completed":
			c.Events = append(c.Events, r.dose())
		case r.Type == "Observation" && (r.Status == "final" || r.Status == "amended" || r.Status == "corrected"):
			c.Events = append(c.Events, r.test())
		}
	}
}

func (r *resource) holder() credential.Holder {
	h := credential.Holder{Birth: credential.ParseDate(r.Birth), Sex: r.Sex}
	if h.Sex == "unknown" {
		h.Sex = ""
	}
	if len(r.Name) == 0 {
		return h
	}
	n := r.Name[0]
	if h.Name = n.Text; h.Name == "" {
		words := append(append(append([]string{}, n.Given...), n.Family), n.Suffix...)
		h.Name = strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	}
	if strings.IndexFunc(h.Name, func(r rune) bool { return r > 126 }) < 0 {
		h.Latin = strings.ToUpper(h.Name)
	}
	return h
}

func (r *resource) dose() credential.Event {
	e := credential.Event{Kind: credential.Dose, At: credential.ParseTime(r.Occurred)}
	e.Product, e.Disease = r.Vaccine.known(vaccines)
	if len(r.Protocol) > 0 {
		e.Number, e.Of = max(r.Protocol[0].Number, 0), max(r.Protocol[0].Of, 0)
	}
	return e
}

func (r *resource) test() credential.Event {
	e := credential.Event{Kind: credential.Test, At: credential.ParseTime(r.Effective)}
	var method string
	e.Product, method = r.Code.known(tests)
	e.Disease, e.Method = method, ""
	if strings.HasPrefix(method, "LP") {
		e.Disease, e.Method = covid19, method
	}
	_, e.Result = r.Value.known(results)
	if e.Result != "negative" && e.Result != "positive" {
		e.Result = ""
	}
	return e
}

// known looks the first coding up that a table has, else it gives the first
// code with its system before it.
func (c *concept) known(table map[string]string) (code, means string) {
	for _, coding := range c.Coding {
		key := systems[coding.System] + coding.Code
		if means, ok := table[key]; ok {
			return coding.Code, means
		}
		if code == "" {
			code, means = coding.Code, key
		}
	}
	return code, means
}

// systems are code systems by the short names that the tables have.
var systems = map[string]string{
	"http://hl7.org/fhir/sid/cvx": "cvx:",
	"http://loinc.org":            "loinc:",
	"http://snomed.info/sct":      "sct:",
	"http://www.whocc.no/atc":     "atc:",
}

const covid19 = "840539006" // SNOMED CT

const (
	naat    = "LP6464-4"
	antigen = "LP217198-3"
)

func table(means string, codes ...string) map[string]string {
	t := make(map[string]string, len(codes))
	for _, c := range codes {
		t[c] = means
	}
	return t
}

// vaccines against COVID-19: CVX of the CDC, SNOMED CT and ATC.
var vaccines = table(covid19,
	"cvx:207", "cvx:208", "cvx:210", "cvx:211", "cvx:212", "cvx:213", "cvx:217", "cvx:218", "cvx:219",
	"cvx:221", "cvx:225", "cvx:226", "cvx:227", "cvx:228", "cvx:229", "cvx:230",
	"cvx:300", "cvx:301", "cvx:302", "cvx:308", "cvx:309", "cvx:310", "cvx:311", "cvx:312", "cvx:313",
	"cvx:500", "cvx:501", "cvx:502", "cvx:503", "cvx:504", "cvx:505", "cvx:506", "cvx:507", "cvx:508",
	"cvx:509", "cvx:510", "cvx:511", "cvx:512", "cvx:513", "cvx:514", "cvx:515", "cvx:516", "cvx:517",
	"cvx:518", "cvx:519", "cvx:520", "cvx:521",
	"sct:840534001", "sct:1119349007", "sct:1119305005", "atc:J07BX03",
)

// tests for SARS-CoV-2, by method.
var tests = func() map[string]string {
	t := table(naat, "loinc:94309-2", "loinc:94500-6", "loinc:94533-7", "loinc:94534-5",
		"loinc:94559-2", "loinc:94565-9", "loinc:94640-0", "loinc:94759-8", "loinc:94845-5", "loinc:95406-5",
		"loinc:95425-5", "loinc:95608-6", "loinc:96986-5", "loinc:96448-6")
	for _, code := range []string{"loinc:94558-4", "loinc:95209-3", "loinc:97097-0", "loinc:96119-3"} {
		t[code] = antigen
	}
	return t
}()

// results as SNOMED CT codes.
var results = map[string]string{
	"sct:260415000": "negative", "sct:260385009": "negative", "sct:260373001": "positive", "sct:10828004": "positive",
}
