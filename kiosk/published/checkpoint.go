package published

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
)

// Duration is a time with its unit, such as "12h" or "15m".
type Duration struct{ time.Duration }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(text))
	return err
}

// Checkpoint is checkpoint.json: what the province decides about the work at its
// checkpoints. Any key may be left out; the shipped value holds then. Codes of
// reasons are worded by the screen.
type Checkpoint struct {
	Directions []string             `json:"directions"` // the usual one first: in, out, through
	Services   []checkpoint.Service `json:"services"`

	Fever      float64          `json:"fever"` // °C
	FeverLevel checkpoint.Level `json:"fever_level"`
	// Unmeasured is what a visit is at most whose temperature could not be taken where a
	// thermometer is fitted: green, amber or red.
	Unmeasured checkpoint.Level `json:"temperature_missing"`
	SlipValid  Duration         `json:"slip_valid"`
	Retention  Duration         `json:"retention"` // at most; 0 for what the kiosk is set to

	Techniques []string `json:"techniques"` // rt-pcr, antigen
	PoolMin    int      `json:"pool_least"`
	PoolMax    int      `json:"pool_most"`
	Copies     int      `json:"copies"`    // of a tube's label
	ReadFrom   Duration `json:"read_from"` // of an antigen test, after sampling
	ReadUntil  Duration `json:"read_until"`

	TestReasons     []string `json:"test_reasons"`
	ReprintReasons  []string `json:"reprint_reasons"`
	VoidReasons     []string `json:"void_reasons"`
	ManualReasons   []string `json:"manual_reasons"`
	OverrideReasons []string `json:"override_reasons"`

	Campaign string   `json:"campaign"` // "": no roll is called
	Agencies []Agency `json:"agencies"`

	Tries    int      `json:"tries"` // wrong PINs before a badge is locked
	LockedIn Duration `json:"locked_for"`
}

// Agency is an office or school whose people are called by a roll.
type Agency struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	People int    `json:"people"`
}

// DefaultCheckpoint is what holds until the province says otherwise.
func DefaultCheckpoint() Checkpoint {
	return Checkpoint{
		Directions: []string{"in", "out"},
		Services:   []checkpoint.Service{checkpoint.Declare, checkpoint.Register, checkpoint.Results, checkpoint.Vaccination},
		Fever:      37.5, FeverLevel: checkpoint.Amber, Unmeasured: checkpoint.Amber, SlipValid: Duration{12 * time.Hour},
		Techniques: []string{"rt-pcr", "antigen"}, PoolMin: 2, PoolMax: 10, Copies: 1,
		ReadFrom: Duration{15 * time.Minute}, ReadUntil: Duration{30 * time.Minute},
		TestReasons:     []string{"symptoms", "contact", "travel", "hospital", "work", "wish"},
		ReprintReasons:  []string{"damaged", "lost", "jam", "unreadable"},
		VoidReasons:     []string{"damaged", "leaked", "lost", "mistake", "refused"},
		ManualReasons:   []string{"no-phone", "no-paper", "unreadable", "known", "emergency"},
		OverrideReasons: []string{"paper-seen", "tested-here", "duty", "emergency", "symptoms", "mistake"},
		Tries:           5, LockedIn: Duration{15 * time.Minute},
	}
}

func loadCheckpoint(l *loader, d *Data) error {
	d.Checkpoint = DefaultCheckpoint()
	if err := l.one("checkpoint.json", &d.Checkpoint); err != nil {
		return err
	}
	return in("checkpoint.json", d.Checkpoint.check())
}

// services are those that a kiosk offers.
var services = []checkpoint.Service{checkpoint.Declare, checkpoint.Register, checkpoint.Results, checkpoint.Vaccination}

