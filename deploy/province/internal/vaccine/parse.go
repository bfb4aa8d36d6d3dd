package vaccine

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/tableimport"
)

// Notice is one line of an import: a dose that was given, or an invitation.
type Notice struct {
	Document    string
	Name        string
	Birth       int // year, 0 where it is not said
	Phone       string
	Number      int // of the dose, 0 for an invitation
	Product     string
	Lot         string
	At          time.Time // given, or due
	Place       string
	Certificate string
}

//go:embed columns.json
var columnsJSON []byte

var columns = func() (c tableimport.Columns) {
	if err := json.Unmarshal(columnsJSON, &c); err != nil {
		panic(err) // it is ours
	}
	return c
}()

// Parse reads doses and invitations: CSV, or FHIR R4 Immunization resources,
// alone or in a Bundle with their Patients. A line that cannot be read fails the
// whole.
func Parse(data []byte) (notices []Notice, err error) {
	if text := bytes.TrimLeft(data, "\ufeff \t\r\n"); bytes.HasPrefix(text, []byte("{")) {
		notices, err = parseFHIR(text)
	} else {
		notices, err = parseCSV(data)
	}
	if err == nil && len(notices) == 0 {
		err = errors.New("there is nothing in it")
	}
	if err != nil {
		return nil, fmt.Errorf("reading doses: %w", err)
	}
	return notices, nil
}

func parseCSV(data []byte) ([]Notice, error) {
	rows, err := tableimport.Read(data, columns, "document")
	if err != nil {
		return nil, err
	}
	notices := make([]Notice, len(rows))
	for i, row := range rows {
		v := row.Values
		n := Notice{Document: v["document"], Name: v["name"], Phone: v["phone"], Product: v["product"], Lot: v["lot"], Place: v["place"], Certificate: v["certificate"]}
		day := v["given"]
		if v["number"] == "" {
			day = v["due"]
		} else if n.Number, err = strconv.Atoi(v["number"]); err != nil {
			return nil, fmt.Errorf("line %d: %.20q is no number of a dose", row.Line, v["number"])
		}
		if n.At, err = parseDay(day); err != nil {
			return nil, fmt.Errorf("line %d: %w", row.Line, err)
		}
		n.Birth = year(v["birth"])
		if err := n.check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", row.Line, err)
		}
		notices[i] = n
	}
	return notices, nil
}

const mostDoses = 20

func (n Notice) check() error {
	switch {
	case n.Document == "" || len(n.Document) > 32 || strings.Contains(n.Document, "*"):
		return errors.New("the document's number is missing or masked")
	case n.Number < 0 || n.Number > mostDoses:
		return fmt.Errorf("%d is no number of a dose", n.Number)
	case n.Number > 0 && n.Product == "":
		return errors.New("the vaccine is missing")
	case len(n.Certificate) > 4296 || max(len(n.Name), len(n.Product), len(n.Place)) > 300 || max(len(n.Phone), len(n.Lot)) > 60:
		return errors.New("a value is too long")
	}
	return nil
}

func parseDay(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02", "02/01/2006", "2/1/2006", "02-01-2006", time.RFC3339, "2006-01-02 15:04", "02/01/2006 15:04"} {
		if t, err := time.ParseInLocation(layout, s, db.Zone); err == nil && t.Year() > 1900 && t.Year() < 2200 {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is no day", s)
}

// year is the four digits that a date begins or ends with, 0 for none.
func year(s string) int {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '-' || r == '.' }) {
		if n, err := strconv.Atoi(part); err == nil && n > 1850 && n < 2200 {
			return n
		}
	}
	return 0
}

