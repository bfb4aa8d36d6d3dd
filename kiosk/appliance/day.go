package appliance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
)

// day is checkpoint.json of the bundle: what the province decides about the work
// at its checkpoints. All of it may be left out; what is, is as shipped. Codes of
// reasons are worded by the screen.
type day struct {
	Directions []string             `json:"directions"` // the usual one first: in, out, through
	Services   []checkpoint.Service `json:"services"`

	Fever      float64          `json:"fever"` // °C
	FeverLevel checkpoint.Level `json:"fever_level"`
	SlipValid  duration         `json:"slip_valid"` // such as "12h"
	Retention  duration         `json:"retention"`  // at most; 0 for what the kiosk is set to

	Techniques []string `json:"techniques"` // rt-pcr, antigen
	PoolLeast  int      `json:"pool_least"`
	PoolMost   int      `json:"pool_most"`
	Copies     int      `json:"copies"`    // of a tube's label
	ReadFrom   duration `json:"read_from"` // of an antigen test, after sampling
	ReadUntil  duration `json:"read_until"`

	TestReasons     []string `json:"test_reasons"`
	ReprintReasons  []string `json:"reprint_reasons"`
	VoidReasons     []string `json:"void_reasons"`
	ManualReasons   []string `json:"manual_reasons"`
	OverrideReasons []string `json:"override_reasons"`

	Campaign string `json:"campaign"` // "": no roll is called
	Agencies []struct {
		Code   string `json:"code"`
		Name   string `json:"name"`
		People int    `json:"people"`
	} `json:"agencies"`

	Tries    int      `json:"tries"` // wrong PINs before a badge is locked
	LockedIn duration `json:"locked_for"`
}

// shippedDay is what holds until the province says otherwise.
func shippedDay() day {
	return day{
		Directions: []string{"in", "out"},
		Services:   []checkpoint.Service{checkpoint.Declare, checkpoint.Register, checkpoint.Results, checkpoint.Vaccination},
		Fever:      37.5, FeverLevel: checkpoint.Amber, SlipValid: duration{12 * time.Hour},
		Techniques: []string{"rt-pcr", "antigen"}, PoolLeast: 2, PoolMost: 10, Copies: 1,
		ReadFrom: duration{15 * time.Minute}, ReadUntil: duration{30 * time.Minute},
		TestReasons:     []string{"symptoms", "contact", "travel", "hospital", "work", "wish"},
		ReprintReasons:  []string{"damaged", "lost", "jam", "unreadable"},
		VoidReasons:     []string{"damaged", "leaked", "lost", "mistake", "refused"},
		ManualReasons:   []string{"no-phone", "no-paper", "unreadable", "known", "emergency"},
		OverrideReasons: []string{"paper-seen", "tested-here", "duty", "emergency", "symptoms", "mistake"},
		Tries:           5, LockedIn: duration{15 * time.Minute},
	}
}

func loadDay(bundle fs.FS) (day, error) {
	d := shippedDay()
	data, err := fs.ReadFile(bundle, "checkpoint.json")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return d, nil
	case err == nil:
		err = json.Unmarshal(data, &d)
	}
	if err == nil {
		err = d.check()
	}
	if err != nil {
		return day{}, fmt.Errorf("reading checkpoint.json: %w", err)
	}
	return d, nil
}

func (d day) check() error {
	switch {
	case len(d.directions()) != len(d.Directions) || len(d.Directions) == 0:
		return fmt.Errorf("the directions %q are not of in, out and through", d.Directions)
	case len(d.techniques()) != len(d.Techniques) || len(d.Techniques) == 0:
		return fmt.Errorf("the techniques %q are not of rt-pcr and antigen", d.Techniques)
	case d.Fever < 36 || d.Fever > 42:
		return fmt.Errorf("a fever does not begin at %g °C", d.Fever)
	case d.PoolLeast < 2 || d.PoolMost < d.PoolLeast || d.PoolMost > 20:
		return fmt.Errorf("a pool of %d to %d people cannot be told apart", d.PoolLeast, d.PoolMost)
	case d.Copies < 1 || d.Copies > 5:
		return fmt.Errorf("%d copies of a label are not of use", d.Copies)
	case d.ReadUntil.Duration <= d.ReadFrom.Duration || d.ReadFrom.Duration < 0:
		return errors.New("an antigen test's reading ends before it begins")
	case d.SlipValid.Duration <= 0 || d.Retention.Duration < 0 || d.LockedIn.Duration <= 0:
		return errors.New("a time is not positive")
	case d.Tries < 1:
		return errors.New("a badge is never tried")
	}
	return nil
}

func (d day) directions() (all []checkpoint.Direction) {
	for _, name := range d.Directions {
		for _, known := range []checkpoint.Direction{checkpoint.In, checkpoint.Out, checkpoint.Through} {
			if known.String() == name {
				all = append(all, known)
			}
		}
	}
	return all
}

func (d day) techniques() (all []checkpoint.Technique) {
	for _, name := range d.Techniques {
		if t := record.ParseTechnique(name); t != 0 {
			all = append(all, t)
		}
	}
	return all
}

// put sets a checkpoint up by it.
func (d day) put(s *checkpoint.Setup) {
	s.Directions, s.Services = d.directions(), d.Services
	s.Fever, s.FeverLevel, s.SlipValid = d.Fever, d.FeverLevel, d.SlipValid.Duration
	s.Techniques, s.PoolLeast, s.PoolMost, s.Copies = d.techniques(), d.PoolLeast, d.PoolMost, d.Copies
	s.ReadFrom, s.ReadUntil = d.ReadFrom.Duration, d.ReadUntil.Duration
	s.TestReasons, s.ReprintReasons, s.VoidReasons = d.TestReasons, d.ReprintReasons, d.VoidReasons
	s.ManualReasons, s.OverrideReasons = d.ManualReasons, d.OverrideReasons
	s.Campaign, s.Tries, s.LockedIn = d.Campaign, d.Tries, d.LockedIn.Duration
	for _, a := range d.Agencies {
		s.Agencies = append(s.Agencies, checkpoint.Agency{Code: a.Code, Name: a.Name, People: a.People})
	}
}
