package service

import (
	"chot/kiosk/checkpoint"
	"chot/kiosk/staff"
)

// Staff checks the PINs of badges.
type Staff struct {
	published  func() staff.List
	background Background
}

// NewStaff makes it of the staff list of the moment. Hashing a PIN takes a while,
// which is why it goes to the background.
func NewStaff(list func() staff.List, background Background) *Staff {
	return &Staff{list, background}
}

// LogIn checks a PIN and sends LoggedIn or LoginRefused.
func (s *Staff) LogIn(a checkpoint.LogIn) {
	s.background(func() checkpoint.Event {
		for _, b := range s.published().Badges {
			switch {
			case b.Number != a.Badge:
				continue
			case b.Revoked:
				return checkpoint.LoginRefused{ID: a.ID, Problem: "revoked"}
			}
			if ok, err := b.PIN.Is(a.PIN); err == nil && ok {
				return checkpoint.LoggedIn{ID: a.ID}
			}
			return checkpoint.LoginRefused{ID: a.ID, Problem: "wrong-pin"}
		}
		return checkpoint.LoginRefused{ID: a.ID, Problem: "unknown"}
	})
}
