package vnid

import (
	"fmt"
	"strings"

	"chot/kiosk/credential"
)

// Personal is the family of personal QR codes by decision 1405/QĐ-BTTTT.
var Personal = credential.Family{ID: credential.VNQR, Guessed: true, Recognise: looksLikePersonal, Read: readPersonal}

// PersonalQR is what a personal QR says, by the names of the decision.
type PersonalQR struct {
	Document string          // SoGiayTo, possibly masked with *
	Name     string          // HoTen, upper case without diacritics
	Birth    credential.Date // NgaySinh, day and month 0 where hidden
	Proxy    bool            // LoaiDinhDanh 1: declared for another person
	QID      string          // the national service's number of the person
	Ext      string          // EXT as written, "" where absent
}

// ParsePersonalQR reads a personal QR.
func ParsePersonalQR(text string) (PersonalQR, error) {
	f, err := split(text)
	if err != nil {
		return PersonalQR{}, fmt.Errorf("reading a personal QR: %w", err)
	}
	if len(f) != 5 && len(f) != 6 {
		return PersonalQR{}, fmt.Errorf("reading a personal QR: %w: %d", errFields, len(f))
	}
	birth, birthOK := birthISO(f[2])
	for i, ok := range []bool{
		isDocument(f[0]),
		isPlainName(f[1]),
		birthOK,
		f[3] == "0" || f[3] == "1",
		isQID(f[4]),
		len(f) == 5 || f[5] == "" || isLine(f[5]),
	} {
		if !ok {
			return PersonalQR{}, fmt.Errorf("reading a personal QR: %w: number %d", errField, i+1)
		}
	}
	q := PersonalQR{Document: f[0], Name: f[1], Birth: birth, Proxy: f[3] == "1", QID: f[4]}
	if len(f) == 6 {
		q.Ext = f[5]
	}
	return q, nil
}

func isLine(s string) bool {
	read, ok := line(s)
	return ok && read == s
}

// Text writes the code, without EXT where that is empty.
func (q PersonalQR) Text() string {
	part := func(n int) string {
		if n == 0 {
			return "**"
		}
		return fmt.Sprintf("%02d", n)
	}
	kind := "0"
	if q.Proxy {
		kind = "1"
	}
	f := []string{q.Document, q.Name, fmt.Sprintf("%04d-%s-%s", q.Birth.Year, part(q.Birth.Month), part(q.Birth.Day)), kind, q.QID}
	if q.Ext != "" {
		f = append(f, q.Ext)
	}
	return strings.Join(f, "|")
}

// looksLikePersonal looks for ????-??-??|0| or …|1| in third and fourth place.
func looksLikePersonal(text string) bool {
	for range 2 {
		_, rest, ok := strings.Cut(text, "|")
		if !ok {
			return false
		}
		text = rest
	}
	return len(text) >= 13 && text[4] == '-' && text[7] == '-' && text[10] == '|' &&
		(text[11] == '0' || text[11] == '1') && text[12] == '|'
}

func readPersonal(text string, _ credential.Keyring) (credential.Credential, error) {
	if !looksLikePersonal(text) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	q, err := ParsePersonalQR(text)
	if err != nil {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	return credential.Credential{
		Family:   credential.VNQR,
		Standing: credential.SelfDeclared,
		ID:       q.QID,
		Holder:   credential.Holder{Name: q.Name, Latin: q.Name, Birth: q.Birth, Document: q.Document, Proxy: q.Proxy},
		Issuer:   credential.Issuer{Country: "VN"},
	}, nil
}
