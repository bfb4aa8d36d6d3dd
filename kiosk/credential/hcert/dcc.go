package hcert

import (
	"crypto/sha256"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/cose"
)

// describeDCC reads an EU digital COVID certificate.
func describeDCC(c *credential.Credential, dcc *cose.Value) (u usage) {
	c.Holder = holder(dcc.Get("nam"), c.Issuer.Country)
	c.Holder.Birth = credential.ParseDate(dcc.Get("dob").String())
	for _, g := range groups {
		list := dcc.Get(g.key)
		if !list.IsList() {
			continue
		}
		for entry := list.First(); entry != nil; entry = entry.Next() {
			if c.Events == nil {
				c.Events = make([]credential.Event, 0, 1)
				c.ID, c.Issuer.Name = entry.Get("ci").String(), entry.Get("is").String()
				if c.Issuer.Country == "" {
					c.Issuer.Country = entry.Get("co").String()
				}
			}
			c.Events = append(c.Events, credential.Event{
				Kind: g.kind, Country: entry.Get("co").String(), ID: entry.Get("ci").String(), Disease: entry.Get("tg").String(),
			})
			g.event(entry, &c.Events[len(c.Events)-1])
			u |= g.usage
		}
	}
	unborn := !c.IssuedAt.IsZero() && c.Holder.Birth.Year >= c.IssuedAt.Year() && c.Holder.Birth.Time().After(c.IssuedAt)
	if unborn || violation(dcc) != "" {
		c.Problem = credential.Schema
	}
	return u
}

// groups are the lists that a certificate has, one of them not empty.
var groups = [...]struct {
	key   string
	usage usage
	kind  credential.EventKind
	event func(entry *cose.Value, e *credential.Event)
}{
	{"v", usageVaccination, credential.Dose, dose},
	{"t", usageTest, credential.Test, test},
	{"r", usageRecovery, credential.Recovery, recovery},
}

func dose(v *cose.Value, e *credential.Event) {
	e.At = credential.ParseTime(v.Get("dt").String())
	e.Number, e.Of = number(v.Get("dn")), number(v.Get("sd"))
	e.Product, e.Maker = v.Get("mp").String(), v.Get("ma").String()
}

// results are those of a test as SNOMED CT codes.
var results = map[string]string{"260415000": "negative", "260373001": "positive"}

func test(t *cose.Value, e *credential.Event) {
	e.At = credential.ParseTime(t.Get("sc").String())
	e.Product, e.Method = t.Get("ma").String(), t.Get("tt").String()
	e.Result = results[t.Get("tr").String()]
}

func recovery(r *cose.Value, e *credential.Event) {
	e.At = credential.ParseTime(r.Get("fr").String())
	until := r.Get("du").String()
	e.Until = credential.ParseTime(until)
	if len(until) == len("2006-01-02") {
		e.Until = e.Until.AddDate(0, 0, 1).Add(-1) // the last day counts to its end
	}
}

// familyFirst are the countries that write the family name first.
var familyFirst = map[string]bool{"VN": true, "CN": true, "HK": true, "TW": true, "KR": true, "JP": true, "HU": true}

// holder puts a name together in the usual order of the issuer's country.
func holder(name *cose.Value, country string) credential.Holder {
	family, given := name.Get("fn").String(), name.Get("gn").String()
	familyLatin, givenLatin := latin(name.Get("fnt").String()), latin(name.Get("gnt").String())
	if familyFirst[country] {
		family, given = given, family
		familyLatin, givenLatin = givenLatin, familyLatin
	}
	return credential.Holder{Name: join(given, family), Latin: join(givenLatin, familyLatin)}
}

// latin reads the transliteration of ICAO 9303, in which < parts the words.
func latin(name string) string {
	if strings.IndexByte(name, '<') < 0 {
		return name
	}
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '<' }), " ")
}

func join(first, second string) string {
	if first == "" || second == "" {
		return first + second
	}
	return first + " " + second
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
	if c.ID != "" {
		var room [128]byte
		full := append(append(room[:0], c.Issuer.Country...), c.ID...)
		add("uvci", full[len(c.Issuer.Country):])
		add("country-uvci", full)
	}
	add("signature", signature)
	return ids
}
