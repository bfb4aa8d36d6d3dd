package vdsnc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/credential/vdsnc"
	"chot/kiosk/internal/suite"
	"chot/kiosk/trust"

	"github.com/gowebpki/jcs"
)

// TestGDHCN reads the seals that WHO's network publishes. Their signatures hold,
// but the authorities that certified the signers are not public.
func TestGDHCN(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "gdhcn")
	for _, name := range suite.Files(t, folder, "ICAO*.txt") {
		text := strings.TrimSpace(string(suite.Read(t, folder, name)))
		c, err := vdsnc.Family.Read(text, nil)
		if err != nil || c.Standing != credential.UnknownIssuer || c.Problem != credential.UnknownKey {
			t.Errorf("%s: %v %q, %v", name, c.Standing, c.Problem, err)
		}
		if c.Holder.Name == "" || c.Holder.Birth.Year == 0 || len(c.Events) == 0 || c.Events[0].At.IsZero() || len(c.Issuer.Country) != 2 {
			t.Errorf("%s: %+v", name, c)
		}
		changed := strings.Replace(text, `"msg":{`, `"msg":{"x":1,`, 1)
		if c, _ := vdsnc.Family.Read(changed, nil); c.Problem != credential.BadSignature {
			t.Errorf("%s, changed: %v %q", name, c.Standing, c.Problem)
		}
		// The canonical form counts, not the one it came in.
		var loose any
		if err := json.Unmarshal([]byte(text), &loose); err != nil {
			t.Fatal(err)
		}
		indented, _ := json.MarshalIndent(loose, "", " ")
		if c, _ := vdsnc.Family.Read(string(indented), nil); c.Standing != credential.UnknownIssuer {
			t.Errorf("%s, indented: %v %q", name, c.Standing, c.Problem)
		}
	}
}

var noon = time.Date(2022, 1, 1, 12, 0, 0, 0, time.UTC)

// country is an authority with a signer.
type country struct {
	authority, signer []byte // DER
	key               *ecdsa.PrivateKey
}

func newCountry(t testing.TB, usage ...asn1.ObjectIdentifier) country {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := rsa.GenerateKey(rand.Reader, 2048)
	fail(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Country: []string{"VN"}, CommonName: "CSCA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: noon.AddDate(-3, 0, 0), NotAfter: noon.AddDate(10, 0, 0), SubjectKeyId: []byte("authority"),
	}
	c := country{key: key}
	c.authority, err = x509.CreateCertificate(rand.Reader, ca, ca, root.Public(), root)
	fail(err)
	signer := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{Country: []string{"VN"}, CommonName: "S1"},
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(5, 0, 0), UnknownExtKeyUsage: usage, AuthorityKeyId: []byte("authority"),
	}
	c.signer, err = x509.CreateCertificate(rand.Reader, signer, ca, key.Public(), root)
	fail(err)
	return c
}

