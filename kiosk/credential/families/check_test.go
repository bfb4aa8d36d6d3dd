package families_test

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
	"fmt"
	"math/big"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/hcert"
	"chot/kiosk/internal/suite"
	"chot/kiosk/policy"
	"chot/kiosk/trust"
)

// gate is a checkpoint with all that a check needs: trusted keys, a hundred
// thousand revocations, the business rules of one country and their value sets.
type gate struct {
	store *trust.Store
	set   *policy.RuleSet
	now   time.Time
	kid   []byte
	text  string // a certificate that passes
	bare  func() // a bare verification with the same kind of key
	rules int
}

func newGate(t testing.TB, key crypto.Signer) *gate {
	t.Helper()
	g := &gate{now: time.Date(2022, 2, 1, 12, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	usage := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Country: []string{"DE"}}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{usage},
		NotBefore: g.now.AddDate(-1, 0, 0), NotAfter: g.now.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	fail(t, err)
	_, err = trust.Import(dir, "eu-dcc", "signer.der", der, g.now)
	fail(t, err)
	_, err = trust.ImportRevocations(dir, "random", [][]byte{revocations(100_000, hcert.KeyID(der))}, g.now)
	fail(t, err)
	g.store, err = trust.Load(os.DirFS(dir))
	fail(t, err)
	g.copyRules(t, dir)
	g.set, err = policy.Load(os.DirFS(dir))
	fail(t, err)
	g.kid = hcert.KeyID(der)
	issuer := hcert.Issuer{Country: "DE", Key: key, KeyID: g.kid}
	g.text, err = issuer.Sign(rand.Reader, hcert.DCC, map[string]any{
		"ver": "1.3.0", "dob": "1964-08-12",
		"nam": map[string]any{"fn": "Mustermann", "fnt": "MUSTERMANN", "gn": "Erika", "gnt": "ERIKA"},
		"v": []any{map[string]any{
			"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2, "dt": "2021-11-20",
			"co": "DE", "is": "Robert Koch-Institut", "ci": "URN:UVCI:01DE/IZ12345A/5CWLU12RNOB9RXSEOP6FG8#W",
		}},
	}, g.now.AddDate(0, -2, 0), g.now.AddDate(0, 10, 0))
	fail(t, err)
	g.bare = bare(t, key)
	if v := g.check(g.text); v.Level != policy.Green {
		t.Fatalf("the gate is not green: %+v", v)
	}
	return g
}

func fail(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// copyRules takes over the rules of Germany and the value sets, where the public
// suite is there.
func (g *gate) copyRules(t testing.TB, dir string) {
	t.Helper()
	folder := publicdata.Folder(t, "certlogic")
	for _, name := range suite.Files(t, filepath.Join(folder, "rules", "DE"), "rule.json") {
		g.rules++
		put(t, filepath.Join(dir, "rules", fmt.Sprint(g.rules, ".json")), suite.Read(t, folder, "rules", "DE", name))
	}
	for _, name := range suite.Files(t, filepath.Join(folder, "valuesets"), "*.json") {
		put(t, filepath.Join(dir, "valuesets", name), suite.Read(t, folder, "valuesets", name))
	}
	shipped, err := os.ReadFile("../../policy/default.json")
	fail(t, err)
	put(t, filepath.Join(dir, "policy.json"), []byte(strings.Replace(string(shipped), `"country": "VN"`, `"country": "DE"`, 1)))
}

func put(t testing.TB, name string, data []byte) {
	t.Helper()
	fail(t, os.MkdirAll(filepath.Dir(name), 0o700))
	fail(t, os.WriteFile(name, data, 0o600))
}

func revocations(n int, kid []byte) []byte {
	r := mrand.New(mrand.NewPCG(1, 2))
	hashes := make([][]byte, n)
	for i := range hashes {
		sum := sha256.Sum256(fmt.Append(nil, r.Uint64()))
		hashes[i] = sum[:16]
	}
	data, _ := json.Marshal(map[string]any{"kid": base64.StdEncoding.EncodeToString(kid), "hashType": "SIGNATURE", "entries": hashes})
	return data
}

// bare is a verification and nothing else.
func bare(t testing.TB, key crypto.Signer) func() {
	t.Helper()
	digest := sha256.Sum256([]byte("a certificate"))
	switch public := key.Public().(type) {
	case *ecdsa.PublicKey:
		signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		fail(t, err)
		return func() { ecdsa.VerifyASN1(public, digest[:], signature) }
	case *rsa.PublicKey:
		options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
		signature, err := key.Sign(rand.Reader, digest[:], options)
		fail(t, err)
		return func() { _ = rsa.VerifyPSS(public, crypto.SHA256, digest[:], signature, options) }
	}
	t.Fatalf("no bare verification for %T", key)
	return nil
}

// check is what happens at the gate, from the text to the verdict.
func (g *gate) check(text string) policy.Verdict {
	c := families.Read(text, g.store)
	return g.set.Judge(policy.Input{
		Now: g.now, TrustAt: g.now, RulesAt: g.now, TrustVersion: g.store.Version(), Revoked: g.store.Revoked,
	}, &c)
}

func keys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	fail(t, err)
	return map[string]crypto.Signer{"ES256": ec, "PS256": rsaKey}
}

// BenchmarkCheck compares a full check with a bare verification. The two take
// turns of a few, and the turns that were disturbed least are compared (the
// first decile of each), so that what else the machine does weighs on neither.
func BenchmarkCheck(b *testing.B) {
	for name, key := range keys(b) {
		b.Run(name, func(b *testing.B) {
			g := newGate(b, key)
			var bare, all []float64
			turn := func(f func()) float64 {
				const few = 8
				start := time.Now()
				for range few {
					f()
				}
				return float64(time.Since(start)) / few
			}
			full := func() { g.check(g.text) }
			for b.Loop() {
				bare, all = append(bare, turn(g.bare)), append(all, turn(full))
			}
			slices.Sort(bare)
			slices.Sort(all)
			b.ReportMetric(all[len(all)/10]/bare[len(bare)/10], "×bare")
			b.ReportMetric(all[len(all)/10], "ns/check")
			b.ReportMetric(testing.AllocsPerRun(100, full), "allocs/check")
			b.ReportMetric(float64(g.rules), "rules")
			b.ReportMetric(0, "ns/op")
		})
	}
}
