package hcert

import (
	"crypto/sha256"
	"strings"

	"chot/kiosk/credential"
)

// describeDCC reads an EU digital COVID certificate.
func describeDCC(c *credential.Credential, dcc map[string]any) (u usage) {
	name, _ := dcc["nam"].(map[string]any)
	c.Holder = holder(name, c.Issuer.Country)
	c.Holder.Birth = credential.ParseDate(text(dcc, "dob"))
	unborn := !c.IssuedAt.IsZero() && c.Holder.Birth.Time().After(c.IssuedAt)
	if unborn || violation(dcc) != "" {
		c.Problem = credential.Schema
	}
	for _, g := range groups {
		for _, v := range list(dcc, g.key) {
			entry, ok := v.(map[string]any)
			if !ok {
				continue
			}
			event := g.event(entry)
			event.Country, event.ID, event.Disease = text(entry, "co"), text(entry, "ci"), text(entry, "tg")
			if c.Events == nil {
				c.ID, c.Issuer.Name = event.ID, text(entry, "is")
				if c.Issuer.Country == "" {
					c.Issuer.Country = event.Country
				}
			}
			c.Events = append(c.Events, event)
			u |= g.usage
		}
	}
	return u
}

// groups are the lists that a certificate has, one of them not empty.
var groups = [...]struct {
	key   string
	usage usage
	event func(entry map[string]any) credential.Event
}{
	{"v", usageVaccination, dose},
	{"t", usageTest, test},
	{"r", usageRecovery, recovery},
}

func dose(v map[string]any) credential.Event {
	return credential.Event{
		Kind: credential.Dose, At: credential.ParseTime(text(v, "dt")),
		Number: number(v, "dn"), Of: number(v, "sd"), Product: text(v, "mp"), Maker: text(v, "ma"),
	}
}

// results are those of a test as SNOMED CT codes.
var results = map[string]string{"260415000": "negative", "260373001": "positive"}

func test(t map[string]any) credential.Event {
	return credential.Event{
		Kind: credential.Test, At: credential.ParseTime(text(t, "sc")),
		Product: text(t, "ma"), Method: text(t, "tt"), Result: results[text(t, "tr")],
	}
}

func recovery(r map[string]any) credential.Event {
	until := credential.ParseTime(text(r, "du"))
	if len(text(r, "du")) == len("2006-01-02") {
		until = until.AddDate(0, 0, 1).Add(-1) // the last day counts to its end
	}
	return credential.Event{Kind: credential.Recovery, At: credential.ParseTime(text(r, "fr")), Until: until}
}

// familyFirst are the countries that write the family name first.
var familyFirst = map[string]bool{"VN": true, "CN": true, "HK": true, "TW": true, "KR": true, "JP": true, "HU": true}

// holder puts a name together in the usual order of the issuer's country.
func holder(name map[string]any, country string) credential.Holder {
	family, given := text(name, "fn"), text(name, "gn")
	familyLatin, givenLatin := latin(text(name, "fnt")), latin(text(name, "gnt"))
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
