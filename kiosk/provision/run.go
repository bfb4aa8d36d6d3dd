package provision

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"chot/kiosk/enrol"
)

// Stage is how far a provisioning is.
type Stage string

// The stages of Run, in their order.
const (
	Joining   Stage = "wifi"
	Clock     Stage = "clock"
	Enrolling Stage = "enrol"
)

// Provisioner makes a kiosk of a sheet. All fields are required but Keys and
// Patience.
type Provisioner struct {
	State   string // the kiosk's folder, where [LoadSite] finds the site
	Keys    Keys
	Network Network
	Now     func() time.Time
	Log     *slog.Logger

	// Patience is for how long a server that does not answer is tried again: a
	// network that was just joined takes a moment to find it. Zero for half a minute.
	Patience time.Duration
}

// Identity is the folder of the identity in a kiosk's state folder, for
// [enrol.Load].
func Identity(state string) string { return filepath.Join(state, "identity") }

// Run joins the sheet's network, takes its time as the clock's lower bound, makes
// the kiosk's key and has the province certify it. An error is an [*Error], or
// [ErrNoSheet].
func (p *Provisioner) Run(ctx context.Context, text string, at func(Stage)) (*enrol.Identity, error) {
	sheet, err := Read(text, p.Keys, p.Now())
	if err != nil {
		return nil, err
	}
	if sheet.Problem != "" {
		return nil, &Error{sheet.Problem, errors.New("the sheet " + sheet.Number + " cannot be used")}
	}
	at(Joining)
	if sheet.WiFi != nil {
		if err := p.Network.Join(ctx, *sheet.WiFi); err != nil {
			return nil, &Error{NoWiFi, err}
		}
	}
	at(Clock)
	now := NotBefore(sheet.IssuedAt, p.Now)
	if err := sheet.site().save(p.State); err != nil {
		return nil, &Error{Disk, err}
	}
	at(Enrolling)
	return p.enrol(ctx, sheet, now)
}

// enrol asks until the province has answered, or patience is over.
func (p *Provisioner) enrol(ctx context.Context, s Sheet, now func() time.Time) (*enrol.Identity, error) {
	patience := p.Patience
	if patience == 0 {
		patience = 30 * time.Second
	}
	over := time.Now().Add(patience) // by the computer's own clock, whatever it shows
	for {
		id, err := enrol.Enrol(ctx, Identity(p.State), enrol.Invitation{
			Server: s.Server, Pins: s.Pins, Kiosk: s.Kiosk, Token: s.Token,
		}, now)
		if err == nil {
			return id, nil
		}
		problem, passing := enrolment(err)
		if !passing || !time.Now().Before(over) || ctx.Err() != nil {
			return nil, &Error{problem, err}
		}
		p.Log.Warn("provisioning", "error", err)
		timer := time.NewTimer(min(2*time.Second, patience/4))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// NotBefore is a clock that never runs behind a time that something signed
// names: that of a kiosk without a battery starts anywhere.
func NotBefore(least time.Time, now func() time.Time) func() time.Time {
	return func() time.Time {
		if t := now(); t.After(least) {
			return t
		}
		return least
	}
}
