package families_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/base45"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/hcert"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/internal/suite"

	"github.com/fxamacker/cbor/v2"
	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"
)

// signedCode is a genuine code of a family in its layers, so that a test can change
// what the signature covers and what it does not, and build the text again.
type signedCode struct {
	family    credential.FamilyID
	keys      suite.Ring
	covered   [][]byte // may be changed byte by byte
	uncovered [][]byte
	text      func(covered, uncovered [][]byte) string
	sign      func(covered [][]byte) // again, after a change
}

func (s signedCode) whole() string { return s.text(s.covered, s.uncovered) }

var at = time.Date(2022, 1, 1, 12, 0, 0, 0, time.UTC)

type cborMap = map[any]any

func encodeCBOR(t testing.TB, v any) []byte {
	t.Helper()
	mode, err := cbor.CoreDetEncOptions().EncMode()
	fail(t, err)
	data, err := mode.Marshal(v)
	fail(t, err)
	return data
}

// signES256 gives r and s.
func signES256(t testing.TB, key *ecdsa.PrivateKey, data []byte) []byte {
	t.Helper()
	digest := sha256.Sum256(data)
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	fail(t, err)
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

// signCOSE signs a payload with what stands in the protected header.
func signCOSE(t testing.TB, key crypto.Signer, protected, payload []byte) []byte {
	t.Helper()
	signed := encodeCBOR(t, []any{"Signature1", protected, []byte{}, payload})
	if ec, ok := key.(*ecdsa.PrivateKey); ok {
		return signES256(t, ec, signed)
	}
	digest := sha256.Sum256(signed)
	signature, err := key.Sign(rand.Reader, digest[:], &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256})
	fail(t, err)
	return signature
}

// coseCode lays out a COSE message: protected header, payload and signature are
// covered; the unprotected header, its tags, what follows and what the wrapping
// adds (before and behind) are not.
func coseCode(t testing.TB, family credential.FamilyID, keys suite.Ring, key crypto.Signer, protected, payload, unprotected []byte, wrap func(message []byte) string) signedCode {
	t.Helper()
	return signedCode{
		family: family, keys: keys,
		covered:   [][]byte{protected, payload, signCOSE(t, key, protected, payload)},
		uncovered: [][]byte{unprotected},
		sign:      func(covered [][]byte) { covered[2] = signCOSE(t, key, covered[0], covered[1]) },
		text: func(covered, uncovered [][]byte) string {
			return wrap(encodeCBOR(t, cbor.Tag{Number: 18, Content: []any{
				covered[0], cbor.RawMessage(uncovered[0]), covered[1], covered[2],
			}}))
		},
	}
}

func signedCodes(t testing.TB) map[string]signedCode {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(t, err)
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	fail(t, err)
	kid := []byte("8 bytes.")
	all := map[string]signedCode{}

	dcc := cborMap{1: "VN", 4: at.AddDate(1, 0, 0).Unix(), 6: at.Unix(), -260: cborMap{1: cborMap{
		"ver": "1.3.0", "dob": "1990-02-05", "nam": cborMap{"fn": "Nguyễn", "fnt": "NGUYEN"},
		"v": []any{cborMap{"tg": "840539006", "mp": "EU/1/20/1528", "dn": 2, "sd": 2, "dt": "2021-09-01", "co": "VN", "ci": "URN:UVCI:01:VN:1"}},
	}}}
	dvc := cborMap{1: "VN", 4: at.AddDate(1, 0, 0).Unix(), 6: at.Unix(), -260: cborMap{-6: cborMap{
		"n": "Nguyen Thi Thu", "dob": "1990-02-05", "v": cborMap{"vp": "XM0N24", "dt": "2021-09-01"},
	}}}
	zlibbed := func(message []byte) string { return hc1(t, message) }
	ring := suite.Ring{
		{Family: credential.EUDCC, ID: kid, Public: ec.Public()}, {Family: credential.EUDCC, ID: []byte("PS kid"), Public: long.Public()},
		{Family: credential.WHODVC, ID: kid, Public: ec.Public()},
	}
	empty := encodeCBOR(t, cborMap{})
	all["DCC, ES256"] = coseCode(t, credential.EUDCC, ring, ec, encodeCBOR(t, cborMap{1: -7, 4: kid}), encodeCBOR(t, dcc), empty, zlibbed)
	all["DCC, PS256"] = coseCode(t, credential.EUDCC, ring, long, encodeCBOR(t, cborMap{1: -37, 4: []byte("PS kid")}), encodeCBOR(t, dcc), empty, zlibbed)
	all["DCC, header not protected"] = coseCode(t, credential.EUDCC, ring, ec, []byte{}, encodeCBOR(t, dcc), encodeCBOR(t, cborMap{1: -7, 4: kid, "note": "x"}), zlibbed)
	all["DVC"] = coseCode(t, credential.WHODVC, ring, ec, encodeCBOR(t, cborMap{1: -7}), encodeCBOR(t, dvc), encodeCBOR(t, cborMap{4: kid}), zlibbed)

	const did = "did:web:nzcp.example"
	pass := cborMap{1: did, 4: at.AddDate(30, 0, 0).Unix(), 5: at.Unix(), 7: bytes.Repeat([]byte{7}, 16), "vc": cborMap{
		"@context": []string{"https://www.w3.org/2018/credentials/v1", "https://nzcp.covid19.health.nz/contexts/v1"}, "version": "1.0.0",
		"type": []string{"VerifiableCredential", "PublicCovidPass"}, "credentialSubject": cborMap{"givenName": "Thu", "familyName": "Nguyen", "dob": "1990-02-05"},
	}}
	all["NZCP"] = coseCode(t, credential.NZCP, suite.Ring{{Family: credential.NZCP, Issuer: did, ID: []byte("key-1"), Public: ec.Public()}}, ec,
		encodeCBOR(t, cborMap{1: -7, 4: []byte("key-1")}), encodeCBOR(t, pass), empty,
		func(message []byte) string {
			return "NZCP:/1/" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(message)
		})

	own, err := owncode.KeyID(&ec.PublicKey)
	fail(t, err)
	slip := cborMap{1: "KIOSK-3", 3: "chot:slip", 4: at.Add(time.Hour).Unix(), 5: at.Unix(), 6: at.Unix(), 7: []byte("3-1"), -65537: cborMap{3: "green", 4: "declaration"}}
	all["slip"] = coseCode(t, credential.Slip, suite.Ring{{Family: credential.Slip, Issuer: "KIOSK-3", ID: own, Public: ec.Public()}}, ec,
		encodeCBOR(t, cborMap{1: -7, 4: own}), encodeCBOR(t, slip), empty,
		func(message []byte) string { return "CHOT1S:" + string(base45.AppendEncode(nil, message)) })

	all["SHC"] = jwsCode(t, ec)
	all["VDS-NC"] = sealCode(t, ec)
	return all
}

