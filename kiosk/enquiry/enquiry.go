// Package enquiry is how a kiosk asks the province about one person: results of
// tests, vaccination, and the registration that the sampling desk works on.
//
// A question is a POST of [Question] as JSON to one of the paths, over the
// kiosk's mutual TLS; the answer is JSON too. Nothing of it is kept by the kiosk.
//
//	c := enquiry.Client{HTTP: kioskClient, URL: "https://province.example:8443"}
//	found, err := c.Result(ctx, slipText, "5678")
//	switch {
//	case errors.Is(err, enquiry.ErrNoSuch):   // not known, or the digits are wrong
//	case errors.Is(err, enquiry.ErrTooMany):  // come back later
//	case err != nil:                          // offline, for the visitor
//	}
//
// That nothing is known and that the digits are wrong is one answer, so that a
// slip which was found on the street tells nothing. Both are counted by the
// province, for the code and for the kiosk.
package enquiry

import (
	"errors"
	"time"

	"chot/kiosk/record"
)

// Paths of the questions, below the province's address for kiosks.
const (
	PathResult      = "/v1/enquiry/result"
	PathVaccination = "/v1/enquiry/vaccination"
	PathOrder       = "/v1/enquiry/order"
)

// MaxCode is how long the text of a code may be, in bytes: what a QR code holds.
const MaxCode = 4296

// Digits is how many of the phone's last digits are asked for.
const Digits = 4

var (
	// ErrNoSuch means that the province knows of nothing under that code and
	// those digits.
	ErrNoSuch = errors.New("nothing is known under that code")
	// ErrTooMany means that the code or the kiosk has been tried too often, and
	// must wait.
	ErrTooMany = errors.New("tried too often")
)

// Question is what is asked about.
type Question struct {
	Code   string `json:"code"`             // text of the slip or identity paper that was shown
	Digits string `json:"digits,omitempty"` // the last four of the phone; "" for an order, which staff ask for
	Badge  string `json:"badge,omitempty"`  // number of the badge that is logged in; orders are told to staff alone
}

// MaxBadge is how long a badge's number may be, in bytes.
const MaxBadge = 64

// Result is what is known of a person's tests.
type Result struct {
	Name  string `json:"name"`           // masked
	Tests []Test `json:"tests"`          // oldest first
	Code  string `json:"code,omitempty"` // text of the signed result of the last that has one
}

// Test is one specimen.
type Test struct {
	Tube      string    `json:"tube"`
	Technique string    `json:"technique"`         // as record.Technique writes it: "rt-pcr"
	Outcome   string    `json:"outcome,omitempty"` // as record.Outcome writes it; "" while the laboratory has not reported
	Sampled   time.Time `json:"sampled"`
	// Corrected is when the laboratory corrected or withdrew what it had said before,
	// zero where it did not: a slip from before then is void.
	Corrected time.Time `json:"corrected,omitzero"`
	Before    string    `json:"before,omitempty"` // the outcome that was said before
}

// Vaccination is how far a person's vaccination is.
type Vaccination struct {
	Name        string    `json:"name"` // masked
	Registered  bool      `json:"registered"`
	Invited     time.Time `json:"invited,omitzero"` // zero where there is no invitation
	Place       string    `json:"place,omitempty"`  // of the invitation
	Doses       []Dose    `json:"doses"`            // by number
	Certificate string    `json:"certificate,omitempty"`
}

// Dose is one that was given.
type Dose struct {
	Number  int       `json:"number"`
	Product string    `json:"product"`
	At      time.Time `json:"at"` // the day's beginning in the province
	Place   string    `json:"place,omitempty"`
}

// Order is a registration for a test. It names the person in full: the label on
// the tube must be theirs.
type Order struct {
	Number    string        `json:"number"`
	Person    record.Person `json:"person"`
	Technique string        `json:"technique,omitempty"` // as record.Technique writes it
	Reason    string        `json:"reason,omitempty"`    // code of the form's option
}
