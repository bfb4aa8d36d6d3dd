package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/hcert"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/credential/vnid"
)

// issuer is a health authority of the demo world: it exists for as long as the
// demo's folder does, and its key leaves it nowhere.
type issuer struct {
	hcert.Issuer
	certificate []byte // DER
}

func newIssuer(country, name string, key crypto.Signer, now time.Time) (issuer, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{Country: []string{country}, CommonName: name},
		NotBefore:    now.AddDate(-2, 0, 0), NotAfter: now.AddDate(2, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return issuer{}, fmt.Errorf("making the issuer %s: %w", name, err)
	}
	return issuer{hcert.Issuer{Country: country, Key: key, KeyID: hcert.KeyID(der)}, der}, nil
}

// world is who issues what in the demo.
type world struct {
	vietnam, france, nobody issuer // nobody is on no trust list
}

func newWorld(now time.Time) (world, error) {
	var w world
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return world{}, fmt.Errorf("making the demo world's RSA key: %w", err)
	}
	ecKeys := [2]*ecdsa.PrivateKey{}
	for i := range ecKeys {
		if ecKeys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return world{}, fmt.Errorf("making the demo world's P-256 keys: %w", err)
		}
	}
	for _, make := range []struct {
		to            *issuer
		country, name string
		key           crypto.Signer
	}{
		{&w.vietnam, "VN", "Demo vaccine passport", rsaKey},
		{&w.france, "FR", "Demo certificate signer", ecKeys[0]},
		{&w.nobody, "FR", "Unlisted signer", ecKeys[1]},
	} {
		if *make.to, err = newIssuer(make.country, make.name, make.key, now); err != nil {
			return world{}, err
		}
	}
	return w, nil
}

// trustList is the world's trust list in the form that DCC gateways exchange.
func (w world) trustList() map[string]any {
	var certificates []map[string]any
	for _, i := range []issuer{w.vietnam, w.france} {
		certificates = append(certificates, map[string]any{
			"certificateType": "DSC", "country": i.Country,
			"kid": base64.StdEncoding.EncodeToString(i.KeyID), "rawData": base64.StdEncoding.EncodeToString(i.certificate),
		})
	}
	return map[string]any{"certificates": certificates}
}

// person is an invented holder.
type person struct{ family, given, latinFamily, latinGiven, birth string }

// vaccination is a DCC of a complete series, by its JSON names (DCC schema 1.3.0).
func vaccination(p person, country, issuer, id string, dose time.Time) map[string]any {
	return map[string]any{
		"ver": "1.3.0", "dob": p.birth,
		"nam": map[string]any{"fn": p.family, "gn": p.given, "fnt": p.latinFamily, "gnt": p.latinGiven},
		"v": []any{map[string]any{
			"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215",
			"dn": 2, "sd": 2, "dt": dose.Format(time.DateOnly), "co": country, "is": issuer,
			"ci": "URN:UVCI:01:" + country + ":" + id,
		}},
	}
}

// neighbour is the other kiosk, whose slip is in the deck.
type neighbour struct {
	name string
	key  crypto.Signer
}

// showings is the demo deck: what the visitors hold up, in order.
func (w world) showings(now time.Time, other neighbour) ([]showing, error) {
	an := person{"Nguyễn", "Văn An", "NGUYEN", "VAN<AN", "1990-04-12"}
	bich := person{"Trần", "Thị Bích", "TRAN", "THI<BICH", "1948-11-02"}
	chloe := person{"Exemple", "Chloé", "EXEMPLE", "CHLOE", "1985-07-23"}
	dose, issued := now.AddDate(0, -3, 0), now.AddDate(0, -2, 0)
	var deck []showing
	var failed error
	add := func(name string, on medium, text string, err error) {
		if err != nil && failed == nil {
			failed = fmt.Errorf("making the code %s: %w", name, err)
		}
		deck = append(deck, showing{name: name, text: text, on: on})
	}
	certificate := func(name string, on medium, by issuer, content map[string]any, expires time.Time, change func(string) (string, error)) {
		text, err := by.Sign(rand.Reader, hcert.DCC, content, issued, expires)
		if err == nil && change != nil {
			text, err = change(text)
		}
		add(name, on, text, err)
	}
	later, past := now.AddDate(0, 9, 0), now.AddDate(0, 0, -8)
	vn := func(id string, p person) map[string]any { return vaccination(p, "VN", "Bộ Y tế (thử)", id, dose) }
	fr := func(id string, p person) map[string]any { return vaccination(p, "FR", "Ministère (essai)", id, dose) }
	certificate("valid-ps256", phone, w.vietnam, vn("DEMO0001", an), later, nil)
	certificate("valid-es256", paper, w.france, fr("DEMO0002", chloe), later, nil)
	certificate("expired-es256", phone, w.france, fr("DEMO0003", chloe), past, nil)
	certificate("expired-ps256", phone, w.vietnam, vn("DEMO0004", bich), past, nil)
	certificate("forged-es256", paper, w.france, fr("DEMO0005", chloe), later, forge)
	certificate("forged-ps256", phone, w.vietnam, vn("DEMO0006", an), later, forge)
	certificate("unknown-issuer-es256", phone, w.nobody, fr("DEMO0007", chloe), later, nil)
	stranger, err := w.stranger(now)
	if err != nil {
		return nil, err
	}
	certificate("unknown-issuer-ps256", paper, stranger, vn("DEMO0008", bich), later, nil)
	slip, err := owncode.Sign(rand.Reader, other.key, owncode.Terms{
		Issuer: other.name, Number: other.name + "-000042", IssuedAt: now.Add(-30 * time.Minute), NotBefore: now.Add(-30 * time.Minute), NotAfter: now.Add(12 * time.Hour),
	}, owncode.Slip{Name: owncode.MaskName("Trần Thị Bích"), Birth: 1948, Verdict: "green", Basis: "declaration", Place: "30298"})
	add("slip", paper, slip, err)
	add("garbage", phone, "https://example.org/?q="+strings.Repeat("Xin chào ", 12), nil)
	add("id-card", card, vnid.IDCard{
		Number: "030190000017", Name: "Nguyễn Văn An", Birth: credential.Date{Year: 1990, Month: 4, Day: 12},
		Sex: "male", Address: "Thôn Thử, Quang Khải, Tứ Kỳ, Hải Dương", Issued: time.Date(2021, 5, 10, 0, 0, 0, 0, time.UTC),
	}.Text(), nil)
	add("personal-qr", phone, vnid.PersonalQR{
		Document: "0301********", Name: "TRAN THI BICH", Birth: credential.Date{Year: 1948}, QID: "DEMO-0009",
	}.Text(), nil)
	add("health-insurance", card, vnid.InsuranceCard{
		Code: "GD4303012345678", Name: "Trần Thị Bích", Birth: credential.Date{Year: 1948, Month: 11, Day: 2}, Sex: "female",
		Address: "Tứ Kỳ, Hải Dương", Facility: "30 - 001", From: now.AddDate(0, -6, 0), Until: now.AddDate(0, 6, 0), Issued: now.AddDate(0, -6, 0),
	}.Text(), nil)
	for i := range deck[len(deck)-3:] {
		deck[len(deck)-3+i].asks = true
	}
	return deck, failed
}

// stranger is an issuer of PS256 certificates on no trust list.
func (w world) stranger(now time.Time) (issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return issuer{}, fmt.Errorf("making an unlisted RSA key: %w", err)
	}
	return newIssuer("VN", "Unlisted vaccine passport", key, now)
}
