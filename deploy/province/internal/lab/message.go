package lab

import (
	"context"
	"crypto/rand"
	"log/slog"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/hl7"
	"chot/ui/catalog"
)

// Message takes an HL7 v2 message in and returns its acknowledgement: AA for what
// was filed, was known or waits for a person, with a warning for each line that
// cannot be read; AE where no line can; AR for what is no message with results, and
// when the province cannot take it now. It is answered after the commit.
func (d *Desk) Message(ctx context.Context, by Source, remote string, raw []byte, log *slog.Logger) []byte {
	m := hl7.Parse(raw)
	answer := func(code hl7.Ack, faults []hl7.Fault) []byte {
		return m.Acknowledge(code, faults, d.Now().In(exchange.Zone), rand.Text())
	}
	words := catalog.Languages()[0]
	f, err := hl7.Results(raw)
	if err != nil {
		return answer(hl7.Failed, []hl7.Fault{{Code: "102", Severity: "E", Text: err.Error()}})
	}
	who := account.Account{Name: by.Name, Title: by.Name, Role: account.Machine, Area: by.Scope, Scopes: "results"}
	done, err := d.Report(ctx, by, who, remote, m.Control, f, false)
	if err != nil {
		log.Error("a message was not taken", "source", by.Name, "error", err)
		return answer(hl7.Rejected, []hl7.Fault{{Code: "207", Severity: "E", Text: "come back later"}})
	}
	var faults []hl7.Fault
	code, severity := hl7.Accepted, "W"
	if n := done.Count(exchange.Refused); n > 0 && n+done.Count(exchange.Noted) == len(done.Lines) {
		code, severity = hl7.Failed, "E"
	}
	for _, l := range done.Lines {
		if l.Fate != exchange.Refused {
			continue
		}
		if l.Reason == exchange.WrongMessage || l.Reason == exchange.TestMessage {
			code, severity = hl7.Rejected, "E"
		}
		faults = append(faults, hl7.Fault{Segment: l.Line, Code: faultCode(l.Reason), Severity: severity, Text: words.Text("line."+l.Reason) + ": " + l.Read})
	}
	return answer(code, faults)
}

// faultCode is the code of table 0357 for a problem.
func faultCode(problem string) string {
	switch problem {
	case exchange.WrongMessage:
		return "200"
	case exchange.TestMessage:
		return "202"
	case exchange.NoTube:
		return "101"
	case exchange.BadOutcome, exchange.BadStatus, exchange.SignDiffers:
		return "103"
	}
	return "102"
}
