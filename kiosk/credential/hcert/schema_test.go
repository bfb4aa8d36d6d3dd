package hcert

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"chot/kiosk/credential"
	"chot/kiosk/credential/value"

	"golang.org/x/text/language"
)

// The schema is that of DCC 1.3.0, which the public suite asks for and a verdict does
// not. It is loosened where real issuers differ and the suite does not mind: empty countries, a series of 0 doses for an unknown
// one, times where a date belongs, null for a group that is not there. It is
// narrower in that a country must exist and a name must have a letter.

// property is one field of an object of the DCC schema.
type property struct {
	name     string
	required bool
	valid    func(*value.Value) bool
}

// The objects of the DCC schema 1.3.0.
var (
	certificate = []property{
		{"ver", true, isVersion}, {"nam", true, isName}, {"dob", true, isBirth},
		{"v", false, isGroup(vaccination)}, {"t", false, isGroup(testResult)}, {"r", false, isGroup(recovered)},
	}
	personName = []property{
		{"fn", false, isNameText}, {"fnt", true, isTransliteration},
		{"gn", false, isNameText}, {"gnt", false, isTransliteration},
	}
	vaccination = []property{
		{"tg", true, isText}, {"vp", true, isText}, {"mp", true, isText}, {"ma", true, isText},
		{"dn", true, isCount}, {"sd", true, isSeries}, {"dt", true, isDate},
		{"co", true, isCountry}, {"is", true, isText80}, {"ci", true, isText80},
	}
	testResult = []property{
		{"tg", true, isText}, {"tt", true, isText}, {"nm", false, isText80}, {"ma", false, isText},
		{"sc", true, isDateTime}, {"tr", true, isText}, {"tc", false, isText80},
		{"co", true, isCountry}, {"is", true, isText80}, {"ci", true, isText80},
	}
	recovered = []property{
		{"tg", true, isText}, {"fr", true, isDate}, {"co", true, isCountry}, {"is", true, isText80},
		{"df", true, isDate}, {"du", true, isDate}, {"ci", true, isText80},
	}
)

// violation names the first property that is not to the schema, "" if all are.
func violation(dcc *value.Value) string {
	if name := check(dcc, certificate); name != "" {
		return name
	}
	present := 0
	for _, g := range groups {
		if dcc.Get(g.key).Len() > 0 {
			present++
		}
	}
	if present != 1 {
		return "v, t, r"
	}
	return ""
}

func check(object *value.Value, properties []property) string {
	for i := range properties {
		p := &properties[i]
		v := object.Get(p.name)
		if v != nil && !p.valid(v) || v == nil && p.required {
			return p.name
		}
	}
	return ""
}

// isGroup allows one entry; also none at all, as null or an empty list, which
// many issuers write for the groups that a certificate does not have.
func isGroup(entry []property) func(*value.Value) bool {
	return func(v *value.Value) bool {
		if v.IsNull() {
			return true
		}
		for item := range v.Items() {
			if !item.IsObject() || check(item, entry) != "" {
				return false
			}
		}
		return v.IsList() && v.Len() <= 1
	}
}

func isName(v *value.Value) bool {
	return v.IsObject() && check(v, personName) == ""
}

func isText(v *value.Value) bool {
	_, ok := v.Text()
	return ok
}

func isText80(v *value.Value) bool {
	s, ok := v.Text()
	return ok && (len(s) <= 80 || utf8.RuneCountInString(s) <= 80)
}

func isTransliteration(v *value.Value) bool {
	s, ok := v.Text()
	for i := range len(s) {
		if (s[i] < 'A' || s[i] > 'Z') && s[i] != '<' {
			return false
		}
	}
	return ok && len(s) <= 80
}

// isVersion: three numbers with a character between.
func isVersion(v *value.Value) bool {
	s, ok := v.Text()
	numbers, digits := 1, 0
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case digits > 0:
			numbers, digits = numbers+1, 0
		default:
			return false
		}
	}
	return ok && numbers == 3 && digits > 0
}

// isBirth: a date that may end after the year or the month, or be empty. Month
// and day may be 00, as passports have unknown ones.
func isBirth(v *value.Value) bool {
	s, ok := v.Text()
	if !ok || s == "" {
		return ok
	}
	const shape = "0000-00-00"
	if len(s) != 4 && len(s) != 7 && len(s) != 10 || s[:2] != "19" && s[:2] != "20" {
		return false
	}
	for i := range len(s) {
		if digit := s[i] >= '0' && s[i] <= '9'; digit != (shape[i] == '0') || !digit && s[i] != '-' {
			return false
		}
	}
	return true
}

// isNameText: a name has a letter, of whatever script.
func isNameText(v *value.Value) bool {
	s, _ := v.Text()
	return isText80(v) && (s == "" || strings.IndexFunc(s, unicode.IsLetter) >= 0)
}

func isCount(v *value.Value) bool {
	n, ok := v.Int()
	return ok && n >= 1
}

func isSeries(v *value.Value) bool {
	n, ok := v.Int()
	return ok && n >= 0
}

// isDate: a date, to which many issuers add a time.
func isDate(v *value.Value) bool {
	s, ok := v.Text()
	return ok && credential.ParseDate(s).Day != 0 && (len(s) == len("2021-02-18") || s[10] == 'T' || s[10] == 't')
}

// isDateTime: with a time and an offset, as RFC 3339 has it.
func isDateTime(v *value.Value) bool {
	s, ok := v.Text()
	if !ok || len(s) < len("2021-02-20T12:34Z") || s[10] != 'T' && s[10] != 't' {
		return false
	}
	return credential.ParseDate(s).Day != 0 && strings.ContainsAny(s[16:], "Zz+-")
}

func isCountry(v *value.Value) bool {
	s, ok := v.Text()
	return ok && (s == "" || len(s) == 2 && s[0]-'A' < 26 && s[1]-'A' < 26 && countries[s[0]-'A'][s[1]-'A'])
}

// countries are those with a code in ISO 3166-1, and Kosovo (XK), by the letters
// of their codes.
var countries = func() (all [26][26]bool) {
	for a := range byte(26) {
		for b := range byte(26) {
			code := string([]byte{'A' + a, 'A' + b})
			region, err := language.ParseRegion(code)
			all[a][b] = err == nil && region.IsCountry() && region.String() == code
		}
	}
	return all
}()