func (c country) seal(t testing.TB, data string) string {
	t.Helper()
	canonical, err := jcs.Transform([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(canonical)
	r, s, err := ecdsa.Sign(rand.Reader, c.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.URLEncoding.EncodeToString
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return `{"data":` + data + `,"sig":{"alg":"ES256","cer":"` + b64(c.signer) + `","sigvl":"` + b64(signature) + `"}}`
}

const vaccinated = `{"hdr":{"is":"VNM","t":"icao.vacc","v":1},"msg":{"uvci":"V1","pid":{"n":"NGUYEN  THI THU","dob":"1990-02-05","sex":"F","i":"C0000000"},
	"ve":[{"des":"XM68M6","dis":"RA01.0","nam":"X","vd":[{"ctr":"VNM","dvc":"2021-09-01","seq":1},{"ctr":"VNM","dvc":"2021-10-01","seq":2}]}]}}`

const tested = `{"hdr":{"is":"VNM","t":"icao.test","v":1},"msg":{"utci":"T1","pid":{"n":"NGUYEN  THI THU","dob":"1990-02-05"},
	"sp":{"spn":"Lab","ctr":"VNM"},"dat":{"sc":"2021-12-31T06:30:00+07:00","ri":"2021-12-31T12:00:00+07:00"},"tr":{"tc":"molecular (PCR)","r":"Negative"}}}`

// store trusts the certificate given.
func store(t testing.TB, der []byte) *trust.Store {
	t.Helper()
	dir := t.TempDir()
	file := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if _, err := trust.Import(dir, "vds-nc", "a.pem", file, noon); err != nil {
		t.Fatal(err)
	}
	s, err := trust.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeals(t *testing.T) {
	t.Parallel()
	usage := asn1.ObjectIdentifier{2, 23, 136, 1, 1, 14, 2}
	vn, wrong := newCountry(t, usage), newCountry(t, asn1.ObjectIdentifier{1, 2, 3})
	good := vn.seal(t, vaccinated)
	stranger := newCountry(t, usage)
	early := suite.Ring{{Family: credential.VDSNC, ID: []byte("authority"), NotBefore: noon}}
	if cert, err := x509.ParseCertificate(vn.authority); err == nil {
		early[0].Public = cert.PublicKey
	}
	for name, c := range map[string]struct {
		text     string
		keys     credential.Keyring
		standing credential.Standing
		problem  credential.Problem
	}{
		"by its authority":          {good, store(t, vn.authority), credential.Signed, ""},
		"a test":                    {vn.seal(t, tested), store(t, vn.authority), credential.Signed, ""},
		"by itself":                 {good, store(t, vn.signer), credential.Signed, ""},
		"no keys":                   {good, nil, credential.UnknownIssuer, credential.UnknownKey},
		"no key trusted":            {good, suite.Ring{}, credential.UnknownIssuer, credential.UnknownKey},
		"an authority of that name": {good, store(t, stranger.authority), credential.Forged, credential.BadSignature},
		"before its authority":      {good, early, credential.UnknownIssuer, credential.ExpiredKey},
		"for something else":        {wrong.seal(t, vaccinated), store(t, wrong.authority), credential.UnknownIssuer, credential.KeyUsage},
		"changed":                   {strings.Replace(good, "C0000000", "C0000001", 1), store(t, vn.authority), credential.Forged, credential.BadSignature},
		"another algorithm":         {strings.Replace(good, "ES256", "ES384", 1), store(t, vn.authority), credential.UnknownIssuer, credential.Algorithm},
		"of another type":           {vn.seal(t, `{"hdr":{"t":"icao.visa"}}`), store(t, vn.authority), credential.Unreadable, credential.Malformed},
		"cut short":                 {good[:len(good)-1], store(t, vn.authority), credential.Unreadable, credential.Malformed},
		"with text behind":          {good + "{}", store(t, vn.authority), credential.Unreadable, credential.Malformed},
	} {
		got, err := vdsnc.Family.Read(c.text, c.keys)
		if err != nil || got.Standing != c.standing || got.Problem != c.problem {
			t.Errorf("%s: %v %q, %v", name, got.Standing, got.Problem, err)
		}
	}
	for _, text := range []string{"", "{}", `["icao.vacc"]`, `{"data":{"hdr":{"t":"other"}}}`} {
		if _, err := vdsnc.Family.Read(text, nil); !errors.Is(err, credential.ErrNotRecognised) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWhatASealSays(t *testing.T) {
	t.Parallel()
	vn := newCountry(t)
	keys := store(t, vn.authority)
	c, _ := vdsnc.Family.Read(vn.seal(t, vaccinated), keys)
	want := credential.Holder{Name: "THI THU NGUYEN", Latin: "THI THU NGUYEN", Birth: credential.Date{Year: 1990, Month: 2, Day: 5}, Sex: "female", Document: "C0000000"}
	if c.Holder != want || c.Issuer.Country != "VN" || c.ID != "V1" || len(c.Events) != 2 {
		t.Errorf("%+v", c)
	}
	if e := c.Events[1]; e.Number != 2 || e.Disease != "840539006" || e.Country != "VN" || !e.At.Equal(time.Date(2021, 10, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", e)
	}
	c, _ = vdsnc.Family.Read(vn.seal(t, tested), keys)
	e := c.Events[0]
	if e.Kind != credential.Test || e.Result != "negative" || e.Method != "LP6464-4" || !e.At.Equal(time.Date(2021, 12, 30, 23, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", e)
	}
}

// FuzzRead holds that nothing is taken for signed without a trusted signer.
func FuzzRead(f *testing.F) {
	vn := newCountry(f)
	f.Add(vn.seal(f, vaccinated))
	f.Add(vn.seal(f, tested))
	f.Add(`{"data":{"hdr":{"t":"icao.test"},"msg":{}},"sig":{"alg":"ES256"}}`)
	public := crypto.PublicKey(&vn.key.PublicKey)
	keys := suite.Ring{{Family: credential.VDSNC, ID: []byte("authority"), Public: public}}
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := vdsnc.Family.Read(text, keys); err == nil && c.Standing == credential.Signed {
			t.Fatalf("%q is taken for signed", text)
		}
	})
}
