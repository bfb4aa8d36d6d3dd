// Package fhirread reads results and vaccinations from FHIR R4: bundles of any type
// and single resources. It makes statements; which resource a reference names is
// package fhir's business, and a reference that names none, or two, is a line that
// cannot be read, never a guess.
package fhirread

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"chot/deploy/province/internal/analytes"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/fhir"
)

// Recognise says whether data looks like FHIR in JSON.
func Recognise(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data[:min(len(data), 512)], "\xef\xbb\xbf \t\r\n"), []byte("{"))
}

// open reads a document.
func open(data []byte) (*fhir.Document, error) {
	return fhir.Read(bytes.TrimPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("\xef\xbb\xbf")))
}

// results collects the statements of a document.
type results struct {
	doc   *fhir.Document
	all   []exchange.Result
	named map[string]bool // Observations that a report or a panel names, by path
	group int
	alone map[string]int // groups of Observations that no report names, by specimen
}

// Results reads the results of a document.
func Results(data []byte) (*exchange.File[exchange.Result], error) {
	doc, err := open(data)
	if err != nil {
		return nil, err
	}
	r := &results{doc: doc, named: map[string]bool{}, alone: map[string]int{}}
	for i := range doc.Items {
		switch item := &doc.Items[i]; {
		case item.Err != nil:
			r.broken(item, item.Err)
		case item.Type == "DiagnosticReport":
			r.report(item)
		}
		if len(r.all) > exchange.MaxStatements {
			return nil, exchange.ErrTooMany
		}
	}
	panels := r.panels()
	for i := range doc.Items {
		item := &doc.Items[i]
		if item.Type == "Observation" && item.Err == nil && !r.named[doc.Path(*item)] && !panels[doc.Path(*item)] {
			r.single(item)
		}
		if len(r.all) > exchange.MaxStatements {
			return nil, exchange.ErrTooMany
		}
	}
	if len(r.all) == 0 {
		r.group++
		kind := ""
		if len(doc.Items) > 0 {
			kind = doc.Items[0].Type
		}
		r.all = append(r.all, exchange.Result{Place: exchange.Place{Path: "Bundle"}, Group: r.group, Problem: &exchange.Problem{Code: exchange.WrongType, Read: kind}})
	}
	return &exchange.File[exchange.Result]{Format: exchange.FHIR, Encoding: "UTF-8", Message: doc.Identifier, Statements: r.all}, nil
}

func (r *results) broken(item *fhir.Held, err error) {
	r.group++
	r.all = append(r.all, exchange.Result{
		Place: exchange.Place{Line: item.Index, Path: r.doc.Path(*item)}, Group: r.group, Message: r.doc.Identifier,
		Problem: &exchange.Problem{Code: exchange.BadLine, Read: plainError(err)},
	})
}

// plainError is an error without the words of the decoder's package.
func plainError(err error) string { return strings.TrimPrefix(err.Error(), "json: ") }

// panels are the Observations that others name as their members: they are read with
// those.
func (r *results) panels() map[string]bool {
	members := map[string]bool{}
	for i := range r.doc.Items {
		item := &r.doc.Items[i]
		if item.Type != "Observation" || item.Err != nil {
			continue
		}
		var o struct {
			HasMember fhir.List[fhir.Reference] `json:"hasMember"`
		}
		if json.Unmarshal(item.Raw, &o) != nil {
			continue
		}
		for _, ref := range o.HasMember {
			if m, err := r.doc.In(item, nil).Item(ref.Reference); err == nil {
				members[r.doc.Path(*m)] = true
			}
		}
	}
	return members
}

// statuses are those of DiagnosticReport and Observation.
var statuses = map[string]exchange.Status{
	"registered": exchange.Pending, "partial": exchange.Pending, "preliminary": exchange.Pending, "final": exchange.Final,
	"amended": exchange.Amended, "corrected": exchange.Corrected, "appended": exchange.Amended, "cancelled": exchange.Cancelled,
	"entered-in-error": exchange.Withdrawn, "unknown": exchange.Unknown,
}

func status(s string) (exchange.Status, *exchange.Problem) {
	known, fine := statuses[s]
	if !fine {
		return exchange.Unknown, &exchange.Problem{Code: exchange.BadStatus, Read: s}
	}
	return known, nil
}