// check names the first key whose value cannot be, and what it may be.
func (c Checkpoint) check() error {
	if err := cmp.Or(
		known("directions", c.Directions, names(checkpoint.In, checkpoint.Out, checkpoint.Through)),
		known("techniques", c.Techniques, names(checkpoint.RTPCR, checkpoint.Antigen)),
		known("services", c.Services, services),
	); err != nil {
		return err
	}
	switch {
	case c.Fever < 36 || c.Fever > 42:
		return wrong("fever", "%g is not within 36–42", c.Fever)
	case c.PoolMin < 2 || c.PoolMin > 20:
		return wrong("pool_least", "%d is not within 2–20", c.PoolMin)
	case c.PoolMax < c.PoolMin || c.PoolMax > 20:
		return wrong("pool_most", "%d is not within %d–20", c.PoolMax, c.PoolMin)
	case c.Copies < 1 || c.Copies > 5:
		return wrong("copies", "%d is not within 1–5", c.Copies)
	case c.Tries < 1 || c.Tries > 100:
		return wrong("tries", "%d is not within 1–100", c.Tries)
	}
	for _, d := range []struct {
		key      string
		value    time.Duration
		min, max time.Duration
	}{
		{"slip_valid", c.SlipValid.Duration, time.Minute, 31 * 24 * time.Hour},
		{"retention", c.Retention.Duration, 0, 10 * 366 * 24 * time.Hour},
		{"read_from", c.ReadFrom.Duration, 0, 24 * time.Hour},
		{"read_until", c.ReadUntil.Duration, c.ReadFrom.Duration + time.Minute, 24 * time.Hour},
		{"locked_for", c.LockedIn.Duration, time.Second, 7 * 24 * time.Hour},
	} {
		if d.value < d.min || d.value > d.max {
			return wrong(d.key, "%s is not within %s–%s", d.value, d.min, d.max)
		}
	}
	return nil
}

func names[T fmt.Stringer](values ...T) (all []string) {
	for _, v := range values {
		all = append(all, v.String())
	}
	return all
}

// known checks a list of codes against what they may be. Only services may be
// left out altogether: a checkpoint that offers none checks what is shown.
func known[S ~string](key string, list, allowed []S) error {
	if len(list) == 0 && key != "services" {
		return wrong(key, "the list is empty; allowed are %v", allowed)
	}
	for _, code := range list {
		if !slices.Contains(allowed, code) {
			return wrong(key, "%q is not one of %v", code, allowed)
		}
	}
	return nil
}

func (c Checkpoint) directions() (all []checkpoint.Direction) {
	for _, name := range c.Directions {
		for _, known := range []checkpoint.Direction{checkpoint.In, checkpoint.Out, checkpoint.Through} {
			if known.String() == name {
				all = append(all, known)
			}
		}
	}
	return all
}

func (c Checkpoint) techniques() (all []checkpoint.Technique) {
	for _, name := range c.Techniques {
		if t := record.ParseTechnique(name); t != 0 {
			all = append(all, t)
		}
	}
	return all
}

// Keep is how long personal data stays on a kiosk that is set to so long: the
// province may shorten that, never lengthen it.
func (c Checkpoint) Keep(set time.Duration) time.Duration {
	if c.Retention.Duration > 0 {
		return min(set, c.Retention.Duration)
	}
	return set
}

// put sets a checkpoint up by it.
func (c Checkpoint) put(s *checkpoint.Setup) {
	s.Directions, s.Services = c.directions(), c.Services
	s.Fever, s.FeverLevel, s.Unmeasured, s.SlipValid = c.Fever, c.FeverLevel, c.Unmeasured, c.SlipValid.Duration
	s.Techniques, s.PoolLeast, s.PoolMost, s.Copies = c.techniques(), c.PoolMin, c.PoolMax, c.Copies
	s.ReadFrom, s.ReadUntil = c.ReadFrom.Duration, c.ReadUntil.Duration
	s.TestReasons, s.ReprintReasons, s.VoidReasons = c.TestReasons, c.ReprintReasons, c.VoidReasons
	s.ManualReasons, s.OverrideReasons = c.ManualReasons, c.OverrideReasons
	s.Campaign, s.Tries, s.LockedIn = c.Campaign, c.Tries, c.LockedIn.Duration
	for _, a := range c.Agencies {
		s.Agencies = append(s.Agencies, checkpoint.Agency{Code: a.Code, Name: a.Name, People: a.People})
	}
}
