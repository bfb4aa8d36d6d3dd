// Package charset finds out which encoding a Vietnamese text is in. Files come in
// UTF-8 and UTF-16, and from older programs in windows-1258, TCVN 5712:1993
// (TCVN3, the "ABC" fonts) or windows-1252, some of them wrongly converted once
// more on their way.
//
// An encoding is taken only when what it makes of the bytes is Vietnamese: every
// word with a letter outside ASCII must be a syllable of the language. Where no
// encoding does, or two do with different texts, the file is refused and a person
// names the encoding.
package charset

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// Names of the encodings that can be named.
const (
	UTF8        = "UTF-8"
	UTF16LE     = "UTF-16LE"
	UTF16BE     = "UTF-16BE"
	Windows1258 = "windows-1258"
	Windows1252 = "windows-1252"
	TCVN3       = "TCVN3"
)

// Names are all of them.
var Names = []string{UTF8, UTF16LE, UTF16BE, Windows1258, TCVN3, Windows1252}

// ErrUnknown means that no encoding makes Vietnamese of the bytes, or several do.
var ErrUnknown = errors.New("the encoding of the text cannot be told")

// Decode returns the text in UTF-8, composed (NFC) and without a byte order mark,
// and the encoding that it was in. A name that is not "" is taken as it is.
func Decode(data []byte, named string) (text, name string, err error) {
	if named != "" {
		text, err := decodeAs(data, named)
		return text, named, err
	}
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		text, err = decodeAs(data, UTF8)
		return text, UTF8, err
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		text, err = decodeAs(data, UTF16LE)
		return text, UTF16LE, err
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		text, err = decodeAs(data, UTF16BE)
		return text, UTF16BE, err
	}
	if name := wide(data); name != "" {
		text, err = decodeAs(data, name)
		return text, name, err
	}
	if utf8.Valid(data) {
		return repair(string(data))
	}
	best := ""
	for _, candidate := range []string{Windows1258, TCVN3, Windows1252} {
		one, err := decodeAs(data, candidate)
		if err != nil || !vietnamese(one, candidate == TCVN3) {
			continue
		}
		if best != "" && one != text {
			return "", "", fmt.Errorf("%w: it may be %s or %s", ErrUnknown, best, candidate)
		}
		if best == "" {
			text, best = one, candidate
		}
	}
	if best == "" {
		return "", "", ErrUnknown
	}
	return text, best, nil
}

// wide recognises UTF-16 without a byte order mark: every second byte of the
// header, which is mostly ASCII, is zero.
func wide(data []byte) string {
	head := data[:min(len(data), 256)&^1]
	var even, odd int
	for i, b := range head {
		if b != 0 {
			continue
		}
		if i%2 == 0 {
			even++
		} else {
			odd++
		}
	}
	switch half := len(head) / 2; {
	case half == 0 || even+odd == 0:
		return ""
	case odd*2 > half && even == 0:
		return UTF16LE
	case even*2 > half && odd == 0:
		return UTF16BE
	}
	return ""
}

func decodeAs(data []byte, name string) (string, error) {
	var d *encoding.Decoder
	switch strings.ToUpper(name) {
	case "UTF-8":
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		if !utf8.Valid(data) {
			return "", fmt.Errorf("the text is not %s", name)
		}
		return norm.NFC.String(string(data)), nil
	case "UTF-16LE":
		d = utf.UTF16(utf.LittleEndian, utf.UseBOM).NewDecoder()
		if !bytes.HasPrefix(data, []byte("\xff\xfe")) {
			d = utf.UTF16(utf.LittleEndian, utf.IgnoreBOM).NewDecoder()
		}
	case "UTF-16BE":
		d = utf.UTF16(utf.BigEndian, utf.UseBOM).NewDecoder()
		if !bytes.HasPrefix(data, []byte("\xfe\xff")) {
			d = utf.UTF16(utf.BigEndian, utf.IgnoreBOM).NewDecoder()
		}
	case "WINDOWS-1258":
		d = charmap.Windows1258.NewDecoder()
	case "WINDOWS-1252":
		d = charmap.Windows1252.NewDecoder()
	case "TCVN3":
		return fromTCVN3(data)
	default:
		return "", fmt.Errorf("the encoding %q is not one of %v", name, Names)
	}
	text, err := d.Bytes(data)
	if err != nil {
		return "", fmt.Errorf("reading the text as %s: %w", name, err)
	}
	if bytes.ContainsRune(text, utf8.RuneError) {
		return "", fmt.Errorf("the text is not %s", name)
	}
	return norm.NFC.String(string(text)), nil
}

// repair takes back a conversion too many: windows-1258 or UTF-8 that was read as
// windows-1252 and then saved as UTF-8. It does so only where the text as it is
// is not Vietnamese and the mended one is.
func repair(text string) (string, string, error) {
	composed := norm.NFC.String(text)
	if vietnamese(composed, false) {
		return composed, UTF8, nil
	}
	raw, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		return composed, UTF8, nil // letters that windows-1252 lacks: no such conversion
	}
	for _, candidate := range []string{UTF8, Windows1258, TCVN3} {
		if one, err := decodeAs([]byte(raw), candidate); err == nil && vietnamese(one, candidate == TCVN3) {
			return one, candidate, nil
		}
	}
	return composed, UTF8, nil
}

// syllable is a Vietnamese syllable without its tone: an initial, a nucleus with
// its glide, a final.
var syllable = regexp.MustCompile(`^(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?` +
	`(?:[aăâeêioôơuưy]|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iêu|iu|oa|oai|oao|oay|oă|oe|oeo|oi|oo|ôi|ơi|ua|uâ|uây|ue|uê|uêu|ui|uô|uôi|uơ|uy|uya|uyê|uyu|ưa|ưi|ươ|ươi|ươu|ưu|yê|yêu)` +
	`(?:ng|nh|ch|[cmnpt])?$`)

// foreign are signs outside ASCII that a Vietnamese text may have.
const foreign = "–—‘’“”…•°±₫№×\u00a0\u200b\ufeffµ²³®©™€‐‑−º\u00ad"

// vietnamese says whether each word of the text that has a letter outside ASCII is
// Vietnamese. Nearly all must be: a name of a maker or of another people may not.
// In mixed case, capitals and small letters may stand in one word.
func vietnamese(text string, mixed bool) bool {
	good, bad := 0, 0
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return r < utf8.RuneSelf && !unicode.IsLetter(r) || unicode.IsSpace(r)
	}) {
		word = strings.Trim(word, foreign)
		if strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
			continue
		}
		if isSyllable(word, mixed) {
			good++
		} else {
			bad++
		}
	}
	return bad*20 <= good
}

// tones are the five marks of tones.
var tones = []rune{'\u0300', '\u0301', '\u0303', '\u0309', '\u0323'}

func isSyllable(word string, mixed bool) bool {
	for i, r := range word {
		if !mixed && i > 0 && unicode.IsUpper(r) && strings.ToUpper(word) != word {
			return false // a capital inside a word: the wrong table
		}
	}
	tone := 0
	plain := strings.Map(func(r rune) rune {
		if slices.Contains(tones, r) {
			tone++
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(word)))
	return tone <= 1 && syllable.MatchString(norm.NFC.String(plain))
}
