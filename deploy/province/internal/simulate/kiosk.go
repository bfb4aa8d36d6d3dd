// Package simulate makes kiosks for tests and for the load generator: journals
// in memory, sealed and signed by the description in packages store and
// store/wire, in thousands.
package simulate

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/crypto/chacha20poly1305"

	"chot/kiosk/record"
	"chot/store"
	"chot/store/wire"
)

// Kiosk is a simulated kiosk.
type Kiosk struct {
	Name    string
	Key     *ecdsa.PrivateKey
	Journal store.ID
	Seal    hpke.PublicKey
	Entries []store.Entry

	box cipher.AEAD
}

// New returns a kiosk with an empty journal.
func New(name string, key *ecdsa.PrivateKey, seal hpke.PublicKey) *Kiosk {
	k := &Kiosk{Name: name, Key: key, Seal: seal}
	rand.Read(k.Journal[:])
	return k
}

var canonical = func() cbor.EncMode {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

func encode(v any) []byte {
	b, err := canonical.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// Segment begins a new segment, as a kiosk does after each start.
func (k *Kiosk) Segment(at time.Time) error {
	enc, sender, err := hpke.NewSender(k.Seal, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), encode([]any{"chot segment 1", k.Name, k.Journal[:]}))
	if err != nil {
		return fmt.Errorf("beginning a segment: %w", err)
	}
	secret, err := sender.Export("chot entries", chacha20poly1305.KeySize)
	if err != nil {
		return fmt.Errorf("beginning a segment: %w", err)
	}
	if k.box, err = chacha20poly1305.New(secret); err != nil {
		return fmt.Errorf("beginning a segment: %w", err)
	}
	id := sha256.Sum256(k.Seal.Bytes())
	k.append(at, store.KindSegment, encode(map[int][]byte{1: id[:8], 2: enc}))
	return nil
}

// Add appends a record.
func (k *Kiosk) Add(at time.Time, body record.Body) error {
	payload, err := record.Encode(body)
	if err != nil {
		return err
	}
	return k.AddRaw(at, uint8(body.Kind()), payload)
}

// AddRaw appends any payload under any kind but that of segments.
func (k *Kiosk) AddRaw(at time.Time, kind uint8, payload []byte) error {
	return k.AddPacked(at, kind, append([]byte{0}, payload...)) // packed as it is
}

// AddPacked appends what the journal would seal, see package store.
func (k *Kiosk) AddPacked(at time.Time, kind uint8, plain []byte) error {
	if k.box == nil {
		if err := k.Segment(at); err != nil {
			return err
		}
	}
	number := uint64(len(k.Entries) + 1)
	var nonce [chacha20poly1305.NonceSize]byte
	binary.BigEndian.PutUint64(nonce[4:], number)
	k.append(at, kind, k.box.Seal(nil, nonce[:], plain, encode([]any{k.Name, k.Journal[:], number, at.UnixMilli(), kind})))
	return nil
}

func (k *Kiosk) append(at time.Time, kind uint8, sealed []byte) {
	e := store.Entry{
		Number: uint64(len(k.Entries) + 1), Time: at.UTC().Truncate(time.Millisecond), Kind: kind,
		Prev: store.Genesis(k.Name, k.Journal), Digest: sha256.Sum256(sealed), Sealed: sealed,
	}
	if n := len(k.Entries); n > 0 {
		e.Prev = k.Entries[n-1].Hash()
	}
	k.Entries = append(k.Entries, e)
}

// Batch returns the bytes of a signed batch of the entries from first to last,
// by number.
func (k *Kiosk) Batch(first, last int, made time.Time) ([]byte, error) {
	b := wire.Batch{Kiosk: k.Name, Journal: k.Journal, Made: made.UTC().Truncate(time.Millisecond), Entries: k.Entries[first-1 : last]}
	return b.Encode(k.Key, rand.Reader)
}

// Send posts a batch and returns the receipt, or the province's error as [*wire.Error].
func Send(ctx context.Context, client *http.Client, server string, batch []byte) (*wire.Receipt, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server+wire.PathBatches, bytes.NewReader(batch))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", wire.ContentType)
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		refused, err := wire.DecodeError(body)
		if err != nil {
			return nil, fmt.Errorf("the province answered %s: %w", answer.Status, err)
		}
		return nil, refused
	}
	return wire.DecodeReceipt(body)
}
