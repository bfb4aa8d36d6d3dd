// Package lab is sampling and its results: test orders, specimens and pools as
// kiosks record them, results as laboratories report them, and what somebody
// must look at.
//
// A laboratory reports by CSV ([columns.json] lists the columns and words of the
// common exports), by FHIR R4 and by HL7 v2; [Parse] tells them apart. Each report is
// filed under its tube, see [Desk.File]; one that cannot be goes to the work list
// with the reason and is tried again by itself when more of the tube arrives.
// Nothing that a laboratory reported is dropped.
package lab

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/tableimport"
	"chot/kiosk/record"
)

// Report is one result as a laboratory says it.
type Report struct {
	Tube      string
	Technique record.Technique // 0 where it is not said: the specimen's
	Outcome   record.Outcome
	At        time.Time // zero where it is not said
	Message   string    // what it came in
}

// Formats of reports.
const (
	CSV  = "CSV"
	HL7  = "HL7 v2"
	FHIR = "FHIR"
)

// Parse reads what a laboratory sent. A report whose tube or outcome cannot be
// read fails the whole: half an import is worse than none.
func Parse(data []byte) (format string, reports []Report, err error) {
	text := bytes.TrimLeft(data, "\ufeff\v \t\r\n")
	switch {
	case bytes.HasPrefix(text, []byte("MSH")):
		format = HL7
		reports, err = parseHL7(text)
	case bytes.HasPrefix(text, []byte("{")):
		format = FHIR
		reports, err = parseFHIR(text)
	default:
		format = CSV
		reports, err = parseCSV(data)
	}
	if err == nil && len(reports) == 0 {
		err = errors.New("there is no result in it")
	}
	if err != nil {
		return format, nil, fmt.Errorf("reading results as %s: %w", format, err)
	}
	return format, reports, nil
}

//go:embed columns.json
var columnsJSON []byte

// words is what columns.json says.
var words = func() (w struct {
	Columns              tableimport.Columns
	Outcomes, Techniques map[string][]string
	outcomes             map[string]record.Outcome
	techniques           map[string]record.Technique
}) {
	if err := json.Unmarshal(columnsJSON, &w); err != nil {
		panic(err) // it is ours
	}
	w.outcomes, w.techniques = index(w.Outcomes, record.ParseOutcome), index(w.Techniques, record.ParseTechnique)
	return w
}()

func index[V any](names map[string][]string, parse func(string) V) map[string]V {
	m := map[string]V{}
	for code, all := range names {
		for _, name := range append(all, code) {
			m[tableimport.Fold(name)] = parse(code)
		}
	}
	return m
}

// report makes a report of words.
func report(tube, outcome, technique, at string) (Report, error) {
	r := Report{Tube: strings.TrimSpace(tube)}
	if r.Tube == "" || len(r.Tube) > 64 || strings.ContainsFunc(r.Tube, func(c rune) bool { return c < ' ' || c > '~' }) {
		return r, fmt.Errorf("%.70q is no tube's number", tube)
	}
	if r.Outcome = words.outcomes[tableimport.Fold(outcome)]; r.Outcome == 0 {
		return r, fmt.Errorf("the result %.70q of tube %s is not known", outcome, r.Tube)
	}
	if technique != "" {
		if r.Technique = words.techniques[tableimport.Fold(technique)]; r.Technique == 0 {
			return r, fmt.Errorf("the technique %.70q of tube %s is not known", technique, r.Tube)
		}
	}
	var err error
	r.At, err = parseTime(at)
	return r, err
}

// layouts of times, in the province's zone where they name none.
var layouts = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
	"02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006", "2/1/2006", "02-01-2006",
	"20060102150405-0700", "20060102150405", "200601021504", "20060102",
}

func parseTime(s string) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}, nil
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, db.Zone); err == nil && t.Year() > 2000 && t.Year() < 2200 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is no time", s)
}

func parseCSV(data []byte) ([]Report, error) {
	rows, err := tableimport.Read(data, words.Columns, "tube", "outcome")
	if err != nil {
		return nil, err
	}
	reports := make([]Report, len(rows))
	for i, row := range rows {
		v := row.Values
		if reports[i], err = report(v["tube"], v["outcome"], v["technique"], v["at"]); err != nil {
			return nil, fmt.Errorf("line %d: %w", row.Line, err)
		}
	}
	return reports, nil
}