// jwsCode is a SMART Health Card: all of the JWS is covered.
func jwsCode(t testing.TB, key *ecdsa.PrivateKey) signedCode {
	t.Helper()
	body, err := json.Marshal(map[string]any{"iss": "https://cards.example", "nbf": at.Unix(), "vc": map[string]any{
		"type": "https://smarthealth.cards#health-card",
		"credentialSubject": map[string]any{"fhirBundle": map[string]any{"entry": []any{
			map[string]any{"resource": map[string]any{"resourceType": "Patient", "name": []any{map[string]any{"family": "Nguyen", "given": "Thu"}}}},
			map[string]any{"resource": map[string]any{"resourceType": "Immunization", "status": "completed", "occurrenceDateTime": "2021-09-01"}},
		}}},
	}})
	fail(t, err)
	var compressed bytes.Buffer
	w, err := flate.NewWriter(&compressed, flate.BestCompression)
	fail(t, err)
	_, _ = w.Write(body)
	_ = w.Close()
	b64 := base64.RawURLEncoding.EncodeToString
	head := []byte(`{"alg":"ES256","zip":"DEF","kid":"kid 1"}`)
	signature := signES256(t, key, []byte(b64(head)+"."+b64(compressed.Bytes())))
	return signedCode{
		family: credential.SHC, covered: [][]byte{head, compressed.Bytes(), signature},
		keys: suite.Ring{{Family: credential.SHC, Issuer: "https://cards.example", ID: []byte("kid 1"), Public: key.Public()}},
		sign: func(covered [][]byte) {
			covered[2] = signES256(t, key, []byte(b64(covered[0])+"."+b64(covered[1])))
		},
		text: func(covered, _ [][]byte) string {
			var digits strings.Builder
			for _, c := range []byte(b64(covered[0]) + "." + b64(covered[1]) + "." + b64(covered[2])) {
				fmt.Fprintf(&digits, "%02d", c-'-')
			}
			return "shc:/" + digits.String()
		},
	}
}

