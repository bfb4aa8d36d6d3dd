package vnid

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"chot/kiosk/credential"
)

// Insurance is the family of health-insurance cards.
var Insurance = credential.Family{ID: credential.VNBHYT, Guessed: true, Recognise: looksLikeInsurance, Read: readInsurance}

// InsuranceCard is what the code on a health-insurance card says.
type InsuranceCard struct {
	Code     string // 15 characters, 10 or 12 digits
	Name     string
	Birth    credential.Date
	Sex      string // "male", "female"
	Address  string // "" where the card has -
	Facility string // the facility registered for first treatment, five digits or letters, "" where the card has -
	From     time.Time
	Until    time.Time // last day of validity, zero where open
	Issued   time.Time // zero where the card does not say

	problem credential.Problem // FieldUnread, or ""
}

// absent stands for a field that the card leaves out.
const absent = "-"

// minInsuranceFields is the number of fields of the shortest variant.
const minInsuranceFields = 7

// ParseInsuranceCard reads the code of a health-insurance card. Code and name must
// be there; of the others, those that are not of their form stay empty.
func ParseInsuranceCard(text string) (InsuranceCard, error) {
	text = strings.TrimRight(strings.TrimRightFunc(text, isFraming), "$#")
	f, err := split(strings.TrimSuffix(text, "|"))
	if err != nil {
		return InsuranceCard{}, fmt.Errorf("reading a health-insurance card: %w", err)
	}
	if len(f) < minInsuranceFields {
		return InsuranceCard{}, fmt.Errorf("reading a health-insurance card: %w: %d", errFields, len(f))
	}
	if !isInsuranceCode(f[0]) {
		return InsuranceCard{}, fmt.Errorf("reading a health-insurance card: %w: number 1", errField)
	}
	holder, ok := hexed(name)(f[1])
	if !ok {
		return InsuranceCard{}, fmt.Errorf("reading a health-insurance card: %w: number 2", errField)
	}
	r := &reader{fields: f}
	c := InsuranceCard{
		Code: f[0], Name: holder, Birth: read(r, 2, birthSlashed), Sex: read(r, 3, sexOfDigit),
		Address: describes(r, 4, hexed(line)), Facility: describes(r, 5, facility),
		From: read(r, 6, daySlashed), Until: read(r, 7, daySlashed), Issued: read(r, 8, daySlashed),
	}
	if !c.Until.IsZero() && c.Until.Before(c.From) { // which of the two is wrong is not known
		c.From, c.Until, r.unread = time.Time{}, time.Time{}, true
	}
	if r.unread {
		c.problem = FieldUnread
	}
	return c, nil
}

// hexed reads a text in hexadecimal UTF-8 by its form.
func hexed(form func(string) (string, bool)) func(string) (string, bool) {
	return func(s string) (string, bool) {
		text, ok := fromHex(s)
		if !ok {
			return "", false
		}
		return form(text)
	}
}

// sexOfDigit reads 1 and 2; 3 is not known.
func sexOfDigit(s string) (string, bool) {
	sex, ok := map[string]string{"1": "male", "2": "female", "3": ""}[s]
	return sex, ok
}

// Text writes the code with the fields up to the issue date and the end mark.
func (c InsuranceCard) Text() string {
	orAbsent := func(s string) string {
		if s == "" {
			return absent
		}
		return s
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return absent
		}
		return t.Format("02/01/2006")
	}
	birth := fmt.Sprintf("%02d/%02d/%04d", c.Birth.Day, c.Birth.Month, c.Birth.Year)
	if c.Birth.Day == 0 {
		birth = fmt.Sprintf("%04d", c.Birth.Year)
	}
	sex := "1"
	if c.Sex == "female" {
		sex = "2"
	}
	place := orAbsent(c.Facility)
	if len(c.Facility) > 2 {
		place = c.Facility[:2] + " - " + c.Facility[2:]
	}
	return strings.Join([]string{
		c.Code, hex.EncodeToString([]byte(c.Name)), birth, sex,
		orAbsent(hex.EncodeToString([]byte(c.Address))), place,
		day(c.From), day(c.Until), day(c.Issued), "$",
	}, "|")
}

// looksLikeInsurance looks for a code and two hexadecimal digits. A code of 12
// digits may begin an ID card as well, whose third field is a name: here it is
// the birth date.
func looksLikeInsurance(text string) bool {
	code, rest, ok := strings.Cut(text, "|")
	if !ok || !isInsuranceCode(code) || len(rest) < 4 || !isHexDigit(rest[0]) || !isHexDigit(rest[1]) {
		return false
	}
	_, birth, ok := strings.Cut(rest, "|")
	return len(code) != 12 || ok && birth != "" && birth[0] >= '0' && birth[0] <= '9' && !looksLikePersonal(text)
}

func readInsurance(text string, _ credential.Keyring) (credential.Credential, error) {
	if !looksLikeInsurance(text) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	c, err := ParseInsuranceCard(text)
	if err != nil {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	out := credential.Credential{
		Family:   credential.VNBHYT,
		Standing: credential.SelfDeclared,
		Problem:  c.problem,
		ID:       c.Code,
		Holder: credential.Holder{
			Name: c.Name, Latin: latin(c.Name), Birth: c.Birth, Sex: c.Sex,
			Document: c.Code, Address: c.Address,
		},
		Issuer:    credential.Issuer{Country: "VN"},
		IssuedAt:  c.Issued,
		NotBefore: c.From,
	}
	if !c.Until.IsZero() {
		out.NotAfter = c.Until.AddDate(0, 0, 1).Add(-time.Second) // the last day counts
	}
	return out, nil
}
