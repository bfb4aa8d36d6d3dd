package export

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// Systems of the identifiers: values are stable, so that a bundle that is sent
// twice makes nothing twice.
const systems = "urn:chot:"

type object map[string]any

// bundle is a FHIR R4 transaction of conditional creates
// (https://hl7.org/fhir/R4/http.html#ccreate).
type bundle struct {
	entries []object
	seen    map[string]bool
}

// makeBundle turns a holding into a bundle. A pool's result is an Observation of
// the tube with the members' specimens as subjects' parts: each member has a
// Specimen of the same accession identifier.
func makeBundle(h *holding, now time.Time) object {
	b := &bundle{seen: map[string]bool{}}
	for _, d := range h.declarations {
		b.declaration(d)
	}
	for _, o := range h.orders {
		b.order(o)
	}
	for _, s := range h.specimens {
		b.specimen(s)
	}
	for _, d := range h.doses {
		b.dose(d)
	}
	out := object{"resourceType": "Bundle", "type": "transaction", "timestamp": instant(now)}
	if len(b.entries) > 0 {
		out["entry"] = b.entries
	}
	return out
}

// add adds a resource under its identifier, once, and returns a reference to it.
func (b *bundle) add(kind, value string, r object) object {
	system := systems + kind
	sum := sha256.Sum256([]byte(kind + "\x00" + value))
	// A name-based UUID by an own function (RFC 9562, version 8).
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	full := fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	ref := object{"reference": full, "type": kind}
	if b.seen[full] {
		return ref
	}
	b.seen[full] = true
	r["resourceType"] = kind
	id := object{"system": system, "value": value}
	switch others := r["identifier"].(type) {
	case []object:
		r["identifier"] = append([]object{id}, others...)
	default:
		r["identifier"] = []object{id}
	}
	if kind == "QuestionnaireResponse" { // has one, not several
		r["identifier"] = id
	}
	b.entries = append(b.entries, object{
		"fullUrl": full, "resource": r,
		"request": object{"method": "POST", "url": kind, "ifNoneExist": "identifier=" + url.QueryEscape(system+"|"+value)},
	})
	return ref
}

// entryValue identifies what was made from an entry.
func entryValue(o db.Origin) string { return fmt.Sprintf("%x-%d", o.Journal, o.Entry) }

// patient adds the person: under the keyed hash of the document where there is
// one, which is the same in every export and does not reveal the number.
func (b *bundle) patient(hash []byte, fallback string, p record.Person) object {
	value := fallback
	if hash != nil {
		value = fmt.Sprintf("%x", hash)
	}
	r := object{}
	if p.Document != "" {
		r["identifier"] = []object{{
			"use": "official", "value": p.Document,
			"type": object{"coding": []object{{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "NI"}}},
		}}
	}
	if p.Name != "" {
		r["name"] = []object{{"text": p.Name}}
	}
	if p.Phone != "" {
		r["telecom"] = []object{{"system": "phone", "value": p.Phone}}
	}
	if p.Birth > 0 {
		r["birthDate"] = fmt.Sprintf("%04d", p.Birth)
	}
	if sex := p.Sex.String(); sex != "" {
		r["gender"] = sex
	}
	if a := p.Address; a != (record.Address{}) {
		address := object{"country": "VN"}
		if a.Line != "" {
			address["line"] = []string{a.Line}
		}
		if a.Unit != "" {
			address["district"] = a.Set + "/" + a.Unit
		}
		r["address"] = []object{address}
	}
	return b.add("Patient", value, r)
}

func (b *bundle) declaration(d declaration) {
	text := func(id string, values ...string) (object, bool) {
		var answers []object
		for _, v := range values {
			if v != "" {
				answers = append(answers, object{"valueString": v})
			}
		}
		return object{"linkId": id, "answer": answers}, len(answers) > 0
	}
	var items []object
	for _, item := range []struct {
		id     string
		values []string
	}{
		{"travel", []string{d.Travel}}, {"symptoms", d.Symptoms}, {"contacts", d.Contacts}, {"level", []string{d.Level.String()}},
	} {
		if o, any := text(item.id, item.values...); any {
			items = append(items, o)
		}
	}
	r := object{
		"status": "completed", "authored": instant(d.At.Time), "questionnaire": systems + "form:" + url.PathEscape(d.Form),
		"subject": b.patient(d.document, entryValue(d.Origin), d.Person),
	}
	if len(items) > 0 {
		r["item"] = items
	}
	b.add("QuestionnaireResponse", entryValue(d.Origin), r)
}

