package hcert

import (
	"crypto/sha256"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/coding"
	"chot/kiosk/credential/value"
)

// describeDCC reads an EU digital COVID certificate. Its schema (DCC 1.3.0) is not
// enforced: what proves something is read or said to be unreadable, and what only
// describes may be as its issuer writes it.
func describeDCC(c *credential.Credential, dcc *value.Value) (u usage) {
	c.Holder = holder(dcc.Get("nam"), c.Issuer.Country)
	c.Holder.Birth = credential.ParseDate(dcc.Get("dob").String())
	for _, g := range groups {
		for entry := range dcc.Get(g.key).Objects() {
			if c.Events == nil {
				c.Events = make([]credential.Event, 0, 1)
				c.ID, c.Issuer.Name = entry.Get("ci").String(), entry.Get("is").String()
				if c.Issuer.Country == "" {
					c.Issuer.Country = entry.Get("co").String()
				}
			}
			c.Events = append(c.Events, credential.Event{
				Kind: g.kind, Country: entry.Get("co").String(), ID: entry.Get("ci").String(),
			})
			f := coding.Fields{Event: &c.Events[len(c.Events)-1]}
			f.Text(&f.Event.Disease, entry.Get("tg"), credential.FieldDisease)
			g.event(entry, f)
			u |= g.usage
		}
	}
	complete(c)
	if !c.IssuedAt.IsZero() && c.Holder.Birth.Year >= c.IssuedAt.Year() && c.Holder.Birth.Time().After(c.IssuedAt) {
		c.Problem = credential.Schema // issued before its holder was born
	}
	return u
}

// groups are the lists that a certificate has, one of them not empty.
var groups = [...]struct {
	key   string
	usage usage
	kind  credential.EventKind
	event func(entry *value.Value, f coding.Fields)
}{
	{"v", usageVaccination, credential.Dose, dose},
	{"t", usageTest, credential.Test, test},
	{"r", usageRecovery, credential.Recovery, recovery},
}

func dose(v *value.Value, f coding.Fields) {
	f.At(v.Get("dt"))
	f.Whole(&f.Event.Number, v.Get("dn"), credential.FieldNumber)
	f.Whole(&f.Event.Of, v.Get("sd"), credential.FieldOf)
	f.Event.Product, f.Event.Maker = v.Get("mp").String(), v.Get("ma").String()
}

func test(t *value.Value, f coding.Fields) {
	f.At(t.Get("sc"))
	f.Event.Product = t.Get("ma").String()
	f.Text(&f.Event.Method, t.Get("tt"), credential.FieldMethod)
	var answer string
	f.Text(&answer, t.Get("tr"), credential.FieldResult)
	f.Event.Result = coding.Result(answer)
}

func recovery(r *value.Value, f coding.Fields) {
	f.At(r.Get("fr"))
	f.From(r.Get("df"))
	f.Until(r.Get("du"))
}

// familyFirst are the countries that write the family name first.
var familyFirst = map[string]bool{"VN": true, "CN": true, "HK": true, "TW": true, "KR": true, "JP": true, "HU": true}

// holder puts a name together in the usual order of the issuer's country.
func holder(name *value.Value, country string) credential.Holder {
	family, given := name.Get("fn").String(), name.Get("gn").String()
	familyLatin, givenLatin := latin(name.Get("fnt").String()), latin(name.Get("gnt").String())
	if familyFirst[country] {
		family, given = given, family
		familyLatin, givenLatin = givenLatin, familyLatin
	}
	h := credential.Holder{Name: join(given, family), Latin: join(givenLatin, familyLatin)}
	if h.Name == "" {
		h.Name = h.Latin
	}
	return h
}

// latin reads the transliteration of ICAO 9303, in which < parts the words.
func latin(name string) string {
	if strings.IndexByte(name, '<') < 0 {
		return name
	}
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '<' }), " ")
}

func join(first, second string) string {
	return strings.TrimSpace(strings.TrimSpace(first) + " " + strings.TrimSpace(second)) // blanks are no name
}

// revocationIDs are the names under which a certificate may be revoked: SHA-256
// of the UVCI, of country and UVCI, and of the signature, of ES256 its first
// half; truncated to 16 bytes. Lists are kept by kid.
// Source: DCC revocation, Implementing Decision (EU) 2022/483, annex.
func revocationIDs(c *credential.Credential, signature []byte) []credential.RevocationID {
	if len(signature) == 64 {
		signature = signature[:32]
	}
	sums := make([]byte, 0, 3*16)
	ids := make([]credential.RevocationID, 0, 3)
	add := func(kind string, data []byte) {
		sum := sha256.Sum256(data)
		sums = append(sums, sum[:16]...)
		ids = append(ids, credential.RevocationID{Kind: kind, Key: c.Issuer.Key, Hash: sums[len(sums)-16:]})
	}
	for i := range c.Events {
		if c.Events[i].ID == "" || i > 0 && c.Events[i].ID == c.Events[i-1].ID {
			continue
		}
		var room [128]byte
		full := append(append(room[:0], c.Issuer.Country...), c.Events[i].ID...)
		add("uvci", full[len(c.Issuer.Country):])
		add("country-uvci", full)
	}
	add("signature", signature)
	return ids
}