// report makes statements of a DiagnosticReport: its conclusion, and the
// observations that it names.
func (r *results) report(item *fhir.Held) {
	var d fhir.DiagnosticReport
	if err := json.Unmarshal(item.Raw, &d); err != nil {
		r.broken(item, err)
		return
	}
	r.group++
	scope := r.doc.In(item, d.Contained)
	base := exchange.Result{
		Place: exchange.Place{Line: item.Index, Path: r.doc.Path(*item)}, Message: r.doc.Identifier, Group: r.group, Panel: codes(d.Code),
	}
	base.Status, base.Problem = status(d.Status)
	base.Specimens, base.Person = r.about(scope, &base, d.Specimen, d.BasedOn, d.Subject)
	when(&base, d.Issued, d.EffectiveDateTime, "", d.EffectivePeriod)
	before := len(r.all)
	if !empty(d.ConclusionCode) || d.Conclusion != "" {
		x := base
		x.Summary, x.Measured = true, base.Panel
		x.Place.Path += ".conclusionCode"
		var texts []string
		for _, c := range d.ConclusionCode {
			texts = append(texts, answers(&c)...)
		}
		if len(texts) == 0 {
			texts = []string{d.Conclusion}
			x.Place.Path = strings.TrimSuffix(x.Place.Path, "Code")
		}
		outcome(&x, texts)
		// A conclusion in sentences beside observations is no result by itself.
		if !(len(d.ConclusionCode) == 0 && x.Problem != nil && x.Problem.Code == exchange.BadOutcome && len(d.Result) > 0) {
			r.all = append(r.all, x)
		}
	}
	for _, ref := range d.Result {
		r.member(scope, ref, base, 0)
	}
	if len(r.all) == before {
		if base.Problem == nil && base.Status != exchange.Pending && base.Status != exchange.Cancelled && base.Status != exchange.Withdrawn {
			base.Problem = &exchange.Problem{Code: exchange.BadOutcome}
		}
		base.Measured = base.Panel
		r.all = append(r.all, base)
	}
}

func empty(concepts []fhir.Concept) bool {
	for i := range concepts {
		if !concepts[i].Empty() {
			return false
		}
	}
	return true
}

// single is an Observation that no report names.
func (r *results) single(item *fhir.Held) {
	base := exchange.Result{Place: exchange.Place{Line: item.Index, Path: r.doc.Path(*item)}, Message: r.doc.Identifier}
	var o fhir.Observation
	if err := json.Unmarshal(item.Raw, &o); err != nil {
		r.broken(item, err)
		return
	}
	before := len(r.all)
	r.observation(r.doc.In(item, o.Contained), o, base, 0)
	// Those of one specimen are of one test.
	key := ""
	if len(r.all) > before {
		for _, id := range r.all[before].Specimens {
			key += id.Value + "\x00"
		}
	}
	group, known := r.alone[key]
	if !known || key == "" {
		r.group++
		group = r.group
		r.alone[key] = group
	}
	for i := range r.all[before:] {
		r.all[before+i].Group = group
	}
}

// deepest is how many levels of panels there may be.
const deepest = 4

// member is an Observation that a report or a panel names.
func (r *results) member(scope fhir.Scope, ref fhir.Reference, base exchange.Result, depth int) {
	var o fhir.Observation
	inner, err := scope.Find(ref.Reference, &o)
	if err == nil && depth > deepest {
		err = fhir.ErrAmbiguous
	}
	if err != nil {
		base.Problem = &exchange.Problem{Code: exchange.Unresolved, Read: ref.Reference}
		r.all = append(r.all, base)
		return
	}
	if !strings.HasPrefix(ref.Reference, "#") {
		if item, err := scope.Item(ref.Reference); err == nil {
			base.Place = exchange.Place{Line: item.Index, Path: r.doc.Path(*item)}
			r.named[base.Place.Path] = true
		}
	}
	r.observation(inner, o, base, depth)
}

