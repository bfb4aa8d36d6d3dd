package exchange

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var (
	formula    = regexp.MustCompile(`^="(.*)"$`)
	exponent   = regexp.MustCompile(`^\d+(?:[.,]\d+)?[eE][+-]?\d+$`)
	wholeFloat = regexp.MustCompile(`^\d+[.,]0+$`)
)

// Uncover takes off what keeps a spreadsheet from changing a number: ="0012" and
// one leading apostrophe.
func Uncover(s string) string {
	s = Trim(s)
	if m := formula.FindStringSubmatch(s); m != nil {
		return Trim(strings.ReplaceAll(m[1], `""`, `"`))
	}
	if rest, found := strings.CutPrefix(s, "'"); found {
		return Trim(rest)
	}
	return s
}

// TubeKey is the form in which numbers of tubes are compared: a number matches
// itself, case, Unicode form and outer blanks aside.
func TubeKey(s string) string { return norm.NFC.String(strings.ToUpper(Trim(s))) }

// LooseKey is a number's letters and digits without leading zeros. Numbers that
// have it in common may be meant for each other, which a person decides.
func LooseKey(s string) string {
	s = strings.Map(func(r rune) rune {
		if r = unicode.ToUpper(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFC.String(s))
	return strings.TrimLeft(s, "0")
}

// MayMean are the loose keys of numbers that a spreadsheet or a reader may have
// made this one of.
func MayMean(s string) []string {
	keys := []string{LooseKey(s)}
	if wholeFloat.MatchString(s) {
		whole, _, _ := strings.Cut(strings.ReplaceAll(s, ",", "."), ".")
		keys = append(keys, LooseKey(whole))
	}
	return keys
}

// longestTube is how long the number of a tube is at most, in bytes.
const longestTube = 64

// CheckTube checks that a text can be the number of a tube.
func CheckTube(s string) *Problem {
	switch {
	case s == "":
		return &Problem{NoTube, ""}
	case exponent.MatchString(s):
		return &Problem{DigitsGone, s}
	case cellError.MatchString(strings.ToUpper(s)):
		return &Problem{CellError, s}
	case len(s) > longestTube || !utf8.ValidString(s) || strings.ContainsFunc(s, notOfTube):
		return &Problem{BadTube, cut(s)}
	}
	return nil
}

// notOfTube says whether a number of a tube cannot have the rune.
func notOfTube(r rune) bool { return r < ' ' || r == utf8.RuneError || unicode.IsControl(r) }

// cut is the beginning of a text, for a message.
func cut(s string) string {
	const most = 70
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// DocumentKind is which document a number is of.
type DocumentKind uint8

// The kinds.
const (
	NoKind    DocumentKind = iota
	Citizen                // CCCD, số định danh: 12 digits
	OldID                  // CMND: 9 digits
	Insurance              // BHYT: 10 digits, or 2 letters and 13 digits
	Passport               // a letter or two and 6 to 9 letters and digits
)

var (
	citizen      = regexp.MustCompile(`^\d{12}$`)
	oldID        = regexp.MustCompile(`^\d{9}$`)
	insurance    = regexp.MustCompile(`^(?:[A-Z]{2}\d{13}|\d{10})$`)
	passport     = regexp.MustCompile(`^[A-Z]{1,2}[A-Z0-9]{6,9}$`)
	provinceCode = map[string]bool{}
)

func init() {
	// Codes of the provinces of birth registration (Circular 07/2016/TT-BCA).
	for _, code := range strings.Fields("001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096") {
		provinceCode[code] = true
	}
}

// Document is what a cell says of an identity document.
type Document struct {
	Number   string
	Kind     DocumentKind
	Proposal string // a number that it may have been before a spreadsheet changed it
	Problem  string // "" where the number can be taken as it is
}

// ReadDocument reads the number of an identity document. The year of birth, where
// it is known, makes sure that a proposed number fits the person.
func ReadDocument(s string, birth int) Document {
	s = strings.ToUpper(Uncover(s))
	compact := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	d := Document{Number: compact}
	switch {
	case compact == "":
		d.Problem = NoDocument
	case strings.Contains(compact, "*"):
		d.Problem = Masked
	case exponent.MatchString(compact):
		d.Problem = DigitsGone
	case cellError.MatchString(compact):
		d.Problem = CellError
	case citizen.MatchString(compact):
		if d.Kind = Citizen; !provinceCode[compact[:3]] {
			d.Problem = BadDocument
		}
	case oldID.MatchString(compact):
		d.Kind = OldID
	case insurance.MatchString(compact):
		d.Kind = Insurance
		if len(compact) == 10 {
			d.Proposal = lostZeros(compact, birth)
			if d.Proposal != "" { // may be either: a person says which
				d.Problem = BadDocument
			}
		}
	case passport.MatchString(compact):
		d.Kind = Passport
	default:
		d.Problem = BadDocument
		whole := compact
		if wholeFloat.MatchString(whole) {
			whole, _, _ = strings.Cut(strings.ReplaceAll(whole, ",", "."), ".")
			if citizen.MatchString(whole) && provinceCode[whole[:3]] || oldID.MatchString(whole) {
				d.Proposal = whole
				break
			}
		}
		d.Proposal = lostZeros(whole, birth)
	}
	return d
}

// lostZeros is the citizen's number of which a spreadsheet has dropped the leading
// zeros, "" where no such number exists: the province must exist and the century
// and year of birth fit the year that is known.
func lostZeros(s string, birth int) string {
	if strings.Trim(s, "0123456789") != "" || len(s) < 10 || len(s) > 11 {
		return ""
	}
	full := strings.Repeat("0", 12-len(s)) + s
	if !provinceCode[full[:3]] {
		return ""
	}
	if birth != 0 {
		year := 1900 + 100*int((full[3]-'0')/2)
		n, _ := strconv.Atoi(full[4:6]) // two digits
		if year+n != birth {
			return ""
		}
	}
	return full
}