func (b *bundle) order(o order) {
	r := object{
		"status": "active", "intent": "order", "authoredOn": instant(o.At.Time), "code": technique(o.Technique),
		"subject": b.patient(o.Document, entryValue(o.Origin), o.who),
	}
	if o.Reason != "" {
		r["reasonCode"] = []object{{"text": o.Reason}}
	}
	r["requisition"] = object{"system": systems + "order:" + o.Kiosk, "value": o.Number}
	b.add("ServiceRequest", entryValue(o.Origin), r)
}

func (b *bundle) specimen(s specimen) {
	patient := b.patient(s.Document, entryValue(s.Origin), s.who)
	r := object{
		"status": "available", "accessionIdentifier": object{"system": systems + "tube", "value": s.Tube}, "subject": patient,
		"collection": object{"collectedDateTime": instant(s.At.Time)},
	}
	if s.Member > 0 {
		r["note"] = []object{{"text": "pool member " + strconv.Itoa(s.Member)}}
	}
	taken := b.add("Specimen", entryValue(s.Origin), r)
	outcome := record.Outcome(s.Outcome)
	if outcome == 0 {
		return
	}
	value := fmt.Sprintf("%s-%d", entryValue(s.Origin), s.Technique)
	result := object{"coding": []object{{"system": systems + "outcome", "code": outcome.String()}}, "text": outcome.String()}
	if code, known := snomed[outcome]; known {
		result["coding"] = append(result["coding"].([]object), object{"system": "http://snomed.info/sct", "code": code})
	}
	observation := object{
		"status": "final", "code": technique(s.Technique), "specimen": taken,
		"effectiveDateTime": instant(s.At.Time), "issued": instant(s.ResultAt.Time), "valueCodeableConcept": result,
	}
	if s.Member > 0 {
		// What a pool's tube says is not about one person.
		observation["note"] = []object{{"text": "pooled specimen: the result is the pool's"}}
	} else {
		observation["subject"] = patient
	}
	seen := b.add("Observation", value, observation)
	report := object{
		"status": "final", "code": technique(s.Technique), "specimen": []object{taken}, "result": []object{seen},
		"effectiveDateTime": instant(s.At.Time), "issued": instant(s.ResultAt.Time),
	}
	if s.Member == 0 {
		report["subject"] = patient
	}
	b.add("DiagnosticReport", value, report)
}

func (b *bundle) dose(d dose) {
	value := fmt.Sprintf("%x-%d", d.Document, d.Number)
	r := object{
		"status": "completed", "vaccineCode": object{"text": d.Product}, "patient": b.patient(d.Document, value, d.who),
		"occurrenceDateTime": d.Given.Time().Format(time.DateOnly), "primarySource": false,
		"protocolApplied": []object{{"doseNumberPositiveInt": d.Number}},
	}
	if d.Lot != "" {
		r["lotNumber"] = d.Lot
	}
	if d.Place != "" {
		r["location"] = object{"display": d.Place}
	}
	b.add("Immunization", value, r)
}

// instant is a time as FHIR writes it.
func instant(t time.Time) string { return t.In(db.Zone).Format("2006-01-02T15:04:05.000-07:00") }

// technique is the test as a LOINC code: SARS-CoV-2 RNA by NAA, SARS-CoV-2
// antigen by rapid immunoassay, both of a respiratory specimen.
func technique(t int16) object {
	code := map[record.Technique]string{record.RTPCR: "94500-6", record.Antigen: "97097-0"}[record.Technique(t)]
	if code == "" {
		return object{"text": "SARS-CoV-2"}
	}
	return object{"coding": []object{{"system": "http://loinc.org", "code": code}}, "text": record.Technique(t).String()}
}

// snomed are the outcomes that have a code there.
var snomed = map[record.Outcome]string{
	record.Negative: "260415000", record.Positive: "10828004", record.Undetermined: "419984006",
}
