package provision

import (
	"errors"
	"fmt"

	"chot/kiosk/enrol"
)

// Problem says why a sheet made no kiosk, as a code for the screen.
type Problem string

// The problems.
const (
	Forged    Problem = "forged"     // none of the keys that the image carries signed it
	Expired   Problem = "expired"    // another sheet is needed
	Used      Problem = "used"       // another kiosk came with it before: a copy?
	NoWiFi    Problem = "wifi"       // the network that it names cannot be joined
	NoNetwork Problem = "no-network" // the server does not answer
	Server    Problem = "server"     // the server is not the one that the sheet names
	Refused   Problem = "refused"    // the province says no
	Disk      Problem = "disk"       // the kiosk cannot keep what it learned
)

// Error is a problem with what led to it.
type Error struct {
	Problem Problem
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("provisioning: %s: %v", e.Problem, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// enrolment is the problem of a failed enrolment, and whether it may go away by
// itself.
func enrolment(err error) (p Problem, passing bool) {
	switch {
	case errors.Is(err, enrol.ErrUsed):
		return Used, false
	case errors.Is(err, enrol.ErrExpired):
		return Expired, false
	case errors.Is(err, enrol.ErrRefused):
		return Refused, false
	case errors.Is(err, enrol.ErrPin):
		return Server, false
	}
	return NoNetwork, true
}
