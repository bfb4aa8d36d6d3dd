package intake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/store"
	"chot/store/wire"
)

// vectorsDir holds the wire format's examples, which the kiosk's side runs too.
const vectorsDir = "../../../../store/wire/testdata/vectors"

func vectorPublicKey(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectorsDir, name))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	return block.Bytes
}

// The province takes each batch of the wire format's examples that is valid, and
// refuses each other one with the code that the example names.
func TestBatchesOfTheWireFormatsExamples(t *testing.T) {
	t.Parallel()
	var vectors []struct {
		Name, Data, Outcome, Kiosk, Journal, Hash string
		Number                                    uint64
	}
	data, err := os.ReadFile(filepath.Join(vectorsDir, "batches.json"))
	if err == nil {
		err = json.Unmarshal(data, &vectors)
	}
	if err != nil {
		t.Fatal(err)
	}
	public := vectorPublicKey(t, "kiosk.pem")
	key, err := x509.ParsePKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	valid := 0
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "province.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			keys, err := datakeys.New(d, make([]byte, 32))
			if err != nil {
				t.Fatal(err)
			}
			seal, err := hpke.MLKEM768X25519().GenerateKey()
			if err != nil {
				t.Fatal(err)
			}
			signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			now := time.UnixMilli(1772452800000).Add(time.Hour)
			in := New(Options{
				DB: d, Keys: keys, Opener: store.NewOpener(seal), Signer: signer, Committed: func() {},
				Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
			})
			defer in.Close()
			// The second kiosk's key is another one: what claims to be from it
			// must not be taken by the first one's signature.
			kiosks := []db.Kiosk{{ID: "cho-tu-ky-1", Made: db.At(now)}, {ID: "cho-tu-ky-2", Made: db.At(now)}, {ID: strings.Repeat("k", wire.MaxKiosk), Made: db.At(now)}, {ID: "k", Made: db.At(now)}}
			certificates := []db.Certificate{
				{Serial: "01", Kiosk: "cho-tu-ky-1", Public: public, DER: []byte{}, NotAfter: db.At(now.Add(time.Hour))},
				{Serial: "03", Kiosk: strings.Repeat("k", wire.MaxKiosk), Public: public, DER: []byte{}, NotAfter: db.At(now.Add(time.Hour))},
				{Serial: "04", Kiosk: "k", Public: public, DER: []byte{}, NotAfter: db.At(now.Add(time.Hour))},
				{Serial: "02", Kiosk: "cho-tu-ky-2", Public: vectorPublicKey(t, "province.pem"), DER: []byte{}, NotAfter: db.At(now.Add(time.Hour))},
			}
			if _, err := d.NewInsert().Model(&kiosks).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := d.NewInsert().Model(&certificates).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			batch, err := hex.DecodeString(v.Data)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := in.Take(t.Context(), Carrier{Kiosk: kiosks[0], Key: key.(*ecdsa.PublicKey)}, batch)
			held, countErr := d.NewSelect().Model((*db.Entry)(nil)).Count(t.Context())
			if countErr != nil {
				t.Fatal(countErr)
			}
			var refused *wire.Error
			switch {
			case v.Outcome == "valid" && err == nil:
				valid++
				r, err := wire.DecodeReceipt(raw)
				if err == nil {
					err = r.Verify([]*ecdsa.PublicKey{&signer.PublicKey})
				}
				if err != nil || r.Kiosk != v.Kiosk || r.Journal.String() != v.Journal || r.Held.Number != v.Number || r.Held.Hash.String() != v.Hash {
					t.Errorf("the receipt is %+v: %v", r, err)
				}
			case v.Outcome == "valid":
				// The only valid one whose beginning is missing here.
				if v.Name != "the second and third entry alone" || !errors.As(err, &refused) || refused.Code != wire.Gap || held != 0 {
					t.Errorf("it is not taken: %v; %d entries are held", err, held)
				}
			case !errors.As(err, &refused) || string(refused.Code) != v.Outcome || held != 0:
				t.Errorf("%v, not %s; %d entries are held", err, v.Outcome, held)
			}
		})
	}
	if valid != 5 {
		t.Errorf("%d examples were taken, not 5", valid)
	}
}