// resource is what is read of a FHIR R4 Bundle, Patient or Immunization.
type resource struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	Status       string `json:"status"`
	Entry        []struct {
		FullURL  string   `json:"fullUrl"`
		Resource resource `json:"resource"`
	} `json:"entry"`
	Contained  []resource   `json:"contained"`
	Identifier []identifier `json:"identifier"`
	Name       []struct {
		Text   string   `json:"text"`
		Family string   `json:"family"`
		Given  []string `json:"given"`
	} `json:"name"`
	Telecom []struct {
		System string `json:"system"`
		Value  string `json:"value"`
	} `json:"telecom"`
	BirthDate string `json:"birthDate"`
	Patient   struct {
		Reference  string      `json:"reference"`
		Identifier *identifier `json:"identifier"`
		Display    string      `json:"display"`
	} `json:"patient"`
	VaccineCode struct {
		Coding []struct {
			Code    string `json:"code"`
			Display string `json:"display"`
		} `json:"coding"`
		Text string `json:"text"`
	} `json:"vaccineCode"`
	OccurrenceDateTime string `json:"occurrenceDateTime"`
	LotNumber          string `json:"lotNumber"`
	Location           struct {
		Display string `json:"display"`
	} `json:"location"`
	Performer []struct {
		Actor struct {
			Display string `json:"display"`
		} `json:"actor"`
	} `json:"performer"`
	ProtocolApplied []struct {
		DoseNumberPositiveInt int `json:"doseNumberPositiveInt"`
	} `json:"protocolApplied"`
}

type identifier struct {
	Value string `json:"value"`
}

func parseFHIR(data []byte) ([]Notice, error) {
	var top resource
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, err
	}
	people, doses := map[string]*resource{}, []*resource{}
	var collect func(url string, r *resource)
	collect = func(url string, r *resource) {
		switch r.ResourceType {
		case "Patient":
			people[url], people["Patient/"+r.ID], people["#"+r.ID] = r, r, r
		case "Immunization":
			if r.Status == "completed" {
				doses = append(doses, r)
			}
		}
		for i := range r.Contained {
			collect("", &r.Contained[i])
		}
		for i := range r.Entry {
			collect(r.Entry[i].FullURL, &r.Entry[i].Resource)
		}
	}
	collect("", &top)
	notices := make([]Notice, 0, len(doses))
	for _, r := range doses {
		n, err := r.dose(people)
		if err != nil {
			return nil, fmt.Errorf("the Immunization %.40q: %w", r.ID, err)
		}
		notices = append(notices, n)
	}
	return notices, nil
}

func (r *resource) dose(people map[string]*resource) (n Notice, err error) {
	n = Notice{Lot: r.LotNumber, Place: r.Location.Display, Name: r.Patient.Display, Product: r.VaccineCode.Text}
	if r.Patient.Identifier != nil {
		n.Document = r.Patient.Identifier.Value
	}
	if p := people[r.Patient.Reference]; p != nil && r.Patient.Reference != "" {
		n.holder(p)
	}
	for _, c := range r.VaccineCode.Coding {
		for _, word := range []string{c.Display, c.Code} {
			if n.Product == "" {
				n.Product = word
			}
		}
	}
	for _, p := range r.Performer {
		if n.Place == "" {
			n.Place = p.Actor.Display
		}
	}
	if len(r.ProtocolApplied) > 0 {
		n.Number = r.ProtocolApplied[0].DoseNumberPositiveInt
	}
	if n.Number == 0 {
		return n, errors.New("the number of the dose is missing")
	}
	if n.At, err = parseDay(r.OccurrenceDateTime); err != nil {
		return n, err
	}
	return n, n.check()
}

func (n *Notice) holder(p *resource) {
	if n.Document == "" && len(p.Identifier) > 0 {
		n.Document = p.Identifier[0].Value
	}
	n.Birth = year(p.BirthDate)
	if len(p.Name) > 0 {
		if n.Name = p.Name[0].Text; n.Name == "" {
			n.Name = strings.TrimSpace(p.Name[0].Family + " " + strings.Join(p.Name[0].Given, " "))
		}
	}
	for _, t := range p.Telecom {
		if t.System == "phone" && n.Phone == "" {
			n.Phone = t.Value
		}
	}
}
