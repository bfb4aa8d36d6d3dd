package uploads

import (
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/table"
	"chot/ui/catalog"
)

// Sent is a file in the API.
type Sent struct {
	DryRun   bool   `query:"dryRun" doc:"say what would be done, and do nothing"`
	Encoding string `query:"encoding" doc:"of a table, where it cannot be told" enum:"UTF-8,UTF-16LE,UTF-16BE,windows-1258,TCVN3,windows-1252"`
	Name     string `query:"name" maxLength:"100" doc:"what the sender calls the file"`
	Language string `header:"Accept-Language"`
	Accept   string `header:"Accept"`
	RawBody  []byte `contentType:"application/octet-stream"`
}

// NameOr is what the sender calls the file, or another name.
func (in *Sent) NameOr(other string) string {
	if in.Name != "" {
		return in.Name
	}
	return other
}

// Answer is the answer to a file.
func (in *Sent) Answer(a *exchange.Answer) *Reported {
	return &Reported{Status: Status(a), Body: NewAnswerBody(a, in.DryRun, in.Language)}
}

// Reported is what became of a file.
type Reported struct {
	Status int
	Body   AnswerBody
}

// AnswerBody is an answer as JSON.
type AnswerBody struct {
	Format   string     `json:"format"`
	Filed    int        `json:"filed" doc:"hold now"`
	Known    int        `json:"known" doc:"held already, or were sent before"`
	Work     int        `json:"work" doc:"a person must look at them"`
	Changed  int        `json:"changed" doc:"replace what held"`
	Cleared  int        `json:"cleared" doc:"withdrawn"`
	Waiting  int        `json:"waiting" doc:"have no result yet"`
	Noted    int        `json:"noted" doc:"controls, other germs, questions"`
	Refused  int        `json:"refused" doc:"cannot be read"`
	Encoding string     `json:"encoding,omitempty"`
	DryRun   bool       `json:"dryRun,omitempty"`
	Lines    []LineBody `json:"lines"`
}

// LineBody is a line of an answer.
type LineBody struct {
	Line    int    `json:"line" doc:"row of a table or segment of HL7, from 1; index of a FHIR entry, from 0"`
	Path    string `json:"path,omitempty" doc:"field or FHIRPath"`
	Outcome string `json:"outcome" enum:"filed,changed,cleared,known,listed,waiting,noted,refused"`
	Reason  string `json:"reason,omitempty" doc:"a code"`
	Text    string `json:"text,omitempty" doc:"the reason in the reader's language"`
	Subject string `json:"subject,omitempty"`
	Read    string `json:"read,omitempty"`
	Result  string `json:"result,omitempty"`
	Before  string `json:"before,omitempty" doc:"what held"`
}

// NewAnswerBody makes the JSON of an answer, in the language that was asked for.
func NewAnswerBody(a *exchange.Answer, dry bool, accept string) AnswerBody {
	lang := language(accept)
	body := AnswerBody{
		Format: a.Format, Encoding: a.Encoding, DryRun: dry, Filed: a.Count(exchange.Filed), Changed: a.Count(exchange.Changed),
		Cleared: a.Count(exchange.Cleared), Known: a.Count(exchange.Known), Work: a.Count(exchange.Listed),
		Waiting: a.Count(exchange.Waiting), Noted: a.Count(exchange.Noted), Refused: a.Count(exchange.Refused), Lines: []LineBody{},
	}
	for _, l := range a.Lines {
		line := LineBody{
			Line: l.Line, Path: l.Path, Outcome: string(l.Fate), Reason: l.Reason, Subject: l.Subject, Read: l.Read,
			Result: l.Outcome.String(), Before: l.Before.String(),
		}
		if l.Reason != "" {
			line.Text = lang.Text("line."+l.Reason, "read", l.Read)
		}
		body.Lines = append(body.Lines, line)
	}
	return body
}

// language is the first language of an Accept-Language header that the catalogue
// has, Vietnamese where it has none of them.
func language(accept string) catalog.Language {
	for _, part := range strings.Split(accept, ",") {
		code, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		code, _, _ = strings.Cut(code, "-")
		if l, known := catalog.Find(strings.ToLower(code)); known {
			return l
		}
	}
	return catalog.Languages()[0]
}

// Status is 422 where no line of an answer could be read.
func Status(a *exchange.Answer) int {
	if n := a.Count(exchange.Refused); n > 0 && n == len(a.Lines) {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// UnreadableError is the API's answer to a file of which nothing can be read.
func UnreadableError(err error, accept string) error {
	text := language(accept).Text(Unreadable(err))
	if missing := (*table.MissingColumns)(nil); errors.As(err, &missing) {
		text = language(accept).Text("file.columns", "fields", strings.Join(missing.Fields, ", "))
	}
	return huma.Error422UnprocessableEntity(text, err)
}
