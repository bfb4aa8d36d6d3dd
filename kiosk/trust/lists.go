package trust

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/keyfile"

	"crypto/sha256"
)

// revocationList is one published list of revoked credentials, of any of the
// three formats that [ImportRevocations] reads. A key that stands in none of them
// is refused: misspelt, it would make a list of nothing.
type revocationList struct {
	KeyID string `json:"kid"`

	// A batch of DCC revocations: SHA-256 truncated to 16 bytes.
	HashType string     `json:"hashType"` // SIGNATURE, UCI or COUNTRYCODEUCI
	Expires  time.Time  `json:"expires"`
	Entries  *[]dccHash `json:"entries"`

	// A card revocation list of SMART Health Cards: rid, or rid.seconds where
	// only cards from before that time are revoked.
	Method string    `json:"method"`
	RIDs   *[]string `json:"rids"`

	// A denylist of single credentials, whoever signed them.
	Denied *[]Denied `json:"denylist"`

	// What batches and card lists have besides, which is not used.
	Country string          `json:"country"`
	Counter json.RawMessage `json:"ctr"`
	BatchID string          `json:"batchId"`
	Date    json.RawMessage `json:"date"`
	Deleted json.RawMessage `json:"deleted"`
}

// Denied names one credential in a denylist.
type Denied struct {
	Family credential.FamilyID `json:"family"`
	ID     string              `json:"id"` // its identifier: UVCI, rid, jti, number of a slip
}

// dccHash is a hash, alone or as the field of an object.
type dccHash []byte

func (h *dccHash) UnmarshalJSON(data []byte) error {
	var object struct {
		Hash keyfile.Base64 `json:"hash"`
	}
	if bytes.HasPrefix(data, []byte("{")) {
		err := json.Unmarshal(data, &object)
		*h = dccHash(object.Hash)
		return err
	}
	return json.Unmarshal(data, (*keyfile.Base64)(h))
}

// dccKinds are the hash types as the identifiers of credentials have them.
var dccKinds = map[string]string{"SIGNATURE": "signature", "UCI": "uvci", "COUNTRYCODEUCI": "country-uvci"}

// deniedKinds are the kinds of identifiers by which lists deny single credentials,
// by family.
var deniedKinds = sync.OnceValue(func() map[credential.FamilyID]string {
	kinds := map[credential.FamilyID]string{}
	for _, f := range families.All() {
		if f.Revocable == "" {
			continue
		}
		for _, id := range f.IDs() {
			kinds[id] = f.Revocable
		}
	}
	return kinds
})

// parseLists reads a file with one list or several.
func parseLists(data []byte) ([]revocationList, error) {
	read := func(into any) error {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		err := dec.Decode(into)
		if err == nil && dec.More() {
			err = errors.New("text follows its end")
		}
		if err != nil {
			return fmt.Errorf("%w: %w", keyfile.ErrFormat, err)
		}
		return nil
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		var lists []revocationList
		if err := read(&lists); err != nil {
			return nil, err
		}
		if len(lists) == 0 {
			return nil, fmt.Errorf("%w: no list in it", keyfile.ErrFormat)
		}
		return lists, nil
	}
	var one revocationList
	if err := read(&one); err != nil {
		return nil, err
	}
	return []revocationList{one}, nil
}

// addTo takes in a list. It is expired where its time is over: then it adds
// nothing.
func (l *revocationList) addTo(b builder, now time.Time) (expired bool, err error) {
	switch {
	case l.HashType != "":
		return l.addHashes(b, now)
	case l.RIDs != nil:
		return false, l.addRIDs(b)
	case l.Denied != nil:
		return false, l.addDenied(b)
	}
	return false, fmt.Errorf("%w: a list has hashType and entries, or rids, or denylist", keyfile.ErrFormat)
}

func (l *revocationList) addDenied(b builder) error {
	for i, d := range *l.Denied {
		kind, known := deniedKinds()[d.Family]
		if !known {
			return fmt.Errorf("%w: denylist.%d.family: %q is not one of %v", keyfile.ErrFormat, i, d.Family, slices.Sorted(maps.Keys(deniedKinds())))
		}
		if d.ID == "" {
			return fmt.Errorf("%w: denylist.%d.id: it is empty", keyfile.ErrFormat, i)
		}
		id := []byte(d.ID)
		if kind == "uvci" {
			sum := sha256.Sum256(id)
			id = sum[:hashLen]
		}
		b.add(kind, "", id, 0)
	}
	return nil
}

func (l *revocationList) addHashes(b builder, now time.Time) (expired bool, err error) {
	kind, known := dccKinds[l.HashType]
	if !known {
		return false, fmt.Errorf("%w: hashType: %q is not one of %v", keyfile.ErrFormat, l.HashType, slices.Sorted(maps.Keys(dccKinds)))
	}
	if l.Entries == nil {
		return false, fmt.Errorf("%w: entries: they are missing", keyfile.ErrFormat)
	}
	// UNKNOWN_KID is what the gateway writes where a batch is for all keys.
	var key string
	if l.KeyID != "" && l.KeyID != "UNKNOWN_KID" {
		kid, err := keyfile.DecodeBase64(l.KeyID)
		if err != nil {
			return false, fmt.Errorf("%w: kid: %q is not base64", keyfile.ErrFormat, l.KeyID)
		}
		key = hex.EncodeToString(kid)
	}
	for i, h := range *l.Entries {
		if len(h) < hashLen {
			return false, fmt.Errorf("%w: entries.%d: a hash has %d bytes or more, not %d", keyfile.ErrFormat, i, hashLen, len(h))
		}
	}
	if !l.Expires.IsZero() && l.Expires.Before(now) {
		return true, nil
	}
	for _, h := range *l.Entries {
		b.add(kind, key, h[:hashLen], 0)
	}
	return false, nil
}

func (l *revocationList) addRIDs(b builder) error {
	if l.Method != "" && l.Method != "rid" {
		return fmt.Errorf("%w: method: %q is not rid", keyfile.ErrFormat, l.Method)
	}
	for i, rid := range *l.RIDs {
		id, seconds, timed := strings.Cut(rid, ".")
		var before uint64
		if timed {
			var err error
			if before, err = strconv.ParseUint(seconds, 10, 32); err != nil {
				return fmt.Errorf("%w: rids.%d: %q is not an id, or an id, a dot and seconds", keyfile.ErrFormat, i, rid)
			}
		}
		if id == "" || timed && before == 0 { // 0 would be: for all time
			return fmt.Errorf("%w: rids.%d: %q is not an id, or an id, a dot and seconds", keyfile.ErrFormat, i, rid)
		}
		b.add("rid", l.KeyID, []byte(id), uint32(before))
	}
	return nil
}