// observation makes statements of an Observation, of its components and members.
// What it does not say itself it has from what names it.
func (r *results) observation(scope fhir.Scope, o fhir.Observation, base exchange.Result, depth int) {
	x := base
	x.Problem = nil
	own, problem := status(o.Status)
	x.Status = combine(base.Status, own, depth > 0 || base.Group != 0)
	x.Problem = problem
	var specimens fhir.List[fhir.Reference]
	if o.Specimen != nil {
		specimens = append(specimens, *o.Specimen)
	}
	ids, person := r.about(scope, &x, specimens, o.BasedOn, o.Subject)
	if len(ids) > 0 {
		x.Specimens = ids
	} else if base.Problem != nil && x.Problem == nil {
		x.Problem = base.Problem
	}
	if person != (exchange.Person{}) {
		x.Person = person
	}
	when(&x, o.Issued, o.EffectiveDateTime, o.EffectiveInstant, o.EffectivePeriod)
	for _, text := range answers(o.Method) {
		if t := exchange.TechniqueOf(text); t != 0 && x.Technique == 0 {
			x.Technique = t
		}
	}
	x.Measured = codes(o.Code)
	before := len(r.all)
	for _, c := range o.Component {
		y := x
		y.Measured = codes(c.Code)
		y.Place.Path += ".component"
		if len(x.Panel) == 0 {
			y.Panel = x.Measured
		}
		value(&y, c.Value, c.Interpretation)
		r.all = append(r.all, y)
	}
	for _, ref := range o.HasMember {
		y := x
		if len(y.Panel) == 0 {
			y.Panel = x.Measured
		}
		r.member(scope, ref, y, depth+1)
	}
	if o.Value.Concept != nil || o.Value.Text != "" || len(r.all) == before {
		value(&x, o.Value, o.Interpretation)
		r.all = append(r.all, x)
	}
}

// combine is the status of an observation in a report: what was withdrawn or is not
// final in either is so in both; a corrected report corrects its observations.
func combine(report, own exchange.Status, inside bool) exchange.Status {
	switch {
	case !inside:
		return own
	case report == exchange.Withdrawn || report == exchange.Cancelled:
		return report
	case own == exchange.Final && (report == exchange.Corrected || report == exchange.Amended):
		return report
	case own == exchange.Final && report == exchange.Unknown:
		return report
	}
	return own
}

