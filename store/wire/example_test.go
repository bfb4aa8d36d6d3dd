package wire_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"chot/store"
	"chot/store/wire"
)

var write = flag.Bool("write", false, "write the examples of README.md anew")

// examples makes the README's examples with fresh keys.
func examples(t *testing.T) string {
	t.Helper()
	kiosk, province := newKey(t), newKey(t)
	journal := store.ID{0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f}
	at, prev := time.UnixMilli(1772452800000).UTC(), store.Genesis("cho-tu-ky-1", journal)
	var entries []store.Entry
	for i, sealed := range [][]byte{bytes.Repeat([]byte{0xa5}, 20), nil, bytes.Repeat([]byte{0x5a}, 30)} {
		e := store.Entry{Number: uint64(i + 1), Time: at.Add(time.Duration(i*i) * 7 * time.Second), Kind: uint8(i + 1), Prev: prev, Sealed: sealed}
		e.Digest = sha256.Sum256(sealed)
		entries, prev = append(entries, e), e.Hash()
	}
	b := wire.Batch{Kiosk: "cho-tu-ky-1", Journal: journal, Made: at.Add(time.Minute), Entries: entries}
	batch, err := b.Encode(kiosk, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := wire.Receipt{Kiosk: b.Kiosk, Journal: journal, Held: b.Head(), Time: at.Add(2 * time.Minute)}
	receipt, err := r.Encode(province, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	gap := (&wire.Error{Code: wire.Gap, Have: b.Head()}).Encode()
	var s strings.Builder
	for _, k := range []struct {
		name string
		key  *ecdsa.PrivateKey
	}{{"The kiosk's key", kiosk}, {"The province's receipt key", province}} {
		der, err := x509.MarshalPKIXPublicKey(&k.key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&s, "%s:\n\n%s\n", k.name, indent(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))))
	}
	for _, x := range []struct {
		name string
		data []byte
	}{{"A batch of three entries, of which the second is erased", batch}, {"The receipt for it", receipt}, {"The answer to a batch that begins with entry 9", gap}} {
		fmt.Fprintf(&s, "%s:\n\n%s\n", x.name, indent(wrap(hex.EncodeToString(x.data))))
	}
	return s.String()
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ") + "\n"
}

func wrap(s string) string { return regexp.MustCompile(`.{1,76}`).ReplaceAllString(s, "$0\n") }

const heading = "## Examples\n\n"

// The examples are what somebody else checks a client with: they must decode,
// verify and encode again to the same bytes.
func TestReadmeExamplesHold(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, text, _ := strings.Cut(string(readme), heading)
	if *write {
		text = examples(t)
		if err := os.WriteFile("README.md", []byte(before+heading+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var keys []*ecdsa.PublicKey
	for rest := []byte(strings.ReplaceAll(text, "    ", "")); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(*ecdsa.PublicKey))
	}
	var data [][]byte
	for _, block := range regexp.MustCompile(`(?m)(?:^    [0-9a-f]+\n)+`).FindAllString(text, -1) {
		b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "").Replace(block))
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, b)
	}
	if len(keys) != 2 || len(data) != 3 || keys[0].Curve != elliptic.P256() {
		t.Fatalf("%d keys and %d examples", len(keys), len(data))
	}
	b, err := wire.DecodeBatch(data[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Verify(keys[0]); err != nil {
		t.Error(err)
	}
	if len(b.Entries) != 3 || b.Entries[1].Sealed != nil {
		t.Errorf("%d entries, the second is %v", len(b.Entries), b.Entries[1])
	}
	r, err := wire.DecodeReceipt(data[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Verify(keys[1:]); err != nil {
		t.Error(err)
	}
	if r.Held != b.Head() {
		t.Errorf("the receipt is for %v, the batch ends with %v", r.Held, b.Head())
	}
	refused, err := wire.DecodeError(data[2])
	if err != nil || refused.Code != wire.Gap || refused.Have != b.Head() {
		t.Errorf("%v, %v", refused, err)
	}
}
