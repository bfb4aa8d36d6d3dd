package hcert

import (
	"strings"

	"chot/kiosk/credential"

	"golang.org/x/text/language"
)

// describeDDCC reads WHO's DDCC: of a vaccination or of a test.
func describeDDCC(c *credential.Credential, d map[string]any) usage {
	c.Holder = credential.Holder{
		Name: text(d, "name"), Latin: asciiUpper(text(d, "name")),
		Birth: credential.ParseDate(text(d, "birthDate")), Sex: sexes[strings.ToLower(code(d, "sex"))],
		Document: text(d, "identifier"),
	}
	c.ID = text(d, "hcid")
	content := d
	if t, ok := d["test"].(map[string]any); ok {
		content = t
		c.Events = []credential.Event{{
			Kind: credential.Test, Disease: disease(code(t, "pathogen")), At: credential.ParseTime(text(t, "date")),
			Method: code(t, "type"), Result: results[code(t, "result")],
		}}
	} else if text(d, "date") != "" {
		c.Events = []credential.Event{{
			Kind: credential.Dose, Disease: disease(code(d, "disease")), At: credential.ParseTime(text(d, "date")),
			Number: number(d, "dose"), Of: number(d, "total_doses"), Product: code(d, "brand"), Maker: code(d, "manufacturer"),
		}}
	}
	for i := range c.Events {
		c.Events[i].Country = alpha2(code(content, "country"))
		if c.Issuer.Country == "" {
			c.Issuer.Country = c.Events[i].Country
		}
	}
	c.Issuer.Name = text(content, "centre")
	if from := credential.ParseTime(text(d, "valid_from")); from.After(c.NotBefore) {
		c.NotBefore = from
	}
	if until := credential.ParseDate(text(d, "valid_until")); until.Day != 0 && c.NotAfter.IsZero() {
		c.NotAfter = until.Time().AddDate(0, 0, 1).Add(-1)
	}
	return 0
}

// describeLinks reads a verifiable link: where the document is, which this
// kiosk does not fetch. It says nothing about its holder.
func describeLinks(c *credential.Credential, d map[string]any) usage {
	c.ID = text(d, "u")
	return 0
}

// describeDVC reads a digital vaccination certificate, the yellow card on paper.
func describeDVC(c *credential.Credential, d map[string]any) usage {
	c.Holder = credential.Holder{
		Name: text(d, "n"), Latin: asciiUpper(text(d, "n")),
		Birth: credential.ParseDate(text(d, "dob")), Sex: sexes[strings.ToLower(text(d, "s"))],
		Document: text(d, "nid"),
	}
	for _, v := range list(d, "v") {
		v, ok := v.(map[string]any)
		if !ok {
			continue
		}
		c.Issuer.Name = text(v, "is")
		event := credential.Event{
			Kind: credential.Dose, Disease: disease(text(v, "tg")), At: credential.ParseTime(text(v, "dt")),
			Number: number(v, "dn"), Product: text(v, "mp"), Maker: text(v, "ma"), Country: c.Issuer.Country,
		}
		if until := credential.ParseDate(text(v, "vle")); until.Day != 0 {
			event.Until = until.Time().AddDate(0, 0, 1).Add(-1)
		}
		c.Events = append(c.Events, event)
	}
	return 0
}

// code is the code of a coded value, which comes as an object or alone.
func code(m map[string]any, key string) string {
	if o, ok := m[key].(map[string]any); ok {
		return text(o, "code")
	}
	return text(m, key)
}

var sexes = map[string]string{"male": "male", "m": "male", "female": "female", "f": "female", "other": "other", "x": "other"}

// covid19 as SNOMED CT has it, and as ICD-11 codes for the disease and the virus.
const covid19 = "840539006"

var icd11 = map[string]string{"RA01": covid19, "RA01.0": covid19, "XN109": covid19}

// disease is the SNOMED CT code where it is known, else the code as written.
func disease(code string) string {
	if known, ok := icd11[code]; ok {
		return known
	}
	return code
}

// alpha2 is the country code of two letters for one of three.
func alpha2(country string) string {
	if len(country) == 3 {
		if region, err := language.ParseRegion(country); err == nil {
			return region.String()
		}
	}
	return country
}

// asciiUpper is a name in capitals where it has no other letters than A to Z,
// else nothing: WHO's certificates carry no transliteration.
func asciiUpper(name string) string {
	for _, r := range name {
		if r > 126 {
			return ""
		}
	}
	return strings.ToUpper(name)
}
