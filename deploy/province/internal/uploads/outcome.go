package uploads

import (
	"encoding/json"
	"fmt"

	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/fhir"
)

// Bundle is an answer in FHIR: a batch-response with an OperationOutcome for each
// entry (https://hl7.org/fhir/R4/http.html#transaction-response).
type Bundle struct {
	Status int
	Type   string `header:"Content-Type"`
	Body   []byte
}

// FHIR is the answer to a document of FHIR.
func (in *Sent) FHIR(a *exchange.Answer) (*Bundle, error) {
	words := language(in.Language)
	out := fhir.Bundle{ResourceType: "Bundle", Type: "batch-response"}
	at := map[int]int{} // entry of the answer by that of the request
	for _, l := range a.Lines {
		n, known := at[l.Line]
		if !known {
			n = len(out.Entry)
			at[l.Line] = n
			out.Entry = append(out.Entry, fhir.Entry{Response: &fhir.EntryResponse{Outcome: &fhir.Outcome{ResourceType: "OperationOutcome"}}})
		}
		r := out.Entry[n].Response
		f := fates[l.Fate]
		r.Status = max(r.Status, f.status) // the worst, which sorts last
		text := words.Text("fate." + string(l.Fate))
		if l.Reason != "" {
			text = words.Text("line."+l.Reason) + " (" + l.Reason + ")"
		}
		issue := fhir.Issue{Severity: f.severity, Code: f.code, Details: &fhir.Concept{Text: text}}
		if l.Path != "" {
			issue.Expression = []string{l.Path}
		}
		if l.Read != "" && (l.Fate == exchange.Refused || l.Fate == exchange.Listed) {
			issue.Diagnostics = fmt.Sprintf("%q", l.Read)
		}
		r.Outcome.Issue = append(r.Outcome.Issue, issue)
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encoding an answer: %w", err)
	}
	return &Bundle{Status: Status(a), Type: "application/fhir+json", Body: body}, nil
}

// fates are the status and the issue of each fate (IssueType, IssueSeverity).
var fates = map[exchange.Fate]struct{ status, severity, code string }{
	exchange.Filed:   {"201 Created", "information", "informational"},
	exchange.Changed: {"200 OK", "information", "informational"},
	exchange.Cleared: {"200 OK", "information", "informational"},
	exchange.Known:   {"200 OK", "information", "duplicate"},
	exchange.Noted:   {"200 OK", "information", "not-supported"},
	exchange.Waiting: {"200 OK", "information", "incomplete"},
	exchange.Listed:  {"202 Accepted", "warning", "business-rule"},
	exchange.Refused: {"422 Unprocessable Entity", "error", "value"},
}
