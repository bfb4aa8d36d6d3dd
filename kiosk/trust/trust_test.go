package trust_test

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
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/credential/hcert"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/internal/suite"
	"chot/kiosk/trust"
)

var noon = time.Date(2022, 1, 1, 12, 0, 0, 0, time.UTC)

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// certify makes a certificate that the key signs for itself.
func certify(t testing.TB, key crypto.Signer, country string, usage ...asn1.ObjectIdentifier) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Country: []string{country}, CommonName: "test"},
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0), UnknownExtKeyUsage: usage,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func b64(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

func toJSON(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func load(t testing.TB, dir string) *trust.Store {
	t.Helper()
	s, err := trust.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type object = map[string]any

// TestHC1Lists imports the same certificate in every format of the folder.
func TestHC1Lists(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	der := certify(t, key, "VN", asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2})
	kid := hcert.KeyID(der)
	entry := object{"kid": b64(kid), "country": "VN", "certificateType": "DSC", "rawData": b64(der)}
	other := object{"kid": b64(kid), "certificateType": "CSCA", "rawData": b64(der)}
	size := 32
	x, y := key.X.FillBytes(make([]byte, size)), key.Y.FillBytes(make([]byte, size))
	did := func(domain, usage string, jwk object) []byte {
		id := "did:web:tng-cdn.example:v2:trustlist:" + domain + ":VNM:" + usage
		return toJSON(t, object{"id": id, "verificationMethod": []any{
			"did:web:elsewhere", // a reference, which is not followed
			object{"id": id + "#" + b64(kid), "type": "JsonWebKey2020", "publicKeyJwk": jwk},
		}})
	}
	plain := object{"kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(append([]byte{0}, y...))}
	chain := object{"kty": "EC", "crv": "P-256", "x5c": []string{b64(der)}}
	all := []credential.FamilyID{credential.EUDCC, credential.WHODDCC, credential.WHODVC}
	for name, c := range map[string]struct {
		folder   string
		data     []byte
		families []credential.FamilyID
		bare     bool // the key without its certificate
	}{
		"list":                     {"eu-dcc", toJSON(t, []any{entry, other}), all[:1], false},
		"wrapped list":             {"eu-dcc", append([]byte("MEUCIQ==\n"), toJSON(t, object{"certificates": []any{entry}})...), all[:1], false},
		"by kid":                   {"eu-dcc", toJSON(t, object{b64(kid): b64(der)}), all[:1], false},
		"several by kid":           {"eu-dcc", toJSON(t, object{b64(kid): []string{b64(der)}}), all[:1], false},
		"DER":                      {"eu-dcc", der, all[:1], false},
		"PEM":                      {"who-dvc", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), all[2:], false},
		"DID for all":              {"gdhcn", did("-", "DSC", chain), all, false},
		"DID for certificates":     {"gdhcn", did("DCC", "DSC", chain), all[:1], false},
		"DID for vaccination":      {"gdhcn", did("DICVP", "DSC", plain), all[2:], true},
		"DID with a key alone":     {"who-ddcc", did("-", "DSC", plain), all[1:2], true},
		"one of two is unreadable": {"eu-dcc", toJSON(t, []any{object{"kid": "AAAA", "rawData": "AAAA"}, entry}), all[:1], false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if _, err := trust.Import(dir, c.folder, "list.json", c.data, noon); err != nil {
				t.Fatal(err)
			}
			s := load(t, dir)
			for _, family := range all {
				want := 0
				for _, f := range c.families {
					if f == family {
						want = 1
					}
				}
				keys := s.Keys(family, "", kid)
				if len(keys) != want {
					t.Fatalf("%s: %d keys, want %d", family, len(keys), want)
				}
				if want == 0 {
					continue
				}
				k := keys[0]
				if public, ok := k.Public.(*ecdsa.PublicKey); !ok || !public.Equal(&key.PublicKey) || k.Country != "VN" {
					t.Errorf("%+v", k)
				}
				if !c.bare && (len(k.Usage) != 1 || k.Usage[0] != "1.3.6.1.4.1.1847.2021.1.2" || !k.NotBefore.Equal(noon.AddDate(-1, 0, 0))) {
					t.Errorf("%+v", k)
				}
			}
			if s.Version() != "20220101T120000Z" || !s.At().Equal(noon) {
				t.Errorf("%s %s", s.Version(), s.At())
			}
		})
	}
	if _, err := trust.Import(t.TempDir(), "gdhcn", "sca.json", did("-", "SCA", chain), noon); err == nil {
		t.Error("the key of a signer's authority is taken for a signer's")
	}
}

func TestOtherFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key := newKey(t)
	der := certify(t, key, "VN")
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	x, y := key.X.FillBytes(make([]byte, 32)), key.Y.FillBytes(make([]byte, 32))
	jwk := object{"kty": "EC", "crv": "P-256", "kid": "abcdefghijk", "use": "sig",
		"x": base64.RawURLEncoding.EncodeToString(x), "y": base64.RawURLEncoding.EncodeToString(y)}
	did := "did:web:pass.example"
	method := func(name string) object {
		return object{"id": did + "#" + name, "type": "JsonWebKey2020", "publicKeyJwk": jwk}
	}
	for folder, content := range map[string]any{
		"shc": []any{
			object{"issuerInfo": []any{object{"issuer": object{"iss": "https://one.example"}, "keys": []any{jwk}}}},
			object{"iss": "https://two.example", "keys": []any{jwk, object{"kty": "OKP"}}},
		},
		"nzcp": []any{object{"id": did, "verificationMethod": []any{method("key-1"), method("old")}, "assertionMethod": []string{did + "#key-1"}}},
		"pass": []any{[]owncode.KeyEntry{{Issuer: "30", Families: []credential.FamilyID{credential.Badge, credential.Slip}, Key: spki}}},
	} {
		for i, c := range content.([]any) {
			if _, err := trust.Import(dir, folder, fmt.Sprint(i, ".json"), toJSON(t, c), noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := trust.Import(dir, "vds-nc", "csca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), noon); err != nil {
		t.Fatal(err)
	}
	list := trust.Kiosks{
		Kiosks:  []trust.Kiosk{{Name: "tu-ky-03", Keys: []trust.KioskKey{{Public: spki}}}},
		Signing: []trust.SigningKey{{Use: "sheet", Issuer: "30", Public: spki}, {Use: "of another version", Issuer: "30", Public: spki}},
	}
	if err := os.WriteFile(dir+"/kiosks.json", toJSON(t, list), 0o600); err != nil {
		t.Fatal(err)
	}
	s := load(t, dir)
	kid, _ := owncode.KeyID(&key.PublicKey)
	for _, c := range []struct {
		family credential.FamilyID
		issuer string
		id     string
		want   int
	}{
		{credential.SHC, "https://one.example", "abcdefghijk", 1},
		{credential.SHC, "https://two.example", "abcdefghijk", 1},
		{credential.SHC, "https://three.example", "abcdefghijk", 0},
		{credential.SHC, "", "abcdefghijk", 2},
		{credential.NZCP, did, "key-1", 1},
		{credential.NZCP, did, "old", 0},
		{credential.NZCP, "did:web:other.example", "key-1", 0},
		{credential.Slip, "tu-ky-03", string(kid), 1},
		{credential.Slip, "tu-ky-04", string(kid), 0},
		{credential.Result, "tu-ky-03", string(kid), 1},
		{credential.Badge, "tu-ky-03", string(kid), 0},
		{credential.Badge, "30", string(kid), 1},
		{credential.Slip, "30", string(kid), 1},
		{credential.Sheet, "30", string(kid), 1},
	} {
		if keys := s.Keys(c.family, c.issuer, []byte(c.id)); len(keys) != c.want {
			t.Errorf("%s of %s: %d keys, want %d", c.family, c.issuer, len(keys), c.want)
		}
	}
	if s.Skipped() != 1 {
		t.Errorf("%d skipped, want the key of an unknown type", s.Skipped())
	}
	if n := len(s.List()); n != 9 {
		t.Errorf("%d keys listed: %+v", n, s.List())
	}
}

func TestWhatIsNotImported(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der := certify(t, rsaKey, "VN")
	for name, c := range map[string]struct{ folder, name, data string }{
		"an unknown folder":     {"x", "a.json", "[]"},
		"a path":                {"eu-dcc", "../a.json", string(der)},
		"nothing":               {"eu-dcc", "a.json", ""},
		"no list":               {"eu-dcc", "a.json", `"text"`},
		"an empty list":         {"eu-dcc", "a.json", `[]`},
		"no certificate":        {"eu-dcc", "a.json", `{"AAAA":7}`},
		"no issuer":             {"shc", "a.json", `{"keys":[]}`},
		"no DID":                {"nzcp", "a.json", `{}`},
		"text for certificates": {"vds-nc", "a.pem", "text"},
		"an RSA key of a pass":  {"pass", "a.json", `[{"issuer":"30","families":["slip"],"key":"` + b64(der) + `"}]`},
	} {
		if _, err := trust.Import(t.TempDir(), c.folder, c.name, []byte(c.data), noon); err == nil {
			t.Errorf("%s is imported", name)
		}
	}
	dir := t.TempDir()
	_ = os.MkdirAll(dir+"/trust/eu-dcc", 0o700)
	_ = os.WriteFile(dir+"/trust/eu-dcc/a.json", []byte("{"), 0o600)
	if _, err := trust.Load(os.DirFS(dir)); err == nil || !strings.Contains(err.Error(), "a.json") {
		t.Errorf("a broken file: %v", err)
	}
	if s, err := trust.Load(os.DirFS(t.TempDir())); err != nil || !s.At().IsZero() || s.Keys(credential.EUDCC, "", nil) != nil {
		t.Errorf("an empty directory: %v", err)
	}
}

// TestANationalList loads the trust list that the certificates of the public
// suite make: RSA and EC, with usages and without.
func TestANationalList(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "hcert/dgc-testdata")
	list := []object{}
	kids := map[string][]byte{}
	for _, name := range suite.Files(t, folder, "*.json") {
		var c struct {
			Context struct {
				Certificate []byte `json:"CERTIFICATE"`
			} `json:"TESTCTX"`
		}
		data := []byte(strings.TrimPrefix(string(suite.Read(t, folder, name)), "\uFEFF"))
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		kid := hcert.KeyID(c.Context.Certificate)
		if kids[string(kid)] == nil {
			kids[string(kid)] = kid
			list = append(list, object{"kid": b64(kid), "rawData": b64(c.Context.Certificate)})
		}
	}
	dir := t.TempDir()
	summary, err := trust.Import(dir, "eu-dcc", "all.json", toJSON(t, list), noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d certificates: %+v", len(list), summary)
	s := load(t, dir)
	missing := 0
	for _, kid := range kids {
		if len(s.Keys(credential.EUDCC, "", kid)) != 1 {
			missing++
		}
	}
	if missing != summary.Skipped {
		t.Errorf("%d are missing, %d were skipped", missing, summary.Skipped)
	}
}

func uvci(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:16]
}
