package vnid

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"chot/kiosk/credential"
)

// Card is the family of citizen ID cards. Its Payload is nil: what the card
// says of its holder is in Holder, and the number also in ID.
var Card = credential.Family{ID: credential.VNID, Recognise: looksLikeCard, Read: readCard}

// The problems that a card may have.
const (
	NumberMismatch credential.Problem = "number-mismatch" // sex or birth year differ from what the number says
	UnknownLayout  credential.Problem = "unknown-layout"  // not the seven fields of 2021: read as far as recognisable
)

// IDCard is what the code on a citizen ID card says.
type IDCard struct {
	Number    string // 12 digits
	OldNumber string // 9 digits, "" where there is none
	Name      string
	Birth     credential.Date
	Sex       string // "male", "female"
	Address   string
	Issued    time.Time // a day, UTC

	complete bool // the seven fields of 2021, all in order
}

var (
	errFields = errors.New("wrong number of fields")
	errField  = errors.New("field not of its form")
)

const cardFields = 7

// ParseIDCard reads the code of a card. With other than seven fields, those
// that are not of their form stay empty; number and name must be there.
func ParseIDCard(text string) (IDCard, error) {
	if len(text) > maxText {
		return IDCard{}, errTooLong
	}
	f := strings.SplitN(text, "|", mostFields+1)
	if len(f) < 4 || len(f) > mostFields {
		return IDCard{}, fmt.Errorf("reading an ID card: %w: %d", errFields, len(f))
	}
	var c IDCard
	places := [cardFields]func(string) bool{
		func(s string) bool { c.Number = s; return len(s) == 12 && digits(s) },
		func(s string) bool { c.OldNumber = s; return s == "" || len(s) == 9 && digits(s) },
		func(s string) bool { c.Name = s; return isName(s) },
		func(s string) (ok bool) { c.Birth, ok = birthDMY(s); return ok },
		func(s string) (ok bool) { c.Sex, ok = sexOf[s]; return ok },
		func(s string) bool { c.Address = s; return isLine(s) },
		func(s string) (ok bool) { c.Issued, ok = dayDMY(s); return ok },
	}
	read := 0
	for i, s := range f[:min(len(f), cardFields)] {
		before := c
		if places[i](s) {
			read++
			continue
		}
		if len(f) == cardFields || i == 0 || i == 2 {
			return IDCard{}, fmt.Errorf("reading an ID card: %w: number %d", errField, i+1)
		}
		c = before
	}
	c.complete = len(f) == cardFields && read == cardFields
	return c, nil
}

var sexOf = map[string]string{"Nam": "male", "Nữ": "female"}

var sexName = map[string]string{"male": "Nam", "female": "Nữ"}

// Text writes the code as the card of 2021 has it.
func (c IDCard) Text() string {
	birth := fmt.Sprintf("%02d%02d%04d", c.Birth.Day, c.Birth.Month, c.Birth.Year)
	return strings.Join([]string{c.Number, c.OldNumber, c.Name, birth, sexName[c.Sex], c.Address, c.Issued.Format("02012006")}, "|")
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
	return len(text) > 13 && text[12] == '|' && digits(text[:12]) && !looksLikePersonal(text)
}

func readCard(text string, _ credential.Keyring) (credential.Credential, error) {
	if !looksLikeCard(text) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	c, err := ParseIDCard(text)
	if err != nil {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	out := credential.Credential{
		Family:   credential.VNID,
		Standing: credential.SelfDeclared,
		ID:       c.Number,
		Holder: credential.Holder{
			Name: c.Name, Latin: latin(c.Name), Birth: c.Birth, Sex: c.Sex,
			Document: c.Number, Address: c.Address,
		},
		Issuer:   credential.Issuer{Country: "VN"},
		IssuedAt: c.Issued,
	}
	switch {
	case !c.complete:
		out.Problem = UnknownLayout
	case c.mismatch():
		out.Problem = NumberMismatch
	}
	return out, nil
}
