package hl7

import (
	"fmt"
	"strings"
	"time"
)

// Ack is how a message was taken (table 0008).
type Ack string

// The codes of the original mode.
const (
	Accepted Ack = "AA"
	Failed   Ack = "AE" // its content is at fault: sending it again mends nothing
	Rejected Ack = "AR" // not a message that is taken here, or not now
)

// Fault is one ERR segment.
type Fault struct {
	Segment  int    // in the message, from 1
	Code     string // of table 0357: "103"
	Severity string // "E", "W"
	Text     string // for people
}

// Acknowledge writes the acknowledgement of a message (2.8.2): sender and receiver
// change places, MSA-2 is the message's number exactly as it came.
func (m *Message) Acknowledge(code Ack, faults []Fault, now time.Time, control string) []byte {
	f := m.Raw
	version := f.At(11)
	if version == "" {
		version = "2.5.1"
	}
	event := "R01"
	if _, e, found := strings.Cut(m.Type, "^"); found && e != "" {
		event = e
	}
	mode := f.At(10)
	if mode == "" {
		mode = "P"
	}
	var out strings.Builder
	sep := "|^~\\&"
	if m.separator.field != "" && len(f.At(1)) >= 4 {
		sep = m.separator.field + f.At(1)
	}
	field := sep[:1]
	component := sep[1:2]
	join := func(parts ...string) { out.WriteString(strings.Join(parts, field) + "\r") }
	join("MSH"+sep, f.At(4), f.At(5), f.At(2), f.At(3), now.Format("20060102150405-0700"), "",
		"ACK"+component+event+component+"ACK", control, mode, version, "", "", "", "", "", "UNICODE UTF-8")
	join("MSA", string(code), f.At(9))
	for _, fault := range faults {
		name := errorNames[fault.Code]
		where := ""
		if i := fault.Segment - 1; i >= 0 && i < len(m.Segments) {
			where = fmt.Sprintf("%s%s%d", m.Segments[i].Fields[0], component, m.ordinal(i))
		}
		join("ERR", "", where, fault.Code+component+name+component+"HL70357", fault.Severity, "", "", "", m.escaped(fault.Text, sep))
	}
	return []byte(out.String())
}

// ordinal is which of the segments of its name one is, from 1.
func (m *Message) ordinal(at int) (n int) {
	for _, s := range m.Segments[:at+1] {
		if s.Fields[0] == m.Segments[at].Fields[0] {
			n++
		}
	}
	return n
}

// errorNames is table 0357 as far as it is used.
var errorNames = map[string]string{
	"0": "Message accepted", "101": "Required field missing", "102": "Data type error", "103": "Table value not found",
	"200": "Unsupported message type", "202": "Unsupported processing id", "204": "Unknown key identifier", "207": "Application internal error",
}

// escaped writes a text so that no separator is in it.
func (m *Message) escaped(text, sep string) string {
	if len(sep) < 5 {
		return ""
	}
	escape := sep[3:4]
	return strings.NewReplacer(
		escape, escape+"E"+escape, sep[:1], escape+"F"+escape, sep[1:2], escape+"S"+escape, sep[2:3], escape+"R"+escape,
		sep[4:5], escape+"T"+escape, "\r", " ", "\n", " ",
	).Replace(text)
}
