package nzcp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/credential/cose"
	"chot/kiosk/credential/nzcp"
	"chot/kiosk/internal/suite"
	"chot/kiosk/trust"

	"github.com/fxamacker/cbor/v2"
)

// official is a store with the keys of the specification's DID document.
func official(t *testing.T, folder string) *trust.Store {
	t.Helper()
	dir := t.TempDir()
	if _, err := trust.Import(dir, "nzcp", "did.json", suite.Read(t, folder, "did.json"), time.Now()); err != nil {
		t.Fatal(err)
	}
	s, err := trust.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTheSpecificationsExamples: what is bad about an example its name says.
func TestTheSpecificationsExamples(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "nzcp")
	keys := official(t, folder)
	at := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	bad := map[string]credential.Problem{"bad-public-key": credential.BadSignature, "modified-payload": credential.BadSignature, "modified-signature": credential.BadSignature}
	var table suite.Table
	for _, name := range suite.Files(t, folder, "*.txt") {
		text := strings.TrimSpace(string(suite.Read(t, folder, name)))
		c, err := nzcp.Family.Read(text, keys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		kind := strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(name, "nzcp"), ".txt"), "-")
		problem, wrong := bad[kind]
		ok := c.Standing == credential.Signed && c.Holder.Name != "" && c.ID != ""
		if wrong {
			ok = c.Standing == credential.Forged && c.Problem == problem && c.Holder.Name == ""
		}
		inTime := !at.Before(c.NotBefore) && !at.After(c.NotAfter)
		switch {
		case strings.Contains(kind, "expired"):
			ok = ok && at.After(c.NotAfter)
		case strings.Contains(kind, "not-active"):
			ok = ok && at.Before(c.NotBefore)
		case !wrong:
			ok = ok && inTime
		}
		table.Score("nzcp", name, ok, string(c.Problem), "")
	}
	table.Report(t)
}

type m = map[any]any

const did = "did:web:pass.example"

func pass(t testing.TB, key *ecdsa.PrivateKey, change func(claims, vc m)) string {
	t.Helper()
	vc := m{
		"@context": []string{"https://www.w3.org/2018/credentials/v1"}, "version": "1.0.0",
		"type":              []string{"VerifiableCredential", "PublicCovidPass"},
		"credentialSubject": m{"givenName": "Thị Thử", "familyName": "Nguyễn", "dob": "1990-02-05"},
	}
	claims := m{1: did, 4: 1700000000, 5: 1600000000, 7: []byte("0123456789abcdef"), "vc": vc}
	change(claims, vc)
	payload, err := cbor.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	message, err := cose.Sign(rand.Reader, key, []byte("key-1"), payload)
	if err != nil {
		t.Fatal(err)
	}
	return "NZCP:/1/" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(message)
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func trusting(key *ecdsa.PrivateKey) suite.Ring {
	return suite.Ring{{Family: credential.NZCP, Issuer: did, ID: []byte("key-1"), Public: &key.PublicKey}}
}

func TestPasses(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	good := pass(t, key, func(_, _ m) {})
	c, err := nzcp.Family.Read(good, trusting(key))
	if err != nil || c.Standing != credential.Signed || c.ID != "urn:uuid:30313233-3435-3637-3839-616263646566" {
		t.Fatalf("%v %q %q, %v", c.Standing, c.Problem, c.ID, err)
	}
	if c.Holder.Name != "Thị Thử Nguyễn" || c.Holder.Birth != (credential.Date{Year: 1990, Month: 2, Day: 5}) || c.NotAfter.Unix() != 1700000000 {
		t.Errorf("%+v", c)
	}
	old := trusting(key)
	old[0].NotAfter = time.Unix(1500000000, 0)
	for name, c := range map[string]struct {
		text     string
		keys     credential.Keyring
		standing credential.Standing
		problem  credential.Problem
	}{
		"no keys":          {good, nil, credential.UnknownIssuer, credential.UnknownKey},
		"another issuer":   {pass(t, key, func(c, _ m) { c[1] = "did:web:other.example" }), trusting(key), credential.UnknownIssuer, credential.UnknownKey},
		"an expired key":   {good, old, credential.UnknownIssuer, credential.ExpiredKey},
		"another key":      {good, trusting(newKey(t)), credential.Forged, credential.BadSignature},
		"padded":           {good + "===", trusting(key), credential.Signed, ""},
		"no expiry":        {pass(t, key, func(c, _ m) { delete(c, 4) }), trusting(key), credential.Unreadable, credential.Malformed},
		"no identifier":    {pass(t, key, func(c, _ m) { delete(c, 7) }), trusting(key), credential.Unreadable, credential.Malformed},
		"no content":       {pass(t, key, func(c, _ m) { delete(c, "vc") }), trusting(key), credential.Unreadable, credential.Malformed},
		"something else":   {pass(t, key, func(_, vc m) { vc["type"] = []string{"VerifiableCredential"} }), trusting(key), credential.Unreadable, credential.Malformed},
		"another version":  {"NZCP:/2/" + good[8:], trusting(key), credential.Unreadable, credential.Malformed},
		"the prefix alone": {"NZCP:/1/", trusting(key), credential.Unreadable, credential.Malformed},
		"lower case":       {"NZCP:/1/" + strings.ToLower(good[8:]), trusting(key), credential.Unreadable, credential.Malformed},
	} {
		got, err := nzcp.Family.Read(c.text, c.keys)
		if err != nil || got.Standing != c.standing || got.Problem != c.problem {
			t.Errorf("%s: %v %q, %v", name, got.Standing, got.Problem, err)
		}
	}
	if _, err := nzcp.Family.Read("HC1:", nil); !errors.Is(err, credential.ErrNotRecognised) {
		t.Error(err)
	}
}

// FuzzRead holds that no text is taken for signed with a key that did not sign it.
func FuzzRead(f *testing.F) {
	key := newKey(f)
	f.Add(pass(f, key, func(_, _ m) {}))
	f.Add("NZCP:/1/2KCE")
	keys := trusting(newKey(f))
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := nzcp.Family.Read(text, keys); err == nil && c.Standing == credential.Signed {
			t.Fatalf("%q is taken for signed", text)
		}
	})
}
