package scanner

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing/common"
)

// Framing is what a scanner module is set to send around every code, beyond
// what [Serial] and [Keyboard] know by themselves: control characters at either
// end, AIM identifiers and ECI escapes.
type Framing struct {
	Prefix, Suffix string // taken off where they are there; "" for none
}

// aim are the symbologies by the code character of their AIM identifier
// (ISO/IEC 15424).
var aim = map[byte]Symbology{'Q': QR, 'C': Code128, 'd': DataMatrix}

// escaped says whether an AIM identifier announces ECI escapes in what follows,
// by its code character and modifier: QR (ISO/IEC 18004, annex on identifiers)
// and Data Matrix (ISO/IEC 16022).
func escaped(code, modifier byte) bool {
	switch code {
	case 'Q':
		return modifier == '2' || modifier == '4' || modifier == '6'
	case 'd':
		return modifier >= '4' && modifier <= '6'
	}
	return false
}

// unframe makes a code's text of what a module sent for it, "" where nothing is
// left.
func (f Framing) unframe(sent []byte) (text string, raw []byte, kind Symbology) {
	data := trimControls(string(sent))
	data = strings.TrimSuffix(strings.TrimPrefix(data, f.Prefix), f.Suffix)
	data = trimControls(data)
	escapes := false
	if len(data) >= 3 && data[0] == ']' && isLetter(data[1]) && (isDigit(data[2]) || isLetter(data[2])) {
		kind, escapes = aim[data[1]], escaped(data[1], data[2])
		data = data[3:]
	}
	if _, _, ok := cutECI(data); ok || escapes {
		text, raw = unescape(data)
	} else {
		text, raw = wide([]byte(data)), []byte(data)
	}
	return trimControls(text), raw, kind
}

// unescape reads the data of a code with ECI escapes (AIM ECI protocol): \nnnnnn
// names the character set of what follows, \\ is a backslash.
func unescape(data string) (text string, raw []byte) {
	var out strings.Builder
	var run []byte
	set := -1
	flush := func() {
		out.WriteString(decodeSet(run, set))
		raw, run = append(raw, run...), run[:0]
	}
	for data != "" {
		if number, rest, ok := cutECI(data); ok {
			flush()
			set, data = number, rest
			continue
		}
		if strings.HasPrefix(data, `\\`) {
			data = data[1:]
		}
		run, data = append(run, data[0]), data[1:]
	}
	flush()
	return out.String(), raw
}

// cutECI takes an ECI escape off the beginning.
func cutECI(data string) (number int, rest string, ok bool) {
	const size = len(`\000026`)
	if len(data) < size || data[0] != '\\' {
		return 0, data, false
	}
	n, err := strconv.ParseUint(data[1:size], 10, 32)
	return int(n), data[size:], err == nil
}

// decodeSet is text of a declared character set. UTF-8 that was declared as
// something else is UTF-8: encoders declare what their library has as its
// default. A set that is not known is taken for UTF-8 or Latin-1.
func decodeSet(data []byte, eci int) string {
	if eci < 0 || utf8.Valid(data) {
		return wide(data)
	}
	set, err := common.GetCharacterSetECIByValue(eci)
	if err != nil || set == nil {
		return wide(data)
	}
	text, err := set.GetCharset().NewDecoder().Bytes(data)
	if err != nil {
		return wide(data)
	}
	return string(text)
}

// trimControls takes off what modules frame a code with.
func trimControls(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufeff' })
}

func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// terminates says whether a byte of a serial module ends a code: CR, LF, NUL,
// and STX, ETX, EOT, VT and the like between which modules put it. A tab and the
// separators of structured data (FS, GS, RS, US) stand inside of codes.
func terminates(b byte) bool {
	return b < ' ' && b != '\t' && (b < 0x1c || b > 0x1f) || b == 0x7f
}