// about finds whom a resource is about: the numbers of its specimens and orders,
// and its subject.
func (r *results) about(scope fhir.Scope, x *exchange.Result, specimens, orders fhir.List[fhir.Reference], subject *fhir.Reference) (ids []exchange.Identifier, p exchange.Person) {
	add := func(tier exchange.Tier, value string) {
		id := exchange.Identifier{Tier: tier, Value: exchange.Uncover(value)}
		if id.Value != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, ref := range specimens {
		if ref.Identifier != nil && ref.Identifier.Value != "" {
			add(tierOf(*ref.Identifier, exchange.Label), ref.Identifier.Value)
		}
		if ref.Reference == "" {
			continue
		}
		var s fhir.Specimen
		if _, err := scope.Find(ref.Reference, &s); err != nil {
			if ref.Identifier == nil && x.Problem == nil {
				x.Problem = unresolved(ref.Reference, err)
			}
			continue
		}
		for _, c := range s.Container {
			for _, id := range c.Identifier {
				add(exchange.Label, id.Value)
			}
		}
		for _, id := range s.Identifier {
			if !ours(id) {
				add(tierOf(id, exchange.Label), id.Value)
			}
		}
		if s.Accession != nil {
			add(tierOf(*s.Accession, exchange.Laboratory), s.Accession.Value)
		}
		if subject == nil {
			subject = s.Subject
		}
	}
	for _, ref := range orders {
		var o fhir.ServiceRequest
		if _, err := scope.Find(ref.Reference, &o); err != nil {
			continue // an order that did not come along says nothing
		}
		for _, id := range o.Identifier {
			add(exchange.Order, id.Value)
		}
		if o.Requisition != nil {
			add(exchange.Order, o.Requisition.Value)
		}
	}
	if subject != nil {
		p, _ = personOf(scope, subject)
	}
	return ids, p
}

func unresolved(reference string, err error) *exchange.Problem {
	if errors.Is(err, fhir.ErrNothing) || errors.Is(err, fhir.ErrAmbiguous) {
		return &exchange.Problem{Code: exchange.Unresolved, Read: reference}
	}
	return &exchange.Problem{Code: exchange.BadLine, Read: plainError(err)}
}

// tubes is the system of tubes' numbers in our own exports; other systems of ours
// number rows and no tubes.
const (
	systems = "urn:chot:"
	tubes   = systems + "tube"
)

func ours(id fhir.Identifier) bool {
	return strings.HasPrefix(id.System, systems) && id.System != tubes
}

// tierOf is how near an identifier of a specimen is to its label: PLAC is who took
// it, FILL the laboratory.
func tierOf(id fhir.Identifier, otherwise exchange.Tier) exchange.Tier {
	switch kind := id.Kind(); {
	case kind == "PLAC" || id.System == tubes:
		return exchange.Label
	case kind == "FILL" || kind == "ACSN":
		return exchange.Laboratory
	}
	return otherwise
}

// codes are what a concept is called.
func codes(c *fhir.Concept) (all []exchange.Code) {
	if c == nil {
		return nil
	}
	for _, coding := range c.Coding {
		if coding.Code != "" || coding.Display != "" {
			all = append(all, exchange.Code{System: analytes.System(coding.System), Code: coding.Code, Text: coding.Display})
		}
	}
	if len(all) == 0 && c.Text != "" {
		all = append(all, exchange.Code{Text: c.Text})
	}
	return all
}

// answers are the texts of a concept that may be an outcome.
func answers(c *fhir.Concept) (texts []string) {
	if c == nil {
		return nil
	}
	for _, coding := range c.Coding {
		texts = append(texts, coding.Code)
	}
	for _, coding := range c.Coding {
		texts = append(texts, coding.Display)
	}
	texts = append(texts, c.Text)
	return slices.DeleteFunc(texts, func(s string) bool { return strings.TrimSpace(s) == "" })
}

func outcome(x *exchange.Result, texts []string) {
	x.Read = strings.Join(texts, " ")
	if x.Status == exchange.Withdrawn || x.Status == exchange.Cancelled || x.Status == exchange.Pending {
		return
	}
	read, problem := exchange.Agree(texts)
	x.Germ = exchange.GermOf(texts)
	if problem != "" && x.Germ == "" && x.Problem == nil {
		x.Problem = &exchange.Problem{Code: problem, Read: x.Read}
	}
	if read.Pending {
		x.Status = exchange.Pending
	}
	x.Outcome = read.Outcome
}

// interpretations are the flags that say an outcome.
var interpretations = map[string]string{"POS": "positive", "DET": "positive", "NEG": "negative", "ND": "negative", "IND": "undetermined"}

func value(x *exchange.Result, v fhir.Value, flags fhir.List[fhir.Concept]) {
	switch {
	case !v.Concept.Empty():
		outcome(x, answers(v.Concept))
	case v.Text != "":
		outcome(x, []string{v.Text})
	case v.Quantity != nil || v.Integer != "" || v.Ratio != nil || v.DateTime != "":
		x.Quantity = true
	case !v.Absent.Empty():
		if x.Status == exchange.Final || x.Status == exchange.Corrected || x.Status == exchange.Amended {
			x.Status = exchange.Pending
		}
	default:
		for i := range flags {
			for _, c := range flags[i].Coding {
				if word := interpretations[c.Code]; word != "" {
					outcome(x, []string{word})
					x.Read = c.Code
					return
				}
			}
		}
		outcome(x, nil)
	}
}

// when reads the times: when it was released, else when it was true of the patient.
func when(x *exchange.Result, issued, effective, instant string, period *fhir.Period) {
	if period != nil && effective == "" {
		effective = period.End
	}
	if effective == "" {
		effective = instant
	}
	for i, s := range []string{issued, effective} {
		if s == "" {
			continue
		}
		t, dateOnly, ok := readTime(s)
		if !ok {
			if x.Problem == nil {
				x.Problem = &exchange.Problem{Code: exchange.BadTime, Read: s}
			}
			return
		}
		if i == 0 {
			x.Version, x.Resulted, x.DateOnly = t, t, dateOnly
			continue
		}
		x.Collected = t
		if issued == "" {
			x.Resulted, x.DateOnly = t, dateOnly
		}
	}
}

// readTime reads a FHIR date, dateTime or instant.
func readTime(s string) (t time.Time, dateOnly, ok bool) {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, exchange.Zone); err == nil {
			return t, true, true
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, exchange.Zone); err == nil {
			return t, false, true
		}
	}
	return t, false, false
}
