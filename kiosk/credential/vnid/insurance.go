package vnid

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"chot/kiosk/credential"
)

// Insurance is the family of health-insurance cards.
var Insurance = credential.Family{ID: credential.VNBHYT, Recognise: looksLikeInsurance, Read: readInsurance}

// InsuranceCard is what the code on a health-insurance card says.
type InsuranceCard struct {
	Code     string // 15 characters or 10 digits
	Name     string
	Birth    credential.Date
	Sex      string // "male", "female"
	Address  string // "" where the card has -
	Facility string // the facility registered for first treatment, five digits or so, "" where the card has -
	From     time.Time
	Until    time.Time // last day of validity, zero where open
	Issued   time.Time // zero where the card does not say
}

// absent stands for a field that the card leaves out.
const absent = "-"

// leastInsurance is the number of fields of the shortest variant.
const leastInsurance = 7

// ParseInsuranceCard reads the code of a health-insurance card.
func ParseInsuranceCard(text string) (InsuranceCard, error) {
	if len(text) > maxText {
		return InsuranceCard{}, errTooLong
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "$"), "|")
	f := strings.SplitN(text, "|", mostFields+1)
	if len(f) < leastInsurance || len(f) > mostFields {
		return InsuranceCard{}, fmt.Errorf("reading a health-insurance card: %w: %d", errFields, len(f))
	}
	var c InsuranceCard
	optional := func(s string, into func(string) bool) bool { return s == absent || s == "" || into(s) }
	places := []func(string) bool{
		func(s string) bool { c.Code = s; return isInsuranceCode(s) },
		func(s string) (ok bool) { c.Name, ok = fromHex(s); return ok && isName(c.Name) },
		func(s string) (ok bool) { c.Birth, ok = birthSlashed(s); return ok },
		func(s string) (ok bool) { c.Sex, ok = sexDigit[s]; return ok },
		func(s string) bool {
			return optional(s, func(s string) (ok bool) { c.Address, ok = fromHex(s); return ok && isLine(c.Address) })
		},
		func(s string) bool {
			return optional(s, func(s string) (ok bool) { c.Facility, ok = facility(s); return ok })
		},
		func(s string) (ok bool) { c.From, ok = daySlashed(s); return ok },
		func(s string) bool {
			return optional(s, func(s string) (ok bool) { c.Until, ok = daySlashed(s); return ok })
		},
		func(s string) bool {
			return optional(s, func(s string) (ok bool) { c.Issued, ok = daySlashed(s); return ok })
		},
	}
	for i, s := range f[:min(len(f), len(places))] {
		if !places[i](s) {
			return InsuranceCard{}, fmt.Errorf("reading a health-insurance card: %w: number %d", errField, i+1)
		}
	}
	if !c.Until.IsZero() && c.Until.Before(c.From) {
		return InsuranceCard{}, fmt.Errorf("reading a health-insurance card: %w: it ends before it begins", errField)
	}
	return c, nil
}

var sexDigit = map[string]string{"1": "male", "2": "female"}

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

func looksLikeInsurance(text string) bool {
	code, rest, ok := strings.Cut(text, "|")
	return ok && isInsuranceCode(code) && len(rest) >= 4 && isHexDigit(rest[0]) && isHexDigit(rest[1])
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
