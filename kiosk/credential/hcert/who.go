package hcert

import (
	"encoding/base64"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/coding"
	"chot/kiosk/credential/value"
)

// describeDDCC reads WHO's DDCC: of a vaccination or of a test.
func describeDDCC(c *credential.Credential, d *value.Value) usage {
	name := d.Get("name").String()
	c.Holder = credential.Holder{
		Name: name, Latin: coding.Latin(name), Birth: credential.ParseDate(d.Get("birthDate").String()),
		Sex: coding.Sex(code(d.Get("sex"))), Document: d.Get("identifier").String(),
	}
	c.ID = d.Get("hcid").String()
	content := d
	if t := d.Get("test"); t.IsObject() {
		content = t
		c.Events = []credential.Event{{Kind: credential.Test, Disease: coding.Disease(code(t.Get("pathogen"))), Method: code(t.Get("type"))}}
		f := coding.Fields{Event: &c.Events[0]}
		f.At(t.Get("date"))
		answer := code(t.Get("result"))
		if f.Event.Result = coding.Result(answer); answer == "" {
			f.Event.Unread |= credential.FieldResult
		}
	} else if d.Get("date").Given() || d.Get("vaccine").Given() {
		c.Events = []credential.Event{{
			Kind: credential.Dose, Disease: coding.Disease(code(d.Get("disease"))), Product: code(d.Get("brand")), Maker: code(d.Get("manufacturer")),
		}}
		f := coding.Fields{Event: &c.Events[0]}
		f.At(d.Get("date"))
		f.From(d.Get("vaccine_valid"))
		f.Whole(&f.Event.Number, d.Get("dose"), credential.FieldNumber)
		f.Whole(&f.Event.Of, d.Get("total_doses"), credential.FieldOf)
	}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Disease == "" {
			e.Unread |= credential.FieldDisease
		}
		if e.Country = coding.Country(code(content.Get("country"))); c.Issuer.Country == "" {
			c.Issuer.Country = e.Country
		}
	}
	c.Issuer.Name = content.Get("centre").String()
	if from := credential.ParseTime(d.Get("valid_from").String()); from.After(c.NotBefore) {
		c.NotBefore = from
	}
	if until := credential.ParseDate(d.Get("valid_until").String()); until.Day != 0 && c.NotAfter.IsZero() {
		c.NotAfter = until.Time().AddDate(0, 0, 1).Add(-1)
	}
	complete(c)
	return 0
}

// describeLink reads a verifiable health link: where documents are, which this
// kiosk does not fetch. It says nothing of its holder.
//
//	{"u": "vhlink:/" or "shlink:/" base64url({"url", "exp", "label", …})}
//
// Source: WHO SMART Trust, HCERT sub-claim 5; SMART Health Links.
func describeLink(c *credential.Credential, d *value.Value) usage {
	text := d.Get("u").String()
	c.ID, c.Link = text, &credential.Link{URL: text}
	_, encoded, ok := strings.Cut(text, "link:/")
	if !ok {
		return 0
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.TrimLeft(encoded, "/"), "="))
	if err != nil {
		return 0
	}
	if content, err := value.FromJSON(data); err == nil && content.Get("url").String() != "" {
		c.Link.URL, c.Link.Label = content.Get("url").String(), content.Get("label").String()
		if s, ok := content.Get("exp").Whole(); ok && s > 0 {
			c.Link.Until = time.Unix(s, 0).UTC()
		}
	}
	return 0
}

// describeDVC reads a digital vaccination certificate, the yellow card on paper:
// the model of 2024 with disease, vaccine and dose, or that of 2025 with the
// number of a product in their place.
func describeDVC(c *credential.Credential, d *value.Value) usage {
	name := d.Get("n").String()
	c.Holder = credential.Holder{
		Name: name, Latin: coding.Latin(name), Birth: credential.ParseDate(d.Get("dob").String()),
		Sex: coding.Sex(d.Get("s").String()), Document: d.Get("nid").String(),
	}
	for v := range d.Get("v").Objects() {
		if c.Issuer.Name == "" {
			c.Issuer.Name = v.Get("is").String()
		}
		vaccine := code(v.Get("vp"))
		c.Events = append(c.Events, credential.Event{
			Kind: credential.Dose, Disease: coding.Disease(code(v.Get("tg"))), Product: vaccine,
			Maker: v.Get("ma").String(), Country: c.Issuer.Country,
		})
		f := coding.Fields{Event: &c.Events[len(c.Events)-1]}
		if f.Event.Disease == "" {
			if f.Event.Disease = coding.Disease(vaccine); f.Event.Disease == "" {
				f.Event.Unread |= credential.FieldDisease
			}
		}
		f.At(v.Get("dt"))
		f.From(v.Get("vls"))
		f.Until(v.Get("vle"))
		// A dose may also have a name ("Primary", "Booster"), which counts nothing.
		if n, ok := v.Get("dn").Whole(); ok && n > 0 && n < 100 {
			f.Event.Number = int(n)
		}
	}
	complete(c)
	return 0
}

// code is the code of a coded value, which comes as an object or alone.
func code(v *value.Value) string {
	if v.IsObject() {
		return v.Get("code").String()
	}
	return v.String()
}
