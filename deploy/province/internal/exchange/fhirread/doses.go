package fhirread

import (
	"encoding/json"
	"slices"
	"strings"

	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/province/internal/fhir"
)

// Doses reads the Immunizations of a document.
func Doses(data []byte) (*exchange.File[exchange.Dose], error) {
	doc, err := open(data)
	if err != nil {
		return nil, err
	}
	f := &exchange.File[exchange.Dose]{Format: exchange.FHIR, Encoding: "UTF-8", Message: doc.Identifier}
	for i := range doc.Items {
		item := &doc.Items[i]
		if item.Err == nil && item.Type != "Immunization" {
			continue
		}
		x := exchange.Dose{Place: exchange.Place{Line: item.Index, Path: doc.Path(*item)}, Message: doc.Identifier}
		if item.Err != nil {
			x.Problem = &exchange.Problem{Code: exchange.BadLine, Read: plainError(item.Err)}
		} else {
			dose(doc, item, &x)
		}
		if f.Statements = append(f.Statements, x); len(f.Statements) > exchange.MaxStatements {
			return nil, exchange.ErrTooMany
		}
	}
	if len(f.Statements) == 0 {
		kind := ""
		if len(doc.Items) > 0 {
			kind = doc.Items[0].Type
		}
		f.Statements = []exchange.Dose{{Place: exchange.Place{Path: "Bundle"}, Problem: &exchange.Problem{Code: exchange.WrongType, Read: kind}}}
	}
	return f, nil
}

// covid is COVID-19 as a target disease (SNOMED CT).
const covid = "840539006"

func dose(doc *fhir.Document, item *fhir.Held, x *exchange.Dose) {
	problem := func(p *exchange.Problem) {
		if x.Problem == nil {
			x.Problem = p
		}
	}
	var im fhir.Immunization
	if err := json.Unmarshal(item.Raw, &im); err != nil {
		problem(&exchange.Problem{Code: exchange.BadLine, Read: plainError(err)})
		return
	}
	scope := doc.In(item, im.Contained)
	switch im.Status {
	case "completed":
	case "entered-in-error":
		x.Status = exchange.Withdrawn
	case "not-done":
		x.Status = exchange.Cancelled
	default:
		problem(&exchange.Problem{Code: exchange.BadStatus, Read: im.Status})
	}
	if im.Patient == nil {
		problem(&exchange.Problem{Code: exchange.NoDocument})
	} else {
		p, err := personOf(scope, im.Patient)
		if err != nil {
			problem(unresolved(im.Patient.Reference, err))
		}
		x.Person = p
	}
	if im.VaccineCode != nil {
		x.Codes = codes(im.VaccineCode)
		x.Product = im.VaccineCode.Text
		for _, c := range im.VaccineCode.Coding {
			if x.Product == "" {
				x.Product = c.Display
			}
		}
		if x.Product == "" && len(x.Codes) > 0 {
			x.Product = x.Codes[0].Code
		}
	}
	x.Lot = im.LotNumber
	x.Site = named(scope, im.Location)
	for _, p := range im.Performer {
		if x.Site == "" {
			x.Site = named(scope, p.Actor)
		}
	}
	number(x, im.ProtocolApplied, problem)
	if x.Status == exchange.Cancelled {
		return // was not given: it has no time
	}
	day := im.OccurrenceDateTime
	if day == "" {
		day = im.OccurrenceString
	}
	t, _, ok := readTime(day)
	if !ok {
		var w exchange.When
		if w, ok = exchange.ReadTime(day); ok {
			t = w.Time
		}
	}
	if !ok {
		problem(&exchange.Problem{Code: exchange.BadTime, Read: day})
	}
	x.Given = t
}

// number takes the dose's number from the protocol against COVID-19, or from the
// only one there is.
func number(x *exchange.Dose, protocols []fhir.Protocol, problem func(*exchange.Problem)) {
	if len(protocols) > 1 {
		protocols = slices.DeleteFunc(slices.Clone(protocols), func(p fhir.Protocol) bool {
			return !slices.ContainsFunc(p.TargetDisease, func(c fhir.Concept) bool {
				return slices.ContainsFunc(c.Coding, func(c fhir.Coding) bool { return c.Code == covid })
			})
		})
	}
	if len(protocols) != 1 {
		if x.Status != exchange.Cancelled {
			problem(&exchange.Problem{Code: exchange.BadDose})
		}
		return
	}
	p := protocols[0]
	x.Number = p.Number
	if p.Number == 0 {
		n, ok := table.DoseNumber(p.NumberText)
		if !ok {
			problem(&exchange.Problem{Code: exchange.BadDose, Read: p.NumberText})
		}
		x.Number = n
	} else if p.Number < 0 || p.Number > table.MaxDoses {
		problem(&exchange.Problem{Code: exchange.BadDose})
	}
}

// named is what a place or an organisation is called.
func named(scope fhir.Scope, ref *fhir.Reference) string {
	if ref == nil {
		return ""
	}
	if ref.Display != "" {
		return ref.Display
	}
	var n fhir.Named
	if _, err := scope.Find(ref.Reference, &n); err != nil {
		return ""
	}
	return n.Name
}

// personOf is who a reference to a Patient names.
func personOf(scope fhir.Scope, ref *fhir.Reference) (p exchange.Person, err error) {
	p.Name = ref.Display
	if ref.Identifier != nil {
		p.Document = documentOf(fhir.List[fhir.Identifier]{*ref.Identifier})
	}
	if ref.Reference == "" {
		return p, nil
	}
	var patient fhir.Patient
	if _, err := scope.Find(ref.Reference, &patient); err != nil {
		if p.Document != "" {
			return p, nil // the number itself says who it is
		}
		return p, err
	}
	if document := documentOf(patient.Identifier); document != "" {
		p.Document = document
	}
	p.Birth = exchange.YearOf(patient.BirthDate)
	for _, n := range patient.Name {
		text := n.Text
		if text == "" {
			text = strings.TrimSpace(n.Family + " " + strings.Join(n.Given, " "))
		}
		if text != "" && n.Use != "old" {
			p.Name = text
			break
		}
	}
	for _, t := range patient.Telecom {
		if t.System == "phone" && p.Phone == "" {
			p.Phone = t.Value
		}
	}
	return p, nil
}

// documents are the types of identifiers (v2-0203) that number an identity
// document, and the ends of the systems of Vietnam's profile, the better first.
var documents = [][]string{{"NI", "national-id", "citizen-id"}, {"PPN", "passport-number"}, {"SB", "HC", "insurance-number"}}

// documentOf is the number of the person's identity document, chosen by type and
// system, never by its place. One without either is taken when it is the only one.
func documentOf(ids fhir.List[fhir.Identifier]) string {
	for _, kinds := range documents {
		for _, id := range ids {
			system := strings.ToLower(strings.ReplaceAll(id.System[strings.LastIndex(id.System, "/")+1:], "_", "-"))
			kind := id.Kind()
			if strings.HasPrefix(kind, "NN") {
				kind = "NI"
			}
			if id.Value != "" && (slices.Contains(kinds, kind) || slices.Contains(kinds[1:], system)) {
				return exchange.Uncover(id.Value)
			}
		}
	}
	if len(ids) == 1 && ids[0].Kind() == "" {
		return exchange.Uncover(ids[0].Value)
	}
	return ""
}
