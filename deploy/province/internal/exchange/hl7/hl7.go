// Package hl7 reads results from HL7 v2 messages (2.3 to 2.9): ORU^R01, ORU^R30 to
// R32 and OUL^R21 to R24, alone, one after the other, or in batches (FHS, BHS). The
// separators, the character set and the default time zone are each message's own.
//
// Sections cited are those of HL7 v2.9.1: 2.5.2 (what is not expected is ignored),
// 2.6 (escapes), 2.9.3 (batches), chapter 7 (OBR, OBX, SPM), chapter 13 (SAC).
package hl7

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/charset"
)

// Limits of one message and one field.
const (
	maxFields      = 128
	maxComponents  = 32
	maxRepetitions = 64
	maxSegments    = 20_000 // of a message
)

// Recognise says whether data looks like HL7 v2, inside of an MLLP frame or not.
func Recognise(data []byte) bool {
	data = bytes.TrimLeft(data[:min(len(data), 1024)], "\xef\xbb\xbf\v \t\r\n")
	for _, header := range []string{"MSH", "FHS", "BHS"} {
		if len(data) > 4 && bytes.HasPrefix(data, []byte(header)) && !isWord(data[3]) {
			return true
		}
	}
	return false
}

func isWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == ' '
}

// Results reads the results of all messages.
func Results(data []byte) (*exchange.File[exchange.Result], error) {
	f := &exchange.File[exchange.Result]{Format: exchange.HL7}
	group := 0
	err := split(data, func(raw []byte, line int) error {
		m, encoding := parse(raw, line)
		if f.Encoding == "" {
			f.Encoding = encoding
		}
		f.Statements = append(f.Statements, m.results(&group)...)
		if len(f.Statements) > exchange.MaxStatements {
			return exchange.ErrTooMany
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// split hands on each message with the number of its first segment. Headers and
// trailers of batches are skipped: their counts are a courtesy (2.9.3.1).
func split(data []byte, take func(raw []byte, line int) error) error {
	if text, name, err := charset.Decode(data[:min(len(data), 512)&^1], ""); err == nil && strings.HasPrefix(name, "UTF-16") && text != "" {
		whole, _, err := charset.Decode(data, name)
		if err != nil {
			return err
		}
		data = []byte(whole)
	}
	var message []byte
	first, line := 0, 0
	end := func() error {
		if message == nil {
			return nil
		}
		raw := message
		message = nil
		return take(raw, first)
	}
	for len(data) > 0 {
		var segment []byte
		if i := bytes.IndexAny(data, "\r\n"); i < 0 {
			segment, data = data, nil
		} else {
			segment, data = data[:i], data[i+1:]
		}
		segment = bytes.Trim(bytes.TrimPrefix(segment, []byte("\xef\xbb\xbf")), "\v\x1c \t")
		if len(segment) == 0 {
			continue
		}
		line++
		header := segment[:min(len(segment), 3)]
		switch {
		case bytes.Equal(header, []byte("MSH")):
			if err := end(); err != nil {
				return err
			}
			first = line
			message = append([]byte(nil), segment...)
		case bytes.Equal(header, []byte("FHS")), bytes.Equal(header, []byte("BHS")), bytes.Equal(header, []byte("BTS")), bytes.Equal(header, []byte("FTS")):
			if err := end(); err != nil {
				return err
			}
		case message == nil: // before the first MSH
			first = line
			message = append([]byte(nil), segment...)
		default:
			message = append(append(message, '\r'), segment...)
		}
	}
	return end()
}

// Message is one message as it was parsed.
type Message struct {
	Type      string // "ORU^R01"
	Control   string // MSH-10
	Sender    string // MSH-3 and MSH-4
	Raw       Fields // of MSH
	Segments  []Segment
	separator separators
	encoding  string
	zone      *time.Location
	made      time.Time // MSH-7
	problem   *exchange.Problem
	line      int
}

// Segment is one line.
type Segment struct {
	Line   int // in the file, from 1
	Fields Fields
}

// Fields are the fields of a segment, its name being the first.
type Fields []string

// At is a field, "" where the segment has not so many.
func (f Fields) At(i int) string {
	if i < len(f) {
		return f[i]
	}
	return ""
}

type separators struct{ field, component, repetition, escape, sub string }

// charsets are the names of table 0211 and others that are met.
var charsets = map[string]string{
	"UNICODE UTF-8": charset.UTF8, "UNICODE": charset.UTF8, "UTF-8": charset.UTF8, "UTF8": charset.UTF8, "ASCII": charset.UTF8,
	"UNICODE UTF-16": charset.UTF16BE, "CP1258": charset.Windows1258, "WINDOWS-1258": charset.Windows1258,
	"CP1252": charset.Windows1252, "WINDOWS-1252": charset.Windows1252, "8859/1": charset.Windows1252,
	"TCVN3": charset.TCVN3, "TCVN": charset.TCVN3,
}

// Parse reads one message without judging what it says, for an acknowledgement.
func Parse(raw []byte) *Message {
	m, _ := parse(bytes.Trim(raw, "\v\x1c\r\n \t"), 1)
	return m
}

func parse(raw []byte, line int) (*Message, string) {
	m := &Message{line: line, zone: exchange.Zone}
	header, _, _ := bytes.Cut(raw, []byte("\r"))
	if len(header) < 8 || !bytes.HasPrefix(header, []byte("MSH")) || isWord(header[3]) || header[3] >= utf8.RuneSelf {
		m.problem = &exchange.Problem{Code: exchange.WrongMessage, Read: printable(raw)}
		return m, ""
	}
	named := ""
	if f := Fields(strings.SplitN(string(header), string(header[3]), maxFields)); f.At(17) != "" {
		name, _, _ := strings.Cut(f.At(17), "~")
		named = charsets[strings.ToUpper(strings.TrimSpace(name))]
	}
	text, encoding, err := charset.Decode(raw, named)
	if err != nil {
		// A name that the bytes are not in: what they are in instead.
		text, encoding, err = charset.Decode(raw, "")
	}
	if err != nil {
		m.problem = &exchange.Problem{Code: exchange.BadLine, Read: err.Error()}
		text = strings.ToValidUTF8(string(raw), "?")
	}
	m.encoding = encoding
	lines := strings.Split(strings.ReplaceAll(text, "\n", "\r"), "\r")
	m.head(lines[0])
	for i, one := range lines {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		if len(m.Segments) == maxSegments {
			m.problem = &exchange.Problem{Code: exchange.Continued, Read: "> 20000"}
			break
		}
		m.Segments = append(m.Segments, Segment{line + i, strings.SplitN(one, m.separator.field, maxFields)})
	}
	return m, encoding
}

func printable(raw []byte) string {
	return strings.ToValidUTF8(string(raw[:min(len(raw), 40)]), "?")
}

// head reads MSH: separators that MSH-2 does not have do not exist.
func (m *Message) head(line string) {
	if len(line) < 4 { // another charset has eaten it
		m.problem = &exchange.Problem{Code: exchange.WrongMessage, Read: line}
		return
	}
	s := &m.separator
	s.field = line[3:4]
	f := Fields(strings.SplitN(line, s.field, maxFields)) // f[0] is MSH, f[1] is MSH-2
	for i, to := range []*string{&s.component, &s.repetition, &s.escape, &s.sub} {
		if marks := f.At(1); i < len(marks) {
			*to = marks[i : i+1]
		}
	}
	m.Raw = f
	kind := m.components(f.At(8))
	m.Type = kind[0]
	if len(kind) > 1 {
		m.Type += "^" + kind[1]
	}
	m.Control = m.text(f.At(9))
	m.Sender = strings.TrimSpace(m.first(f.At(2)) + " " + m.first(f.At(3)))
	if t, _, zoned, ok := m.time(f.At(6)); ok {
		if zoned {
			m.zone = t.Location()
		}
		m.made = t
	}
}

// cut splits by a separator, which "" does not.
func cut(s, by string, most int) []string {
	if by == "" {
		return []string{s}
	}
	return strings.SplitN(s, by, most)
}

func (m *Message) repetitions(field string) []string {
	return cut(field, m.separator.repetition, maxRepetitions)
}

// components are those of the first repetition, escapes replaced.
func (m *Message) components(field string) []string {
	parts := cut(m.repetitions(field)[0], m.separator.component, maxComponents)
	for i, p := range parts {
		parts[i] = m.text(p)
	}
	return parts
}

// first is the first subcomponent of the first component.
func (m *Message) first(field string) string {
	part := cut(m.repetitions(field)[0], m.separator.component, maxComponents)[0]
	return m.text(cut(part, m.separator.sub, maxComponents)[0])
}
