package nzcp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
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

// expected is what a text is, found by other means than ours with the keys of the
// specification's DID document.
func expected(t *testing.T, folder, text string) credential.Standing {
	t.Helper()
	encoded, ok := strings.CutPrefix(text, "NZCP:/1/")
	if !ok {
		return credential.Unreadable
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(encoded)
	if err != nil {
		return credential.Unreadable
	}
	var message struct {
		_           struct{} `cbor:",toarray"`
		Protected   []byte
		Unprotected map[int]any
		Payload     []byte
		Signature   []byte
	}
	var head map[int]any
	var claims map[any]any
	if cbor.Unmarshal(raw, &message) != nil || cbor.Unmarshal(message.Protected, &head) != nil || cbor.Unmarshal(message.Payload, &claims) != nil {
		return credential.Unreadable
	}
	var did struct {
		ID      string `json:"id"`
		Methods []struct {
			ID  string                `json:"id"`
			Key struct{ X, Y string } `json:"publicKeyJwk"`
		} `json:"verificationMethod"`
	}
	if err := json.Unmarshal(suite.Read(t, folder, "did.json"), &did); err != nil {
		t.Fatal(err)
	}
	kid, _ := head[4].([]byte)
	for _, method := range did.Methods {
		if claims[uint64(1)] != did.ID || method.ID != did.ID+"#"+string(kid) {
			continue
		}
		x, errX := base64.RawURLEncoding.DecodeString(method.Key.X)
		y, errY := base64.RawURLEncoding.DecodeString(method.Key.Y)
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		signed, errS := cbor.Marshal([]any{"Signature1", message.Protected, []byte{}, message.Payload})
		if err := errors.Join(errX, errY, err, errS); err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256(signed)
		if len(message.Signature) == 64 && ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(message.Signature[:32]), new(big.Int).SetBytes(message.Signature[32:])) {
			return credential.Signed
		}
		return credential.Forged
	}
	return credential.UnknownIssuer
}

// TestTheSpecificationsExamples holds each example against what other means make of
// its signature and of its times.
func TestTheSpecificationsExamples(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "nzcp")
	keys := official(t, folder)
	var table suite.Table
	for _, name := range suite.Files(t, folder, "*.txt") {
		text := strings.TrimSpace(string(suite.Read(t, folder, name)))
		want := expected(t, folder, text)
		c, err := nzcp.Family.Read(text, keys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		ok := c.Standing == want
		switch want {
		case credential.Signed:
			ok = ok && c.Holder.Name != "" && c.ID != "" && c.NotBefore.Before(c.NotAfter)
		case credential.Forged, credential.Unreadable:
			ok = ok && c.Holder == credential.Holder{}
		}
		table.Score("pass", name, ok, fmt.Sprintf("%v %q, want %v", c.Standing, c.Problem, want), "")
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
