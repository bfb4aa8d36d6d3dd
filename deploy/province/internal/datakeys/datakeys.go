// Package datakeys encrypts at rest what names a person.
//
// Bodies are encrypted with AES-256-GCM under a key of their day of arrival. A
// day's key lies in the database, wrapped by the master key, which does not
// (file data.pem of package keys). When the retention of a day is over its key
// is deleted: what is left of the day in dead rows, a WAL archive or a replica is
// unreadable then. A backup of the database has both the bodies and the wrapped
// keys of its time: whoever has it and the master key can read it, so a backup must
// not be kept longer than the retention.
//
// What must be found by its exact value (an identity number, a phone, a tube) is
// also kept as a keyed hash, see [Keyring.Hash].
package datakeys

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Keyring encrypts and decrypts. It is safe for concurrent use.
type Keyring struct {
	d      *bun.DB
	master cipher.AEAD
	macs   sync.Pool // of hash.Hash under the key of look-ups: keying one costs more than a value does
	print  string

	mu   sync.Mutex
	days map[db.Day]cipher.AEAD
}

// ErrGone means that the key of a day was deleted: its retention is over.
var ErrGone = errors.New("the key of that day was deleted")

// cached bounds how many days' keys are held in memory.
const cached = 64

// New returns a keyring under the 32-byte master key.
func New(d *bun.DB, master []byte) (*Keyring, error) {
	derive := func(what string) ([]byte, error) { return hkdf.Key(sha256.New, master, nil, "chot "+what, 32) }
	wrap, err := derive("data key")
	if err != nil {
		return nil, fmt.Errorf("deriving the data key: %w", err)
	}
	lookup, err := derive("lookup key")
	if err != nil {
		return nil, fmt.Errorf("deriving the lookup key: %w", err)
	}
	print, err := derive("fingerprint")
	if err != nil {
		return nil, fmt.Errorf("deriving the data key's fingerprint: %w", err)
	}
	box, err := gcm(wrap)
	if err != nil {
		return nil, err
	}
	return &Keyring{
		d: d, master: box, print: fmt.Sprintf("%x", print[:8]), days: map[db.Day]cipher.AEAD{},
		macs: sync.Pool{New: func() any { return hmac.New(sha256.New, lookup) }},
	}, nil
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Fingerprint names the master key without giving it away.
func (v *Keyring) Fingerprint() string { return v.print }

// Hash is the keyed hash under which a value is looked up. Fields are separate
// worlds: the same number as a phone and as a document has two hashes.
func (v *Keyring) Hash(field, value string) []byte {
	mac := v.macs.Get().(hash.Hash)
	defer v.macs.Put(mac)
	mac.Reset()
	io.WriteString(mac, field)
	mac.Write([]byte{0})
	io.WriteString(mac, value)
	return mac.Sum(nil)[:16]
}

// Box encrypts what belongs to one day.
type Box struct {
	aead cipher.AEAD
	Day  db.Day
}

// Day returns the box of a day, whose key is made if it does not exist yet.
func (v *Keyring) Day(ctx context.Context, day db.Day) (Box, error) { return v.box(ctx, day, true) }

func (v *Keyring) box(ctx context.Context, day db.Day, create bool) (Box, error) {
	v.mu.Lock()
	aead, ok := v.days[day]
	v.mu.Unlock()
	if ok {
		return Box{aead, day}, nil
	}
	aead, err := v.unwrap(ctx, day)
	if errors.Is(err, sql.ErrNoRows) {
		if !create {
			return Box{}, ErrGone
		}
		if err = v.create(ctx, day); err == nil {
			aead, err = v.unwrap(ctx, day)
		}
	}
	if err != nil {
		return Box{}, fmt.Errorf("getting the data key of day %d: %w", day, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.days) >= cached {
		clear(v.days)
	}
	v.days[day] = aead
	return Box{aead, day}, nil
}

func (v *Keyring) unwrap(ctx context.Context, day db.Day) (cipher.AEAD, error) {
	row := db.DataKey{Day: day}
	if err := v.d.NewSelect().Model(&row).WherePK().Scan(ctx); err != nil {
		return nil, err
	}
	key, err := v.master.Open(nil, nil, row.Wrapped, dayData(day))
	if err != nil {
		return nil, errors.New("it was wrapped by another master key")
	}
	return gcm(key)
}

// create writes a new key unless another instance was faster.
func (v *Keyring) create(ctx context.Context, day db.Day) error {
	key := make([]byte, 32)
	rand.Read(key)
	row := &db.DataKey{Day: day, Wrapped: v.master.Seal(nil, nil, key, dayData(day))}
	_, err := v.d.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

// Forget deletes the key of a day.
func (v *Keyring) Forget(ctx context.Context, tx bun.IDB, day db.Day) error {
	if _, err := tx.NewDelete().Model(&db.DataKey{Day: day}).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("deleting the data key of day %d: %w", day, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.days, day)
	return nil
}

func dayData(day db.Day) []byte {
	return binary.BigEndian.AppendUint32([]byte("day"), uint32(day))
}

// Overhead is by how much Seal's result is longer than what it encrypts, in bytes:
// the nonce and the tag.
const Overhead = 12 + 16

// Seal encrypts; the associated data says what the body belongs to.
func (b Box) Seal(plain, associated []byte) []byte { return b.AppendSeal(nil, plain, associated) }

// AppendSeal is Seal, appended to dst.
func (b Box) AppendSeal(dst, plain, associated []byte) []byte {
	return b.aead.Seal(dst, nil, plain, associated)
}

// Open decrypts what Seal wrote on a day. The error is [ErrGone] where its key was deleted.
func (v *Keyring) Open(ctx context.Context, day db.Day, body, associated []byte) ([]byte, error) {
	box, err := v.box(ctx, day, false)
	if err != nil {
		return nil, err
	}
	plain, err := box.aead.Open(nil, nil, body, associated)
	if err != nil {
		return nil, fmt.Errorf("decrypting a body of day %d: %w", day, err)
	}
	return plain, nil
}

// EntryData is the associated data of an entry's body.
func EntryData(journal []byte, number int64) []byte { return AppendEntryData(nil, journal, number) }

// AppendEntryData is EntryData, appended to dst.
func AppendEntryData(dst, journal []byte, number int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, journal...), uint64(number))
}
