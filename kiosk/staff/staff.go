// Package staff has the staff list that the province publishes, staff.json: whose
// badge opens a kiosk with which PIN. The kiosk asks it at a log-in, the province
// before it tells a badge about an order.
package staff

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/argon2"
)

// List is staff.json.
type List struct {
	Badges []Badge `json:"badges"`
}

// Badge is one member of staff, named by the badge's number alone.
type Badge struct {
	Number  string `json:"number"`
	PIN     PIN    `json:"pin"`
	Revoked bool   `json:"revoked,omitempty"`
}

// PIN is a PIN as argon2id has it (RFC 9106): "time$memory in KiB$salt$hash", the
// last two in base64. A PIN has few digits: what protects it is that a badge is
// locked after failures; the hash keeps it from being read off the card.
type PIN string

// Is reports whether the digits are this PIN's. It takes as long as the hash
// costs, a tenth of a second or so.
func (p PIN) Is(digits string) (bool, error) {
	h, err := p.parse()
	if err != nil {
		return false, err
	}
	got := argon2.IDKey([]byte(digits), h.salt, h.time, h.memory, 1, uint32(len(h.want)))
	return subtle.ConstantTimeCompare(got, h.want) == 1, nil
}

// Check reports what is wrong with the form or the costs of the hash.
func (p PIN) Check() error {
	_, err := p.parse()
	return err
}

type pinHash struct {
	time, memory uint32
	salt, want   []byte
}

func (p PIN) parse() (h pinHash, err error) {
	parts := strings.Split(string(p), "$")
	if len(parts) != 4 {
		return h, errors.New("a PIN's hash has four parts: time$memory$salt$hash")
	}
	if _, err := fmt.Sscan(parts[0]+" "+parts[1], &h.time, &h.memory); err != nil {
		return h, fmt.Errorf("reading a PIN's hash: %w", err)
	}
	if h.time < 1 || h.time > 10 || h.memory < 8 || h.memory > 64<<10 {
		return h, fmt.Errorf("a PIN's hash has the costs %d and %d KiB, which are not within 1–10 and 8–65536", h.time, h.memory)
	}
	if h.salt, err = base64.StdEncoding.DecodeString(parts[2]); err != nil {
		return h, fmt.Errorf("reading a PIN's salt: %w", err)
	}
	if h.want, err = base64.StdEncoding.DecodeString(parts[3]); err != nil || len(h.want) < 16 {
		return h, errors.New("a PIN's hash is shorter than 16 bytes, or not base64")
	}
	return h, nil
}

// Has reports whether a badge is on the list and not revoked.
func (l List) Has(number string) bool {
	return slices.ContainsFunc(l.Badges, func(b Badge) bool { return b.Number == number && !b.Revoked })
}
