package forward_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"chot/store"
	"chot/store/forward"
	"chot/store/wire"
)

// vector is one of the wire format's examples, which the province's side runs too.
type vector struct{ Name, Data, Outcome, Kiosk string }

func readVectors(t *testing.T, name string) (vectors []vector) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "wire", "testdata", "vectors", name))
	if err == nil {
		err = json.Unmarshal(data, &vectors)
	}
	if err != nil {
		t.Fatal(err)
	}
	return vectors
}

func vectorKeys(t *testing.T) []*ecdsa.PublicKey {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "wire", "testdata", "vectors", "province.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return []*ecdsa.PublicKey{key.(*ecdsa.PublicKey)}
}

// No example of a receipt makes a kiosk believe that the province holds anything:
// the valid one is of a journal that it does not have, and the others must not
// even get that far. So says the same message over the network and in a file.
func TestReceiptsOfTheWireFormatsExamples(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t, "receipts.json") {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			raw, err := hex.DecodeString(v.Data)
			if err != nil {
				t.Fatal(err)
			}
			p := newProvince(t)
			p.lying(func(*wire.Batch) []byte { return raw })
			k := newKiosk(t, p, kioskName)
			k.append(t, 0, 3)
			want := map[string]string{"valid": store.ErrUnknown.Error(), "malformed": "reading a receipt", "signature": wire.ErrSignature.Error()}[v.Outcome]

			dir := memoryDir(t)
			if err := os.WriteFile(filepath.Join(dir, "x.receipt"), raw, 0o600); err != nil {
				t.Fatal(err)
			}
			n, err := forward.Collect(t.Context(), k.j, vectorKeys(t), farAway, dir)
			// One for a neighbour is left to the neighbour.
			neighbours := v.Name == "another kiosk" || v.Outcome == "valid" && v.Kiosk != kioskName
			if n != 0 || !neighbours && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("in a file: %d receipts, %v, not %s", n, err, want)
			}

			o := k.options(p, connect(t, p))
			o.Keys = func() []*ecdsa.PublicKey { return vectorKeys(t) }
			f, err := forward.New(o)
			if err != nil {
				t.Fatal(err)
			}
			f.Hurry()
			problem := forward.BadReceipt
			if v.Outcome == "malformed" {
				problem = forward.Unreachable
			}
			until(t, f, "the problem", func() bool { return f.Health().Problem == problem })
			if st := k.status(t); st.Covered.Number != 0 {
				t.Errorf("entries up to %d count as held", st.Covered.Number)
			}
		})
	}
}

// A batch that came some other way is taken into the spool if it is well formed:
// whether the neighbour signed it is for the province to find out.
func TestBatchesOfTheWireFormatsExamples(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t, "batches.json") {
		raw, err := hex.DecodeString(v.Data)
		if err != nil {
			t.Fatal(err)
		}
		dir := memoryDir(t)
		receipt, err := forward.Accept(dir, raw)
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		if wellFormed := v.Outcome != "malformed"; receipt || (err == nil) != wellFormed || (len(files) == 1) != wellFormed {
			t.Errorf("%s: receipt %t, %d files, %v", v.Name, receipt, len(files), err)
		}
		for _, file := range files {
			if got, _ := os.ReadFile(file); !bytes.Equal(got, raw) {
				t.Errorf("%s: %s holds something else", v.Name, filepath.Base(file))
			}
		}
	}
}

// An erasure order is carried out only if the province signed it.
func TestErasuresOfTheWireFormatsExamples(t *testing.T) {
	t.Parallel()
	var raws [][]byte
	for _, v := range readVectors(t, "erasures.json") {
		raw, err := hex.DecodeString(v.Data)
		if err != nil {
			t.Fatal(err)
		}
		raws = append(raws, raw)
	}
	p := newProvince(t)
	p.orders = raws
	k := newKiosk(t, p, kioskName)
	k.append(t, 0, 10)
	var obeyed atomic.Int32
	o := k.options(p, connect(t, p))
	// Receipts are signed by the province of the test, orders by the examples'.
	o.Keys = func() []*ecdsa.PublicKey { return append(vectorKeys(t), p.keys()...) }
	o.Erased = func(order *wire.Erasure, raw []byte) (uint8, []byte) {
		obeyed.Add(1)
		return forward.KindErasure, raw
	}
	f, err := forward.New(o)
	if err != nil {
		t.Fatal(err)
	}
	f.Hurry()
	until(t, f, "the orders", func() bool { return obeyed.Load() > 0 })
	if n := obeyed.Load(); n != 1 { // the valid one; its journal is not here, so nothing is erased
		t.Errorf("%d orders count as the province's, not 1", n)
	}
}
