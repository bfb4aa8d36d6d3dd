package vdsnc

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"strings"

	"chot/kiosk/credential"
)

// data is what is signed.
type data struct {
	Header struct {
		Type   string `json:"t"`
		Issuer string `json:"is"` // ICAO's code of three letters
	} `json:"hdr"`
	Message struct {
		UVCI string `json:"uvci"` // of a vaccination
		UTCI string `json:"utci"` // of a test

		Person struct {
			Name   string `json:"n"` // family name, two spaces, given names
			Birth  string `json:"dob"`
			Sex    string `json:"sex"`
			Number string `json:"i"` // of the travel document
		} `json:"pid"`

		Vaccinations []struct {
			Product string `json:"des"` // ICD-11
			Name    string `json:"nam"`
			Disease string `json:"dis"` // ICD-11
			Doses   []struct {
				Date    string      `json:"dvc"`
				Number  json.Number `json:"seq"`
				Country string      `json:"ctr"`
			} `json:"vd"`
		} `json:"ve"`

		Provider struct {
			Name    string `json:"spn"`
			Country string `json:"ctr"`
		} `json:"sp"`
		Times struct {
			Sampled string `json:"sc"`
		} `json:"dat"`
		Result struct {
			Method string `json:"tc"`
			Result string `json:"r"`
		} `json:"tr"`
	} `json:"msg"`
}

// The types of seals.
const (
	typeVaccination = "icao.vacc"
	typeTest        = "icao.test"
)

// describe reads what is signed.
func describe(raw json.RawMessage, signer *x509.Certificate) (c credential.Credential, ok bool) {
	var d data
	if err := json.Unmarshal(raw, &d); err != nil {
		return c, false
	}
	m := &d.Message
	c = credential.Credential{
		Family: credential.VDSNC,
		Holder: credential.Holder{
			Name: personName(m.Person.Name), Latin: strings.ToUpper(personName(m.Person.Name)),
			Birth: credential.ParseDate(m.Person.Birth), Sex: sexes[m.Person.Sex], Document: m.Person.Number,
		},
		Issuer:    credential.Issuer{Country: alpha2(d.Header.Issuer), Key: keyID(signer)},
		NotBefore: signer.NotBefore,
		NotAfter:  signer.NotAfter,
	}
	switch d.Header.Type {
	case typeVaccination:
		c.ID, c.Events = m.UVCI, d.doses()
	case typeTest:
		c.ID, c.Issuer.Name, c.Events = m.UTCI, m.Provider.Name, []credential.Event{d.test()}
	default:
		return c, false
	}
	if c.ID != "" {
		sum := sha256.Sum256([]byte(c.ID))
		c.Revocation = []credential.RevocationID{{Kind: "uvci", Key: c.Issuer.Key, Hash: sum[:16]}}
	}
	return c, true
}

func (d *data) doses() (events []credential.Event) {
	for _, v := range d.Message.Vaccinations {
		for _, dose := range v.Doses {
			number, _ := dose.Number.Int64()
			events = append(events, credential.Event{
				Kind: credential.Dose, ID: d.Message.UVCI, Disease: disease(v.Disease), At: credential.ParseTime(dose.Date),
				Number: int(min(max(number, 0), 99)), Product: v.Product, Maker: v.Name, Country: alpha2(dose.Country),
			})
		}
	}
	return events
}

func (d *data) test() credential.Event {
	m := &d.Message
	return credential.Event{
		Kind: credential.Test, ID: m.UTCI, Disease: covid19, At: credential.ParseTime(m.Times.Sampled),
		Method: method(m.Result.Method), Result: results[strings.ToLower(m.Result.Result)], Country: alpha2(m.Provider.Country),
	}
}

const covid19 = "840539006" // SNOMED CT

// disease is the SNOMED CT code of COVID-19, else the code as written (ICD-11).
func disease(code string) string {
	if code == "RA01" || strings.HasPrefix(code, "RA01.") {
		return covid19
	}
	return code
}

// method is the LOINC code of how was tested, "" where the words do not say.
func method(words string) string {
	words = strings.ToLower(words)
	switch {
	case strings.Contains(words, "pcr"), strings.Contains(words, "molecular"), strings.Contains(words, "naa"):
		return "LP6464-4"
	case strings.Contains(words, "antigen"):
		return "LP217198-3"
	}
	return ""
}

var results = map[string]string{
	"negative": "negative", "not detected": "negative", "normal": "negative",
	"positive": "positive", "detected": "positive", "abnormal": "positive",
}

var sexes = map[string]string{"M": "male", "F": "female", "X": "other"}

// personName puts the given names first.
func personName(name string) string {
	family, given, parted := strings.Cut(strings.TrimSpace(name), "  ")
	if !parted {
		return family
	}
	return strings.TrimSpace(given) + " " + family
}
