package lab

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// parseHL7 reads ORU^R01 messages (HL7 v2.3 to 2.8), one after the other: the
// tube is SPM-2, or OBR-3 or OBR-2 where there is no SPM; the result OBX-5 of an
// observation of kind CE, CWE, ST, TX or IS whose status is final or corrected;
// the technique OBX-17, or the code of OBX-3 or OBR-4; the time OBX-14, OBX-19 or OBR-22.
func parseHL7(data []byte) ([]Report, error) {
	if len(data) > 0 && bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("it holds a zero byte")
	}
	text := strings.NewReplacer("\r\n", "\r", "\n", "\r", "\v", "", "\x1c", "").Replace(string(data))
	var reports []Report
	var m *message
	for n, line := range strings.Split(text, "\r") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var err error
		switch {
		case strings.HasPrefix(line, "MSH"):
			if reports, err = m.end(reports); err == nil {
				m, err = newMessage(line)
			}
		case m == nil:
			err = errors.New("it does not begin with MSH")
		default:
			reports, err = m.segment(line, reports)
		}
		if err != nil {
			return nil, fmt.Errorf("segment %d: %w", n+1, err)
		}
	}
	return m.end(reports)
}

// message is one that is being read: its separators, and the order whose
// observations are being collected.
type message struct {
	field, component, repeat, escape string
	control                          string
	obr                              fields
	tube                             string // of SPM
	observations                     []fields
}

type fields []string

func (f fields) at(i int) string {
	if i < len(f) {
		return f[i]
	}
	return ""
}

func newMessage(line string) (*message, error) {
	if len(line) < 8 {
		return nil, errors.New("MSH is too short")
	}
	m := &message{field: line[3:4], component: line[4:5], repeat: line[5:6], escape: line[6:7]}
	f := fields(strings.Split(line, m.field)) // f[0] is MSH, f[1] is MSH-2
	if kind := strings.Split(f.at(8), m.component); kind[0] != "ORU" || len(kind) > 1 && kind[1] != "R01" {
		return nil, fmt.Errorf("a message %.20q is no ORU^R01", f.at(8))
	}
	m.control = f.at(9)
	return m, nil
}

func (m *message) segment(line string, reports []Report) ([]Report, error) {
	f := fields(strings.Split(line, m.field))
	switch f[0] {
	case "OBR":
		var err error
		reports, err = m.end(reports)
		m.obr = f
		return reports, err
	case "OBX":
		if m.obr == nil {
			return nil, errors.New("OBX stands before OBR")
		}
		m.observations = append(m.observations, f)
	case "SPM":
		m.tube = m.first(f.at(2))
	}
	return reports, nil
}

// end makes the reports of the order that is being read.
func (m *message) end(reports []Report) ([]Report, error) {
	if m == nil || m.obr == nil {
		return reports, nil
	}
	tube := m.tube
	for _, i := range []int{3, 2} {
		if tube == "" {
			tube = m.first(m.obr.at(i))
		}
	}
	found := false
	for _, o := range m.observations {
		switch kind, status := o.at(2), o.at(11); {
		case kind != "CE" && kind != "CWE" && kind != "ST" && kind != "TX" && kind != "IS":
			continue // a Ct value, a picture
		case status != "" && status != "F" && status != "C" && status != "U":
			continue // preliminary, or withdrawn
		}
		r, err := m.observation(tube, o)
		if err != nil {
			return nil, err
		}
		reports, found = append(reports, r), true
	}
	if !found {
		return nil, fmt.Errorf("the order of tube %.70q has no final result", tube)
	}
	m.obr, m.tube, m.observations = nil, "", nil
	return reports, nil
}

func (m *message) observation(tube string, o fields) (Report, error) {
	at := o.at(14)
	for _, s := range []string{o.at(19), m.obr.at(22)} {
		if at == "" {
			at = s
		}
	}
	if i := strings.IndexByte(at, '.'); i > 0 { // fractions of a second
		at = at[:i]
	}
	var err error
	for _, outcome := range m.components(o.at(5)) { // the code, then its text
		var r Report
		if r, err = report(tube, outcome, "", at); err != nil {
			continue
		}
		r.Message = m.control
		for _, words := range [][]string{m.components(o.at(17)), m.components(o.at(3)), m.components(m.obr.at(4))} {
			for _, word := range words {
				if known, wordErr := report(tube, outcome, word, at); wordErr == nil && r.Technique == 0 {
					r.Technique = known.Technique
				}
			}
		}
		return r, nil
	}
	return Report{}, err
}

// first is the first component of the first repetition.
func (m *message) first(field string) string {
	c := m.components(field)
	// SPM-2 has the placer's number as its first component, with components of its own.
	part, _, _ := strings.Cut(c[0], "&")
	return part
}

func (m *message) components(field string) []string {
	field, _, _ = strings.Cut(field, m.repeat)
	parts := strings.Split(field, m.component)
	for i, p := range parts {
		if m.escape != "" {
			p = strings.NewReplacer(m.escape+"F"+m.escape, m.field, m.escape+"S"+m.escape, m.component,
				m.escape+"R"+m.escape, m.repeat, m.escape+"T"+m.escape, "&", m.escape+"E"+m.escape, m.escape).Replace(p)
		}
		parts[i] = p
	}
	return parts
}
