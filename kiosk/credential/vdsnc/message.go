package vdsnc

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/coding"
	"chot/kiosk/credential/value"
)

// The types of seals.
const (
	typeVaccination = "icao.vacc"
	typeTest        = "icao.test"
)

// describe reads what is signed:
//
//	hdr  t type, is issuer (ICAO's code of three letters)
//	msg  uvci or utci
//	     pid  n name (family name, two spaces, given names), dob, sex, i number of the travel document
//	     ve   vaccinations: des product and dis disease (ICD-11), nam, vd doses: dvc date, seq number, ctr country
//	     sp   who tested: spn name, ctr country
//	     dat  sc when sampled
//	     tr   tc how tested and r the result, in words
func describe(raw json.RawMessage, signer *x509.Certificate) (c credential.Credential, ok bool) {
	d, err := value.FromJSON(raw)
	if err != nil {
		return c, false
	}
	header, message := d.Get("hdr"), d.Get("msg")
	person := message.Get("pid")
	name := personName(person.Get("n").String())
	c = credential.Credential{
		Family: credential.VDSNC,
		Holder: credential.Holder{
			Name: name, Latin: strings.ToUpper(name), Birth: credential.ParseDate(person.Get("dob").String()),
			Sex: coding.Sex(person.Get("sex").String()), Document: person.Get("i").String(),
		},
		Issuer:    credential.Issuer{Country: coding.Country(header.Get("is").String()), Key: keyID(signer)},
		NotBefore: signer.NotBefore,
		NotAfter:  signer.NotAfter,
	}
	switch header.Get("t").String() {
	case typeVaccination:
		c.ID = message.Get("uvci").String()
		c.Events = doses(message, c.ID)
	case typeTest:
		c.ID, c.Issuer.Name = message.Get("utci").String(), message.Get("sp").Get("spn").String()
		c.Events = []credential.Event{test(message, c.ID)}
	default:
		return c, false
	}
	if c.Holder.Name == "" || len(c.Events) == 0 {
		c.Problem = credential.Schema
	}
	if c.ID != "" {
		sum := sha256.Sum256([]byte(c.ID))
		c.Revocation = []credential.RevocationID{{Kind: "uvci", Key: c.Issuer.Key, Hash: sum[:16]}}
	}
	return c, true
}

func doses(message *value.Value, id string) (events []credential.Event) {
	for v := range message.Get("ve").Objects() {
		for dose := range v.Get("vd").Objects() {
			events = append(events, credential.Event{
				Kind: credential.Dose, ID: id, Disease: coding.Disease(v.Get("dis").String()),
				Product: v.Get("des").String(), Maker: v.Get("nam").String(), Country: coding.Country(dose.Get("ctr").String()),
			})
			f := coding.Fields{Event: &events[len(events)-1]}
			if f.Event.Disease == "" {
				f.Event.Unread |= credential.FieldDisease
			}
			f.At(dose.Get("dvc"))
			f.Whole(&f.Event.Number, dose.Get("seq"), credential.FieldNumber)
		}
	}
	return events
}

func test(message *value.Value, id string) credential.Event {
	result := message.Get("tr")
	e := credential.Event{
		Kind: credential.Test, ID: id, Disease: coding.COVID19, Method: method(result.Get("tc").String()),
		Country: coding.Country(message.Get("sp").Get("ctr").String()),
	}
	f := coding.Fields{Event: &e}
	f.At(message.Get("dat").Get("sc"))
	var answer string
	f.Text(&answer, result.Get("r"), credential.FieldResult)
	e.Result = coding.Result(answer)
	return e
}

// method is the LOINC code of how was tested, "" where the words do not say.
func method(words string) string {
	words = strings.ToLower(words)
	switch {
	case strings.Contains(words, "pcr"), strings.Contains(words, "molecular"), strings.Contains(words, "naa"):
		return coding.NAAT
	case strings.Contains(words, "antigen"):
		return coding.Antigen
	}
	return ""
}

// personName puts the given names first.
func personName(name string) string {
	family, given, parted := strings.Cut(strings.TrimSpace(name), "  ")
	if !parted {
		return family
	}
	return strings.TrimSpace(given) + " " + family
}
