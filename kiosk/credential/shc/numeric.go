package shc

import (
	"errors"
	"strings"
)

const (
	prefix = "shc:/"

	maxCode   = 4296 // characters of a JWS in one code, more than the largest holds
	maxChunks = 999  // the standard sets no limit; three digits are more than anyone shows
)

// Chunk says which of how many codes of a card a text is: 1 of 1 for a whole
// card, 0 for a text that is not part of one.
func Chunk(text string) (number, of int) {
	number, of, _, ok := split(text)
	if !ok {
		return 0, 0
	}
	return number, of
}

// split takes the digits out of a text.
func split(text string) (number, of int, digits string, ok bool) {
	digits, ok = strings.CutPrefix(text, prefix)
	if !ok {
		return 0, 0, "", false
	}
	first, rest, several := strings.Cut(digits, "/")
	if !several {
		return 1, 1, digits, true
	}
	second, digits, ok := strings.Cut(rest, "/")
	number, of = small(first), small(second)
	if !ok || number < 1 || number > of || of > maxChunks {
		return 0, 0, "", false
	}
	return number, of, digits, true
}

// small reads a number of up to three digits, 0 for any other text.
func small(text string) (n int) {
	if len(text) > 3 {
		return 0
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

var (
	errIncomplete = errors.New("shc: codes of the card are missing")
	errNumeric    = errors.New("shc: not of the format")
)

// assemble gives the JWS that the texts of all codes hold, one a line, and how many
// codes there are.
func assemble(text string) (jws []byte, codes int, err error) {
	var parts []string
	have := 0
	for line := range strings.Lines(text) {
		number, of, digits, ok := split(strings.TrimSpace(line))
		if !ok || parts != nil && of != len(parts) {
			return nil, 0, errNumeric
		}
		if parts == nil {
			parts = make([]string, of)
		}
		if parts[number-1] == "" {
			have++
		}
		parts[number-1] = digits
	}
	if have < len(parts) {
		return nil, 0, errIncomplete
	}
	for _, digits := range parts {
		if len(digits)%2 != 0 || len(digits)/2 > maxCode {
			return nil, 0, errNumeric
		}
		for i := 0; i < len(digits); i += 2 {
			tens, ones := digits[i]-'0', digits[i+1]-'0'
			if tens > 9 || ones > 9 || tens*10+ones > 'z'-'-' {
				return nil, 0, errNumeric
			}
			jws = append(jws, '-'+tens*10+ones)
		}
	}
	return jws, len(parts), nil
}
