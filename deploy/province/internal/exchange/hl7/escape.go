package hl7

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"

	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/charset"
)

// text replaces the escape sequences of a value (2.6), in one pass, and removes
// outer blanks. A sequence that is not known or not closed stays as it is.
func (m *Message) text(s string) string {
	esc := m.separator.escape
	if esc == "" || !strings.Contains(s, esc) {
		return exchange.Trim(s)
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, esc)
		out.WriteString(before)
		if !found {
			break
		}
		code, after, closed := strings.Cut(rest, esc)
		if !closed {
			out.WriteString(esc + rest)
			break
		}
		if text, known := m.escape(code); known {
			out.WriteString(text)
			s = after
		} else {
			out.WriteString(esc)
			s = rest
		}
	}
	return exchange.Trim(out.String())
}

func (m *Message) escape(code string) (string, bool) {
	switch code {
	case "F":
		return m.separator.field, true
	case "S":
		return m.separator.component, true
	case "R":
		return m.separator.repetition, true
	case "T":
		return m.separator.sub, true
	case "E":
		return m.separator.escape, true
	case "P":
		return "#", true
	case "H", "N": // highlighting
		return "", true
	}
	switch {
	case strings.HasPrefix(code, "."):
		switch word, _, _ := strings.Cut(strings.TrimPrefix(code, "."), " "); word {
		case "br", "sp", "ce":
			return "\n", true
		case "in", "ti", "sk", "fi", "nf":
			return "", true
		}
	case strings.HasPrefix(code, "X"):
		raw, err := hex.DecodeString(code[1:])
		if err != nil || len(raw) == 0 {
			return "", false
		}
		if text, _, err := charset.Decode(raw, m.encoding); err == nil && m.encoding != "" {
			return text, true
		}
		return "", false
	case strings.HasPrefix(code, "Z"):
		return "", true
	}
	return "", false
}

var dtm = regexp.MustCompile(`^(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(\d\d)(?:\.(\d{1,4}))?)?\s*([+-]\d{4})?$`)

// time reads a DTM of any precision, whose offset may follow any of them. One
// without an offset is in the message's zone.
func (m *Message) time(s string) (t time.Time, dateOnly, zoned, ok bool) {
	s, _, _ = strings.Cut(s, m.separator.component) // TS of older versions
	parts := dtm.FindStringSubmatch(strings.TrimSpace(s))
	if parts == nil {
		return t, false, false, false
	}
	n := [6]int{1: 1, 2: 1} // month and day begin with 1
	for i := range n {
		if parts[i+1] != "" {
			n[i], _ = strconv.Atoi(parts[i+1]) // digits
		}
	}
	zone := m.zone
	if parts[8] != "" {
		hours, _ := strconv.Atoi(parts[8][1:3])
		minutes, _ := strconv.Atoi(parts[8][3:])
		offset := hours*3600 + minutes*60
		if hours > 14 || minutes > 59 {
			return t, false, false, false
		}
		if parts[8][0] == '-' {
			offset = -offset
		}
		zone = time.FixedZone("", offset)
	}
	fraction, _ := strconv.Atoi((parts[7] + "0000")[:4])
	t = time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], fraction*int(100*time.Microsecond), zone)
	fine := t.Year() == n[0] && int(t.Month()) == n[1] && t.Day() == n[2] && t.Hour() == n[3] && t.Minute() == n[4] && n[0] > 1900
	return t, parts[4] == "", parts[8] != "", fine
}