// sealCode is a seal of ICAO with a signer that is trusted by itself: the data is
// covered, in its canonical form.
func sealCode(t testing.TB, key *ecdsa.PrivateKey) signedCode {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: at.AddDate(-1, 0, 0), NotAfter: at.AddDate(5, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	fail(t, err)
	data := []byte(`{"hdr":{"is":"VNM","t":"icao.vacc"},"msg":{"pid":{"n":"NGUYEN  THU"},"uvci":"V1","ve":[{"dis":"RA01","vd":[{"dvc":"2021-09-01","seq":1}]}]}}`)
	canonical, err := jcs.Transform(data)
	fail(t, err)
	return signedCode{
		family:  credential.VDSNC,
		keys:    suite.Ring{{Family: credential.VDSNC, ID: hcert.KeyID(der), Public: key.Public()}},
		covered: [][]byte{data, signES256(t, key, canonical)}, uncovered: [][]byte{der, []byte("ES256")},
		text: func(covered, uncovered [][]byte) string {
			b64 := base64.RawURLEncoding.EncodeToString
			return `{"data":` + string(covered[0]) + `,"sig":{"alg":"` + string(uncovered[1]) + `","cer":"` + b64(uncovered[0]) + `","sigvl":"` + b64(covered[1]) + `"}}`
		},
	}
}

// changed is a copy of layers with some bytes changed, and whether any was.
func changed(t *rapid.T, layers [][]byte) ([][]byte, bool) {
	out, did := make([][]byte, len(layers)), false
	for i, layer := range layers {
		out[i] = bytes.Clone(layer)
	}
	for range rapid.IntRange(1, 3).Draw(t, "changes") {
		layer := out[rapid.IntRange(0, len(out)-1).Draw(t, "layer")]
		if len(layer) == 0 {
			continue
		}
		layer[rapid.IntRange(0, len(layer)-1).Draw(t, "place")] ^= rapid.ByteRange(1, 255).Draw(t, "bits")
	}
	for i := range out {
		did = did || !bytes.Equal(out[i], layers[i])
	}
	return out, did
}

// TestForgedMeansThatTheSignatureDoesNotHold changes bytes of every signed family.
// Where the signature does not cover them, the standing is never "forged"; where it
// does, it is never "signed".
func TestForgedMeansThatTheSignatureDoesNotHold(t *testing.T) {
	t.Parallel()
	for name, code := range signedCodes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c := families.Read(code.whole(), code.keys); c.Family != code.family || c.Standing != credential.Signed {
				t.Fatalf("as it was signed it is %s, %v %q", c.Family, c.Standing, c.Problem)
			}
			seen := map[credential.Standing]int{}
			rapid.Check(t, func(t *rapid.T) {
				covered, did := changed(t, code.covered)
				if !did {
					return
				}
				text := code.text(covered, code.uncovered)
				if code.family == credential.VDSNC && sameJSON(covered[0], code.covered[0]) && bytes.Equal(covered[1], code.covered[1]) {
					return // another form of the same
				}
				c := families.Read(text, code.keys)
				if seen[c.Standing]++; c.Standing == credential.Signed {
					t.Fatalf("%q is %v", text, c.Standing)
				}
				if c.Standing == credential.Forged && (c.Payload != nil || c.Events != nil || c.Holder != credential.Holder{}) {
					t.Fatalf("the content of %q is handed on", text)
				}
			})
			if seen[credential.Forged] == 0 {
				t.Errorf("no change was seen to break the signature: %v", seen)
			}
			if len(code.uncovered) == 0 {
				return
			}
			kept := 0
			rapid.Check(t, func(t *rapid.T) {
				uncovered, _ := changed(t, code.uncovered)
				if code.family != credential.VDSNC && cbor.Wellformed(uncovered[0]) != nil {
					return // which would move what is signed
				}
				text := code.text(code.covered, uncovered)
				c := families.Read(text, code.keys)
				if c.Standing == credential.Signed {
					kept++
				}
				if c.Standing == credential.Forged {
					t.Fatalf("%q is %v %q", text, c.Standing, c.Problem)
				}
			})
		})
	}
}

func sameJSON(a, b []byte) bool {
	a, errA := jcs.Transform(a)
	b, errB := jcs.Transform(b)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// TestWrappingIsNotSigned changes what is around a signed message: the zlib header,
// its check sum, what follows the final block, tags.
func TestWrappingIsNotSigned(t *testing.T) {
	t.Parallel()
	codes := signedCodes(t)
	dcc := codes["DCC, ES256"]
	compressed, err := base45.AppendDecode(nil, strings.TrimPrefix(dcc.whole(), "HC1:"))
	fail(t, err)
	again := func(change func(b []byte) []byte) string {
		return "HC1:" + string(base45.AppendEncode(nil, change(bytes.Clone(compressed))))
	}
	flip := func(i int) func(b []byte) []byte {
		return func(b []byte) []byte {
			b[(i+len(b))%len(b)] ^= 0xFF
			return b
		}
	}
	for name, text := range map[string]string{
		"another zlib header": again(flip(0)),
		"another check of it": again(flip(1)),
		"a wrong check sum":   again(flip(-1)),
		"no check sum":        again(func(b []byte) []byte { return b[:len(b)-4] }),
		"8 bytes behind":      again(func(b []byte) []byte { return append(b, "trailing"...) }),
		"a NUL behind":        dcc.whole() + "\x00",
		"STX and ETX around":  "\x02" + dcc.whole() + "\x03\r\n",
		"a BOM before":        "\ufeff" + dcc.whole(),
		"EOT and VT behind":   dcc.whole() + "\x04\x0b",
	} {
		if c := families.Read(text, dcc.keys); c.Standing != credential.Signed {
			t.Errorf("%s: %v %q", name, c.Standing, c.Problem)
		}
	}
	card := codes["SHC"]
	card.covered[1] = append(card.covered[1], 1, 2, 3, 4, 5, 6, 7, 8)
	b64 := base64.RawURLEncoding.EncodeToString
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(t, err)
	card.covered[2] = signES256(t, key, []byte(b64(card.covered[0])+"."+b64(card.covered[1])))
	card.keys[0].Public = key.Public()
	if c := families.Read(card.whole(), card.keys); c.Standing != credential.Signed || len(c.Events) != 1 || c.Holder.Name != "Thu Nguyen" {
		t.Errorf("a card with 8 bytes behind its deflate stream: %v %q, %+v", c.Standing, c.Problem, c)
	}
}
