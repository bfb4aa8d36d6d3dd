package shc

import (
	"strings"
)

const (
	prefix = "shc:/"

	// maxJWS bounds a card: more than eight codes of the largest size hold.
	maxJWS    = 16 << 10
	maxChunks = 16
)

// Chunk says which of how many codes of a card a text is: 1 of 1 for a whole
// card, 0 for what is none.
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

// small reads a number from 1 to 99, 0 where it is none.
func small(text string) (n int) {
	if len(text) > 2 {
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

// assemble gives the JWS that the texts of all codes hold, one a line. It is
// nil and whole false where codes are missing, nil and whole true where the
// texts do not go together.
func assemble(text string) (jws []byte, whole bool) {
	var parts [maxChunks]string
	want, have := 0, 0
	for line := range strings.Lines(text) {
		number, of, digits, ok := split(strings.TrimSpace(line))
		if !ok || want != 0 && of != want {
			return nil, true
		}
		want = of
		if parts[number-1] == "" {
			have++
		}
		parts[number-1] = digits
	}
	if have < want {
		return nil, false
	}
	for _, digits := range parts[:want] {
		if len(digits)%2 != 0 || len(jws)+len(digits)/2 > maxJWS {
			return nil, true
		}
		if jws == nil {
			jws = make([]byte, 0, len(digits)/2*want)
		}
		for i := 0; i < len(digits); i += 2 {
			tens, ones := digits[i]-'0', digits[i+1]-'0'
			if tens > 9 || ones > 9 || tens*10+ones > 'z'-'-' {
				return nil, true
			}
			jws = append(jws, '-'+tens*10+ones)
		}
	}
	return jws, true
}
