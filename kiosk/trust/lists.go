package trust

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
// three formats that [ImportRevocations] reads.
type revocationList struct {
	KeyID string `json:"kid"`

	// A batch of DCC revocations: SHA-256 truncated to 16 bytes.
	HashType string    `json:"hashType"` // SIGNATURE, UCI or COUNTRYCODEUCI
	Expires  time.Time `json:"expires"`
	Entries  []dccHash `json:"entries"`

	// A card revocation list of SMART Health Cards: rid, or rid.seconds where
	// only cards from before that time are revoked.
	Method string   `json:"method"`
	RIDs   []string `json:"rids"`

	// A denylist of single credentials, whoever signed them.
	Denied []Denied `json:"denylist"`
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
	var lists []revocationList
	if err := json.Unmarshal(data, &lists); err == nil {
		return lists, nil
	}
	var one revocationList
	if err := json.Unmarshal(data, &one); err != nil {
		return nil, fmt.Errorf("%w: %w", keyfile.ErrFormat, err)
	}
	return []revocationList{one}, nil
}

// addTo takes in a list, unless it has expired.
func (l *revocationList) addTo(b builder, now time.Time) error {
	switch {
	case l.HashType != "":
		return l.addHashes(b, now)
	case l.RIDs != nil:
		return l.addRIDs(b)
	case l.Denied != nil:
		for _, d := range l.Denied {
			kind, known := deniedKinds()[d.Family]
			if !known || d.ID == "" {
				return fmt.Errorf("%w: the family %q cannot be denied by %q", keyfile.ErrFormat, d.Family, d.ID)
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
	return fmt.Errorf("%w: neither hashType nor rids nor denylist", keyfile.ErrFormat)
}

func (l *revocationList) addHashes(b builder, now time.Time) error {
	kind, known := dccKinds[l.HashType]
	if !known {
		return fmt.Errorf("%w: the hash type %q", keyfile.ErrFormat, l.HashType)
	}
	if !l.Expires.IsZero() && l.Expires.Before(now) {
		return nil
	}
	// UNKNOWN_KID is what the gateway writes where a batch is for all keys.
	var key string
	if l.KeyID != "" && l.KeyID != "UNKNOWN_KID" {
		kid, err := keyfile.DecodeBase64(l.KeyID)
		if err != nil {
			return fmt.Errorf("%w: the kid %q", keyfile.ErrFormat, l.KeyID)
		}
		key = hex.EncodeToString(kid)
	}
	for _, h := range l.Entries {
		if len(h) < hashLen {
			return fmt.Errorf("%w: a hash of %d bytes", keyfile.ErrFormat, len(h))
		}
		b.add(kind, key, h[:hashLen], 0)
	}
	return nil
}

func (l *revocationList) addRIDs(b builder) error {
	if l.Method != "" && l.Method != "rid" {
		return fmt.Errorf("%w: the method %q", keyfile.ErrFormat, l.Method)
	}
	for _, rid := range l.RIDs {
		id, seconds, timed := strings.Cut(rid, ".")
		var before uint64
		if timed {
			var err error
			if before, err = strconv.ParseUint(seconds, 10, 32); err != nil {
				return fmt.Errorf("%w: the rid %q", keyfile.ErrFormat, rid)
			}
		}
		b.add("rid", l.KeyID, []byte(id), uint32(before))
	}
	return nil
}
