package vnid

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chot/kiosk/credential"

	"golang.org/x/text/unicode/norm"
)

// maxText bounds what is looked at, in bytes: the longest QR code holds 2,953.
const maxText = 2953

// Bounds of a name and of other text, in bytes: more than any paper has room for.
const (
	maxName = 200
	maxLine = 600
)

// maxFields is more than any of the codes has.
const maxFields = 32

var errTooLong = errors.New("vnid: text longer than a QR code holds")

// split is the fields of a code, composed (NFC) and without what stands around
// them: blanks, and the NUL, CR or tab that scanners add.
func split(text string) ([]string, error) {
	if len(text) > maxText {
		return nil, errTooLong
	}
	f := strings.SplitN(norm.NFC.String(text), "|", maxFields+1)
	if len(f) > maxFields {
		return nil, fmt.Errorf("%w: more than %d", errFields, maxFields)
	}
	for i := range f {
		f[i] = strings.TrimFunc(f[i], isFraming)
	}
	return f, nil
}

// isFraming says whether a character at the end of a field does not belong to it.
func isFraming(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' }

// reader reads fields that only describe: one that is not of its form is left
// out, and noted.
type reader struct {
	fields []string
	unread bool // a field whose content could matter is there and cannot be read
}

// at is a field by its place, "" behind the last.
func (r *reader) at(i int) string {
	if i < len(r.fields) && r.fields[i] != absent {
		return r.fields[i]
	}
	return ""
}

// read gives a field as parse understands it. Where the text has none it is the
// zero value; so it is where parse does not understand it, and unread is set.
func read[T any](r *reader, i int, parse func(string) (T, bool)) (value T) {
	text := r.at(i)
	if text == "" {
		return value
	}
	v, ok := parse(text)
	if !ok {
		r.unread = true
		return value
	}
	return v
}

// describes gives a field that decides nothing: what is not of its form is left
// out.
func describes[T any](r *reader, i int, parse func(string) (T, bool)) (value T) {
	if v, ok := parse(r.at(i)); ok {
		return v
	}
	return value
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// line is a line of readable text.
func line(s string) (string, bool) {
	s = strings.Join(strings.Fields(s), " ") // also what a card separates by a tab or a no-break space
	if s == "" || len(s) > maxLine || !utf8.ValidString(s) {
		return "", false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return "", false
		}
	}
	return s, true
}

// name is a person's name: letters, with what joins them.
func name(s string) (string, bool) {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxName {
		return "", false
	}
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.Is(unicode.M, r), strings.ContainsRune(credential.NameSigns, r):
		default:
			return "", false
		}
	}
	return s, letters > 0
}

// isPlainName says whether s is a name in upper case without diacritics.
func isPlainName(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] >= 'a' && s[i] <= 'z' {
			return false
		}
	}
	_, ok := name(s)
	return ok
}

// isDocument says whether s can be a document's number, masked or not.
func isDocument(s string) bool {
	return len(s) >= 6 && len(s) <= 15 && only(s, func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '*'
	})
}

func isQID(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && only(s, func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '_' || c == '*'
	})
}

// isInsuranceCode: two letters for the group of the insured, a digit for the
// benefit, two for the province and ten for the person; or those ten alone; or
// the person's number of 12 digits.
func isInsuranceCode(s string) bool {
	switch len(s) {
	case 10, 12:
		return digits(s)
	case 15:
		return s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' && digits(s[2:])
	}
	return false
}

func only(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

var facilityForm = regexp.MustCompile(`^[0-9]{2}[0-9A-Z]{1,6}$`)

// facility reads "30 - 001" or "01 - C54", also without the blanks or the dash,
// as 30001 and 01C54.
func facility(s string) (string, bool) {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "–", "").Replace(s))
	return s, facilityForm.MatchString(s)
}

// former reads the number of an identity card of nine digits.
func former(s string) (string, bool) {
	s = strings.NewReplacer(" ", "", ".", "").Replace(s)
	return s, len(s) == 9 && digits(s)
}

// fromHex reads a text in hexadecimal UTF-8, composed.
func fromHex(s string) (string, bool) {
	b, err := hex.DecodeString(s)
	return strings.TrimFunc(norm.NFC.String(string(b)), isFraming), err == nil && utf8.Valid(b)
}

// latin writes a Vietnamese name in upper case without diacritics.
func latin(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ' || r == 'Đ':
			return 'D'
		}
		return unicode.ToUpper(r)
	}, norm.NFD.String(name))
}

// number reads n digits, -1 where they are not.
func number(s string) int {
	if !digits(s) {
		return -1
	}
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// date checks that a date exists. Month and day may be 0, in that order.
func date(year, month, day int) (credential.Date, bool) {
	d := credential.Date{Year: year, Month: month, Day: day}
	if year < 1850 || year > 2399 || month < 0 || month > 12 || day < 0 || month == 0 && day != 0 {
		return credential.Date{}, false
	}
	if day == 0 {
		return d, true
	}
	if t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); t.Day() != day {
		return credential.Date{}, false
	}
	return d, true
}

// birthDMY reads ddmmyyyy, with zeroes for what is unknown, or yyyy.
func birthDMY(s string) (credential.Date, bool) {
	switch len(s) {
	case 4:
		return date(number(s), 0, 0)
	case 8:
		return date(number(s[4:]), number(s[2:4]), number(s[:2]))
	}
	return credential.Date{}, false
}

// birthSlashed reads dd/mm/yyyy, also with single digits, or yyyy.
func birthSlashed(s string) (credential.Date, bool) { return birthDMY(withoutSlashes(s)) }

// withoutSlashes makes ddmmyyyy of d/m/yyyy and dd/mm/yyyy; other texts stay.
func withoutSlashes(s string) string {
	day, rest, ok1 := strings.Cut(s, "/")
	month, year, ok2 := strings.Cut(rest, "/")
	if !ok1 || !ok2 || day == "" || len(day) > 2 || month == "" || len(month) > 2 || len(year) != 4 {
		return s
	}
	return ("0" + day)[len(day)-1:] + ("0" + month)[len(month)-1:] + year
}

// birthISO reads YYYY-MM-DD, with ** for a hidden month or day.
func birthISO(s string) (credential.Date, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return credential.Date{}, false
	}
	part := func(s string) int {
		if s == "**" {
			return 0
		}
		if n := number(s); n > 0 {
			return n
		}
		return -1
	}
	year, month, day := number(s[:4]), part(s[5:7]), part(s[8:])
	if month == 0 && day > 0 { // the day alone shown: of no use, and Date has no place for it
		day = 0
	}
	return date(year, month, day)
}

// dayDMY reads a full date, ddmmyyyy.
func dayDMY(s string) (time.Time, bool) {
	t, err := time.Parse("02012006", s)
	return t, err == nil && t.Year() >= 1990 && t.Year() <= 2399
}

// daySlashed reads a full date as birthSlashed does.
func daySlashed(s string) (time.Time, bool) { return dayDMY(withoutSlashes(s)) }
