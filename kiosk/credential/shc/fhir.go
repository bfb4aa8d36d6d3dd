package shc

import (
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/coding"
	"chot/kiosk/credential/value"
)

// describeBundle reads the patient and the events of a FHIR R4 Bundle. Every field
// is read as it comes: in a list where FHIR has one item, alone where FHIR has a
// list, a number as a text. A card is one patient's (SMART Health Cards, Vaccination
// & Testing IG): with two, nothing says whose the doses are.
func describeBundle(c *credential.Credential, bundle *value.Value) {
	patients := 0
	for entry := range bundle.Get("entry").Objects() {
		r := entry.Get("resource")
		status := r.Get("status").String()
		switch r.Get("resourceType").String() {
		case "Patient":
			if patients++; c.Holder.Name == "" {
				c.Holder = holder(r)
			}
		case "Immunization":
			if status == "completed" && (r.Get("vaccineCode").Given() || r.Get("occurrenceDateTime").Given()) {
				c.Events = append(c.Events, dose(r))
			}
		case "Observation":
			if status == "final" || status == "amended" || status == "corrected" {
				c.Events = append(c.Events, test(r))
			}
		}
	}
	if c.Holder.Name == "" || patients > 1 {
		c.Problem = credential.Schema
	}
}

func holder(patient *value.Value) credential.Holder {
	h := credential.Holder{Birth: credential.ParseDate(patient.Get("birthDate").String()), Sex: coding.Sex(patient.Get("gender").String())}
	for name := range patient.Get("name").Each() {
		if h.Name = humanName(name); h.Name != "" {
			break
		}
	}
	h.Latin = coding.Latin(h.Name)
	return h
}

// humanName is a name as it is written, or put together of its parts.
func humanName(name *value.Value) string {
	if !name.IsObject() {
		return name.String()
	}
	if text := name.Get("text").String(); text != "" {
		return text
	}
	var words []string
	for _, part := range [...]string{"given", "family", "suffix"} {
		for word := range name.Get(part).Each() {
			words = append(words, strings.Fields(word.String())...)
		}
	}
	return strings.Join(words, " ")
}

func dose(r *value.Value) credential.Event {
	e := credential.Event{Kind: credential.Dose}
	f := coding.Fields{Event: &e}
	if e.Product, e.Disease = known(r.Get("vaccineCode"), vaccines); e.Disease == "" {
		e.Unread |= credential.FieldDisease
	}
	f.At(r.Get("occurrenceDateTime"))
	for p := range r.Get("protocolApplied").Objects() {
		f.Whole(&e.Number, choice(p, "doseNumber"), credential.FieldNumber)
		f.Whole(&e.Of, choice(p, "seriesDoses"), credential.FieldOf)
		break
	}
	return e
}

// choice is a value that FHIR allows as a number or as a text.
func choice(v *value.Value, name string) *value.Value {
	if n := v.Get(name + "PositiveInt"); n.Given() {
		return n
	}
	return v.Get(name + "String")
}

func test(r *value.Value) credential.Event {
	e := credential.Event{Kind: credential.Test}
	f := coding.Fields{Event: &e}
	if e.Product, e.Disease = known(r.Get("code"), tests); e.Disease == "" {
		e.Unread |= credential.FieldDisease
	} else if strings.HasPrefix(e.Disease, "LP") { // a known test
		e.Disease, e.Method = coding.COVID19, e.Disease
	}
	f.At(r.Get("effectiveDateTime"))
	var said bool
	if e.Result, said = answer(r); !said {
		e.Unread |= credential.FieldResult
	}
	return e
}

// answer is what an observation found, and whether it says anything. All codings
// and the text of a concept mean the same (FHIR R4, CodeableConcept), and the
// interpretation agrees with the value: where two of them differ, the answer cannot
// be read.
func answer(r *value.Value) (result string, said bool) {
	agree := true
	take := func(code string) {
		said = said || code != ""
		switch found := coding.Result(code); {
		case found == "" || found == result:
		case result == "":
			result = found
		default:
			agree = false
		}
	}
	for _, field := range [...]string{"valueCodeableConcept", "valueString", "interpretation"} {
		for concept := range r.Get(field).Each() {
			for c := range concept.Get("coding").Objects() {
				take(c.Get("code").String())
			}
			take(concept.String() + concept.Get("text").String())
		}
	}
	if !agree {
		return "", false
	}
	return result, said
}

// known looks the first coding up that a table has, else it gives the first code
// with its system before it.
func known(concept *value.Value, table map[string]string) (code, means string) {
	for c := range concept.Get("coding").Objects() {
		own := c.Get("code").String()
		key := systems[c.Get("system").String()] + own
		if means, ok := table[key]; ok {
			return own, means
		}
		if disease := coding.Disease(own); disease != own {
			return own, disease
		}
		if code == "" {
			code, means = own, key
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

func against(means string, codes ...string) map[string]string {
	t := make(map[string]string, len(codes))
	for _, c := range codes {
		t[c] = means
	}
	return t
}

// vaccines by the disease that they are against: CVX of the CDC, SNOMED CT and ATC.
var vaccines = func() map[string]string {
	t := covidVaccines
	for _, code := range []string{"cvx:37", "cvx:183", "cvx:184", "sct:1121000221106", "sct:67308009", "atc:J07BL01"} {
		t[code] = coding.YellowFever
	}
	return t
}()

var covidVaccines = against(coding.COVID19,
	"cvx:207", "cvx:208", "cvx:210", "cvx:211", "cvx:212", "cvx:213", "cvx:217", "cvx:218", "cvx:219",
	"cvx:221", "cvx:225", "cvx:226", "cvx:227", "cvx:228", "cvx:229", "cvx:230",
	"cvx:300", "cvx:301", "cvx:302", "cvx:308", "cvx:309", "cvx:310", "cvx:311", "cvx:312", "cvx:313",
	"cvx:500", "cvx:501", "cvx:502", "cvx:503", "cvx:504", "cvx:505", "cvx:506", "cvx:507", "cvx:508",
	"cvx:509", "cvx:510", "cvx:511", "cvx:512", "cvx:513", "cvx:514", "cvx:515", "cvx:516", "cvx:517",
	"cvx:518", "cvx:519", "cvx:520", "cvx:521",
	"sct:840534001", "sct:1119349007", "sct:1119305005", "atc:J07BX03", "atc:J07BN01", "atc:J07BN02", "atc:J07BN03",
)

// tests for SARS-CoV-2, by method.
var tests = func() map[string]string {
	t := against(coding.NAAT, "loinc:94309-2", "loinc:94500-6", "loinc:94533-7", "loinc:94534-5",
		"loinc:94559-2", "loinc:94565-9", "loinc:94640-0", "loinc:94759-8", "loinc:94845-5", "loinc:95406-5",
		"loinc:95425-5", "loinc:95608-6", "loinc:96986-5", "loinc:96448-6")
	for _, code := range []string{"loinc:94558-4", "loinc:95209-3", "loinc:97097-0", "loinc:96119-3"} {
		t[code] = coding.Antigen
	}
	return t
}()
