package policy

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"chot/kiosk/credential"
)

// Policy is the file policy.json: what holds on which day at which place.
type Policy struct {
	Schema    int    `json:"schema"` // of this file: 1
	Version   string `json:"version"`
	Country   string `json:"country"` // country of arrival, for the business rules
	Freshness struct {
		Trust Ages `json:"trust"`
		Rules Ages `json:"rules"`
	} `json:"freshness"`
	Regimes []Regime `json:"regimes"` // the first that fits day and place holds
}

// Ages are the limits of data that is renewed.
type Ages struct {
	Stale  Period `json:"stale"`  // older data gives amber for green
	TooOld Period `json:"tooOld"` // older data never gives green
}

// Kind is what a requirement asks for.
type Kind string

// The kinds of things that may be required.
const (
	Dose        Kind = "dose" // a complete series
	PartialDose Kind = "partial-dose"
	Test        Kind = "test"
	Recovery    Kind = "recovery"
	Visit       Kind = "visit" // another kiosk's slip
)

// Regime is what holds at some places for some time.
type Regime struct {
	ID     string    `json:"id"`
	Places []string  `json:"places,omitempty"` // codes of administrative units or posts; none: everywhere
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`

	Diseases    []string `json:"diseases"` // SNOMED CT; an event that names none counts
	Skew        Period   `json:"skew"`     // how far another clock may be ahead of ours
	Dose        Limits   `json:"dose"`
	Test        Limits   `json:"test"`
	Recovery    Limits   `json:"recovery"`
	PositiveFor Period   `json:"positiveFor"` // how long a positive test speaks against its holder
	Series      Series   `json:"series"`

	// Accept lists families whose valid codes are enough without an event, since
	// their issuer checks before it issues and prints no events.
	Accept  []credential.FamilyID `json:"accept,omitempty"`
	Require [][]Kind              `json:"require"` // alternatives, each a list of what must be there together
	Levels  map[string]Level      `json:"levels,omitempty"`

	require []kinds
}

// Limits are the least and the greatest age of an event; none where zero.
type Limits struct {
	Least Period `json:"least,omitzero"`
	Most  Period `json:"most,omitzero"`
}

// Series is how many doses are complete where the certificate does not say.
type Series struct {
	Doses    int            `json:"doses"`
	Products map[string]int `json:"products,omitempty"`
}

//go:embed default.json
var defaultPolicy []byte

// schema is the version of policy.json that this package reads.
const schema = 1

// ParsePolicy reads and checks a policy. What is misspelt is refused: a limit
// that is not read is a limit that does not hold.
func ParsePolicy(data []byte) (Policy, error) {
	var p Policy
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return Policy{}, fmt.Errorf("reading the policy: %w", err)
	}
	if dec.More() {
		return Policy{}, errors.New("reading the policy: text follows its end")
	}
	if err := p.check(); err != nil {
		return Policy{}, fmt.Errorf("reading the policy %q: %w", p.Version, err)
	}
	return p, nil
}

func (p *Policy) check() error {
	switch {
	case p.Schema != schema:
		return fmt.Errorf("schema %d is not %d", p.Schema, schema)
	case p.Version == "":
		return errors.New("no version")
	case len(p.Country) != 2:
		return fmt.Errorf("country %q is no code of two letters", p.Country)
	case len(p.Regimes) == 0:
		return errors.New("no regime")
	}
	for name, a := range map[string]Ages{"trust": p.Freshness.Trust, "rules": p.Freshness.Rules} {
		if a.Stale.IsZero() || a.TooOld.IsZero() {
			return fmt.Errorf("freshness of %s: both limits are needed", name)
		}
		if day := time.Unix(0, 0).UTC(); a.TooOld.After(day).Before(a.Stale.After(day)) {
			return fmt.Errorf("freshness of %s: too old before it is stale", name)
		}
	}
	for i := range p.Regimes {
		if err := p.Regimes[i].prepare(); err != nil {
			return fmt.Errorf("regime %q: %w", p.Regimes[i].ID, err)
		}
	}
	if last := p.Regimes[len(p.Regimes)-1]; len(last.Places) > 0 || !last.From.IsZero() || !last.To.IsZero() {
		return fmt.Errorf("regime %q: the last one must hold everywhere and always", last.ID)
	}
	return nil
}

// prepare checks a regime and sets what is derived.
func (r *Regime) prepare() error {
	switch {
	case r.ID == "":
		return errors.New("no id")
	case len(r.Require) == 0:
		return errors.New("nothing is required")
	case r.Series.Doses < 1:
		return errors.New("a series needs at least one dose")
	case !r.To.IsZero() && !r.From.Before(r.To):
		return errors.New("it ends before it begins")
	}
	for _, alternative := range r.Require {
		var set kinds
		for _, k := range alternative {
			bit, known := bits[k]
			if !known {
				return fmt.Errorf("%q cannot be required", k)
			}
			set |= bit
		}
		if set == 0 {
			return errors.New("an empty requirement")
		}
		r.require = append(r.require, set)
	}
	for code, level := range r.Levels {
		i := slices.IndexFunc(reasonTable, func(c ReasonCode) bool { return c.Code == code })
		if i < 0 {
			return fmt.Errorf("%q is no reason", code)
		}
		if least := reasonTable[i].Least; level < least {
			return fmt.Errorf("%s may not be milder than %s", code, least)
		}
	}
	return nil
}

// level is what a reason gives alone.
func (r *Regime) level(code string) Level {
	if level, set := r.Levels[code]; set {
		return level
	}
	return defaultLevel[code]
}

// fits says whether the regime holds for one of the places at that time.
func (r *Regime) fits(places []string, at time.Time) bool {
	if at.Before(r.From) || !r.To.IsZero() && !at.Before(r.To) {
		return false
	}
	return len(r.Places) == 0 || slices.ContainsFunc(places, func(p string) bool { return slices.Contains(r.Places, p) })
}

// kinds is a set of kinds.
type kinds uint8

const (
	doseBit kinds = 1 << iota
	partialBit
	testBit
	recoveryBit
	visitBit
)

var bits = map[Kind]kinds{Dose: doseBit, PartialDose: partialBit, Test: testBit, Recovery: recoveryBit, Visit: visitBit}

// kindOrder is the order in which reasons name kinds.
var kindOrder = [...]struct {
	bit          kinds
	holds, needs string
}{
	{doseBit, DoseValid, NeedsDose},
	{partialBit, DoseValid, NeedsPartialDose},
	{testBit, TestNegative, NeedsTest},
	{recoveryBit, RecoveryValid, NeedsRecovery},
	{visitBit, SlipAccepted, NeedsVisit},
}
