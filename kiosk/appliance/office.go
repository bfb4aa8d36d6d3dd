package appliance

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"

	"chot/kiosk/checkpoint"
)

// staff is staff.json of the bundle: whose badge opens the kiosk with which PIN.
type staff struct {
	Badges []struct {
		Number  string `json:"number"`
		PIN     pin    `json:"pin"`
		Revoked bool   `json:"revoked,omitempty"`
	} `json:"badges"`
}

// pin is a PIN as argon2id has it (RFC 9106): "time$memory in KiB$salt$hash",
// the last two in base64. A PIN has few digits: what protects it is that a badge
// is locked after failures, the hash keeps it from being read off the card.
type pin string

func (p pin) is(digits string) (bool, error) {
	var time, memory uint32
	parts := strings.Split(string(p), "$")
	if len(parts) != 4 {
		return false, errors.New("a PIN's hash has four parts")
	}
	if _, err := fmt.Sscan(parts[0]+" "+parts[1], &time, &memory); err != nil {
		return false, fmt.Errorf("reading a PIN's hash: %w", err)
	}
	if time < 1 || time > 10 || memory < 8 || memory > 64<<10 {
		return false, errors.New("a PIN's hash has costs beyond a kiosk")
	}
	salt, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return false, fmt.Errorf("reading a PIN's salt: %w", err)
	}
	want, err := base64.StdEncoding.DecodeString(parts[3])
	if err != nil || len(want) < 16 {
		return false, errors.New("reading a PIN's hash: it is no hash")
	}
	got := argon2.IDKey([]byte(digits), salt, time, memory, 1, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// office is what the kiosk asks of the province's people and services.
type office struct {
	staff    atomic.Pointer[staff]
	province enquirer
	ask      func(task func() checkpoint.Event) // runs a task that may wait and sends its event
}

func loadStaff(bundle fs.FS) (*staff, error) {
	data, err := fs.ReadFile(bundle, "staff.json")
	if errors.Is(err, fs.ErrNotExist) {
		return &staff{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the staff list: %w", err)
	}
	s := new(staff)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("reading the staff list: %w", err)
	}
	return s, nil
}

func (o *office) logIn(_ context.Context, a checkpoint.LogIn) []checkpoint.Event {
	o.ask(func() checkpoint.Event {
		for _, b := range o.staff.Load().Badges {
			switch {
			case b.Number != a.Badge:
				continue
			case b.Revoked:
				return checkpoint.LoginRefused{ID: a.ID, Problem: "revoked"}
			}
			if ok, err := b.PIN.is(a.PIN); err == nil && ok {
				return checkpoint.LoggedIn{ID: a.ID}
			}
			return checkpoint.LoginRefused{ID: a.ID, Problem: "wrong-pin"}
		}
		return checkpoint.LoginRefused{ID: a.ID, Problem: "unknown"}
	})
	return nil
}
