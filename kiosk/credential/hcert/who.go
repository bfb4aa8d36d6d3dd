package hcert

import (
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/cose"

	"golang.org/x/text/language"
)

// describeDDCC reads WHO's DDCC: of a vaccination or of a test.
func describeDDCC(c *credential.Credential, d *cose.Value) usage {
	c.Holder = credential.Holder{
		Name: d.Get("name").String(), Latin: asciiUpper(d.Get("name").String()),
		Birth: credential.ParseDate(d.Get("birthDate").String()), Sex: sexes[strings.ToLower(code(d.Get("sex")))],
		Document: d.Get("identifier").String(),
	}
	c.ID = d.Get("hcid").String()
	content := d
	if t := d.Get("test"); t.IsObject() {
		content = t
		c.Events = []credential.Event{{
			Kind: credential.Test, Disease: disease(code(t.Get("pathogen"))), At: credential.ParseTime(t.Get("date").String()),
			Method: code(t.Get("type")), Result: results[code(t.Get("result"))],
		}}
	} else if d.Get("date").String() != "" {
		c.Events = []credential.Event{{
			Kind: credential.Dose, Disease: disease(code(d.Get("disease"))), At: credential.ParseTime(d.Get("date").String()),
			Number: number(d.Get("dose")), Of: number(d.Get("total_doses")), Product: code(d.Get("brand")), Maker: code(d.Get("manufacturer")),
		}}
	}
	for i := range c.Events {
		c.Events[i].Country = alpha2(code(content.Get("country")))
		if c.Issuer.Country == "" {
			c.Issuer.Country = c.Events[i].Country
		}
	}
	c.Issuer.Name = content.Get("centre").String()
	if from := credential.ParseTime(d.Get("valid_from").String()); from.After(c.NotBefore) {
		c.NotBefore = from
	}
	if until := credential.ParseDate(d.Get("valid_until").String()); until.Day != 0 && c.NotAfter.IsZero() {
		c.NotAfter = until.Time().AddDate(0, 0, 1).Add(-1)
	}
	return 0
}

// describeLinks reads a verifiable link: where the document is, which this
// kiosk does not fetch. It says nothing about its holder.
func describeLinks(c *credential.Credential, d *cose.Value) usage {
	c.ID = d.Get("u").String()
	return 0
}

// describeDVC reads a digital vaccination certificate, the yellow card on paper.
func describeDVC(c *credential.Credential, d *cose.Value) usage {
	c.Holder = credential.Holder{
		Name: d.Get("n").String(), Latin: asciiUpper(d.Get("n").String()),
		Birth: credential.ParseDate(d.Get("dob").String()), Sex: sexes[strings.ToLower(d.Get("s").String())],
		Document: d.Get("nid").String(),
	}
	doses := d.Get("v")
	if doses.IsList() {
		doses = doses.First()
	}
	for v := doses; v != nil; v = v.Next() {
		c.Issuer.Name = v.Get("is").String()
		event := credential.Event{
			Kind: credential.Dose, Disease: disease(v.Get("tg").String()), At: credential.ParseTime(v.Get("dt").String()),
			Number: number(v.Get("dn")), Product: v.Get("mp").String(), Maker: v.Get("ma").String(), Country: c.Issuer.Country,
		}
		if until := credential.ParseDate(v.Get("vle").String()); until.Day != 0 {
			event.Until = until.Time().AddDate(0, 0, 1).Add(-1)
		}
		c.Events = append(c.Events, event)
	}
	return 0
}

// code is the code of a coded value, which comes as an object or alone.
func code(v *cose.Value) string {
	if v.IsObject() {
		return v.Get("code").String()
	}
	return v.String()
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
