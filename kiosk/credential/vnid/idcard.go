package vnid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chot/kiosk/credential"
)

// Card is the family of citizen ID cards. Its Payload is nil: what the card
// says of its holder is in Holder, and the number also in ID.
var Card = credential.Family{ID: credential.VNID, Guessed: true, Recognise: looksLikeCard, Read: readCard}

// The problems that a card may have.
const (
	NumberMismatch credential.Problem = "number-mismatch" // sex or birth year differ from what the number says
	UnknownLayout  credential.Problem = "unknown-layout"  // other fields than are known: read as far as recognisable
	FieldUnread    credential.Problem = "field-unread"    // a birth date, a sex or a day that is not of its form is left out
)

// IDCard is what the code on a citizen ID card says. What it does not say, or
// not in its form, is empty.
type IDCard struct {
	Number    string // 12 digits
	OldNumber string // 9 digits, "" for a holder who had no such card
	Name      string
	Birth     credential.Date
	Sex       string // "male", "female"
	Address   string
	Issued    time.Time // a day, UTC

	problem credential.Problem
}

var (
	errFields = errors.New("wrong number of fields")
	errField  = errors.New("field not of its form")
)

// Numbers of fields: of the card of 2021, and of the card since July 2024, whose
// last four are empty or not published.
const (
	minCardFields = 4
	cardFields    = 7
)

// ParseIDCard reads the code of a card. Number and name must be there; of the
// others, those that are not of their form stay empty.
func ParseIDCard(text string) (IDCard, error) {
	f, err := split(text)
	if err != nil {
		return IDCard{}, fmt.Errorf("reading an ID card: %w", err)
	}
	for len(f) > minCardFields && f[1] == "" && f[2] == "" { // an empty former number that a scanner doubled
		f = slices.Delete(f, 1, 2)
	}
	if len(f) < minCardFields {
		return IDCard{}, fmt.Errorf("reading an ID card: %w: %d", errFields, len(f))
	}
	holder, ok := name(f[2])
	if len(f[0]) != 12 || !digits(f[0]) {
		return IDCard{}, fmt.Errorf("reading an ID card: %w: number 1", errField)
	}
	if !ok {
		return IDCard{}, fmt.Errorf("reading an ID card: %w: number 3", errField)
	}
	r := &reader{fields: f}
	c := IDCard{
		Number: f[0], OldNumber: describes(r, 1, former), Name: holder, Birth: read(r, 3, birthSlashed),
		Sex: read(r, 4, sexOf), Address: describes(r, 5, line), Issued: read(r, 6, daySlashed),
	}
	filled := func(s string) bool { return s != "" }
	switch {
	case len(f) < cardFields || slices.ContainsFunc(f[cardFields:], filled):
		c.problem = UnknownLayout
	case r.unread:
		c.problem = FieldUnread
	case c.mismatch():
		c.problem = NumberMismatch
	}
	return c, nil
}

// sexOf reads Nam and Nữ, also in capitals or without diacritics.
func sexOf(s string) (string, bool) {
	sex, ok := map[string]string{"NAM": "male", "NU": "female"}[latin(s)]
	return sex, ok
}

var sexName = map[string]string{"male": "Nam", "female": "Nữ"}

// Text writes the code as the card of 2021 has it.
func (c IDCard) Text() string {
	var birth, issued string
	if c.Birth.Year > 0 {
		birth = fmt.Sprintf("%02d%02d%04d", c.Birth.Day, c.Birth.Month, c.Birth.Year)
	}
	if !c.Issued.IsZero() {
		issued = c.Issued.Format("02012006")
	}
	return strings.Join([]string{c.Number, c.OldNumber, c.Name, birth, sexName[c.Sex], c.Address, issued}, "|")
}

// mismatch says whether the number contradicts sex or birth year: its fourth
// digit counts centuries from 1900 in twos, even for men and odd for women, the
// fifth and sixth are the last two of the birth year.
func (c IDCard) mismatch() bool {
	d := int(c.Number[3] - '0')
	year := 1900 + d/2*100 + int(c.Number[4]-'0')*10 + int(c.Number[5]-'0')
	sex := [2]string{"male", "female"}[d%2]
	return c.Birth.Year != 0 && c.Birth.Year != year || c.Sex != "" && c.Sex != sex
}

func looksLikeCard(text string) bool {
	return len(text) > 13 && text[12] == '|' && digits(text[:12]) && !looksLikePersonal(text) && !looksLikeInsurance(text)
}

func readCard(text string, _ credential.Keyring) (credential.Credential, error) {
	if !looksLikeCard(text) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	c, err := ParseIDCard(text)
	if err != nil {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	return credential.Credential{
		Family:   credential.VNID,
		Standing: credential.SelfDeclared,
		Problem:  c.problem,
		ID:       c.Number,
		Holder: credential.Holder{
			Name: c.Name, Latin: latin(c.Name), Birth: c.Birth, Sex: c.Sex,
			Document: c.Number, Address: c.Address,
		},
		Issuer:   credential.Issuer{Country: "VN"},
		IssuedAt: c.Issued,
	}, nil
}
