package policy

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
)

// Policy is the file policy.json: what holds on which day at which place.
type Policy struct {
	Schema    int    `json:"schema"` // of this file: 2
	Version   string `json:"version"`
	Country   string `json:"country"` // country of arrival, for the business rules
	Freshness struct {
		Trust        Ages `json:"trust"`                 // since the last contact
		TrustContent Ages `json:"trustContent,omitzero"` // since the list was gathered; absent: no limit
		Rules        Ages `json:"rules"`
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
	Skew   Period    `json:"skew"` // how far another clock may be ahead of ours

	// Diseases are what a certificate may be for. Meeting the requirements of one
	// of them is enough.
	Diseases []Disease `json:"diseases"`

	// Accept lists families whose valid codes are enough without an event; where it
	// is absent, those of which [credential.Family] says so.
	Accept []credential.FamilyID `json:"accept,omitempty"`
	Levels map[string]Level      `json:"levels,omitempty"`
}

// Disease is what a certificate for a disease must show.
type Disease struct {
	ID    string   `json:"id"`    // for reasons, such as "yellow-fever"
	Codes []string `json:"codes"` // SNOMED CT; an event without a code is of the regime's first disease

	Dose        Limits `json:"dose,omitzero"`
	Test        Limits `json:"test,omitzero"`
	Recovery    Limits `json:"recovery,omitzero"`
	PositiveFor Period `json:"positiveFor,omitzero"` // how long a positive test speaks against its holder
	Series      Series `json:"series"`

	// Vaccines lists the products that count, as certificates name them; * stands
	// for any text. None: any product.
	Vaccines []string `json:"vaccines,omitempty"`

	Require [][]Kind `json:"require"` // alternatives, each a list of what must be there together

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

// schema is the version of policy.json that this package writes; it reads 1 as
// well, see upgrade.
const schema = 2

// ParsePolicy reads and checks a policy. What is misspelt is refused: a limit
// that is not read is a limit that does not hold. Errors name the key at fault and
// what is allowed.
func ParsePolicy(data []byte) (Policy, error) {
	var head struct{ Schema int }
	if err := json.Unmarshal(data, &head); err != nil {
		return Policy{}, fmt.Errorf("reading the policy: %w", err)
	}
	var p Policy
	var err error
	switch head.Schema {
	case schema:
		err = strict(data, &p)
	case 1:
		var old policy1
		if err = strict(data, &old); err == nil {
			p = old.upgrade()
		}
	default:
		err = fmt.Errorf("schema: %d is not 1 or %d", head.Schema, schema)
	}
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return Policy{}, fmt.Errorf("reading the policy: %w", err)
	}
	return p, nil
}

// strict decodes JSON whose keys are all known.
func strict(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	var value valueError
	if errors.As(err, &value) {
		var all any
		_ = json.Unmarshal(data, &all) // ParsePolicy has read it once
		return fmt.Errorf("%s: %w", pathOf(all, value.text), value)
	}
	return err
}

// valueError is a text that a key does not take.
type valueError struct{ text, allowed string }

func (e valueError) Error() string { return fmt.Sprintf("%q is not %s", e.text, e.allowed) }

// pathOf names the first key that holds a text, "" where none does.
func pathOf(value any, text string) string {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if s, ok := value[key].(string); ok && s == text {
				return key
			}
			if below := pathOf(value[key], text); below != "" {
				return key + "." + below
			}
		}
	case []any:
		for i := range value {
			if below := pathOf(value[i], text); below != "" {
				return fmt.Sprintf("%d.%s", i, below)
			}
		}
	}
	return ""
}

func (p *Policy) check() error {
	switch {
	case p.Version == "":
		return errors.New("version: it is empty")
	case len(p.Country) != 2:
		return fmt.Errorf("country: %q is not a code of two letters (ISO 3166-1)", p.Country)
	case len(p.Regimes) == 0:
		return errors.New("regimes: there must be one at least")
	}
	for _, f := range []struct {
		name string
		Ages
	}{{"trust", p.Freshness.Trust}, {"trustContent", p.Freshness.TrustContent}, {"rules", p.Freshness.Rules}} {
		if f.name == "trustContent" && f.Ages == (Ages{}) {
			continue
		}
		if f.Stale.IsZero() || f.TooOld.IsZero() {
			return fmt.Errorf("freshness.%s: stale and tooOld are needed", f.name)
		}
		if day := time.Unix(0, 0).UTC(); f.TooOld.After(day).Before(f.Stale.After(day)) {
			return fmt.Errorf("freshness.%s: tooOld is before stale", f.name)
		}
	}
	for i := range p.Regimes {
		if err := p.Regimes[i].prepare(); err != nil {
			return fmt.Errorf("regimes.%d (%q): %w", i, p.Regimes[i].ID, err)
		}
	}
	if last := p.Regimes[len(p.Regimes)-1]; len(last.Places) > 0 || !last.From.IsZero() || !last.To.IsZero() {
		return fmt.Errorf("regimes.%d (%q): the last one must hold everywhere and always: without places, from and to", len(p.Regimes)-1, last.ID)
	}
	return nil
}

// prepare checks a regime and sets what is derived.
func (r *Regime) prepare() error {
	switch {
	case r.ID == "":
		return errors.New("id: it is empty")
	case len(r.Diseases) == 0:
		return errors.New("diseases: there must be one at least")
	case !r.To.IsZero() && !r.From.Before(r.To):
		return errors.New("to: it ends before it begins")
	}
	if r.Accept == nil {
		r.Accept = accepted()
	}
	ids, codes := map[string]bool{}, map[string]bool{}
	for i := range r.Diseases {
		d := &r.Diseases[i]
		if err := d.prepare(); err != nil {
			return fmt.Errorf("diseases.%d (%q): %w", i, d.ID, err)
		}
		if ids[d.ID] {
			return fmt.Errorf("diseases.%d: id: %q stands twice", i, d.ID)
		}
		ids[d.ID] = true
		for _, code := range d.Codes {
			if codes[code] {
				return fmt.Errorf("diseases.%d (%q): codes: %q stands twice", i, d.ID, code)
			}
			codes[code] = true
		}
	}
	for _, family := range r.Accept {
		if !slices.Contains(acceptable(), family) {
			return fmt.Errorf("accept: %q is not a family of signed certificates: %v", family, acceptable())
		}
	}
	for _, code := range slices.Sorted(maps.Keys(r.Levels)) {
		i := slices.IndexFunc(reasonTable, func(c ReasonCode) bool { return c.Code == code })
		if i < 0 {
			return fmt.Errorf("levels: %q is not a reason", code)
		}
		if least := reasonTable[i].Least; r.Levels[code] < least {
			return fmt.Errorf("levels.%s: %s is milder than %s, the mildest that is allowed", code, r.Levels[code], least)
		}
	}
	return nil
}

// acceptable are the families that an issuer signs for a visitor.
func acceptable() (ids []credential.FamilyID) {
	for _, f := range families.All() {
		if f.Purpose == credential.ForVisit && len(f.Keys) > 0 {
			ids = append(ids, f.IDs()...)
		}
	}
	return ids
}

// prepare checks a disease and sets what is derived.
func (d *Disease) prepare() error {
	switch {
	case d.ID == "":
		return errors.New("id: it is empty")
	case slices.Contains(d.Codes, ""):
		return errors.New("codes: one is empty")
	case len(d.Require) == 0:
		return errors.New("require: nothing is required")
	case d.Series.Doses < 1:
		return fmt.Errorf("series.doses: %d is not 1 or more", d.Series.Doses)
	}
	for _, product := range slices.Sorted(maps.Keys(d.Series.Products)) {
		if n := d.Series.Products[product]; n < 1 {
			return fmt.Errorf("series.products.%s: %d is not 1 or more", product, n)
		}
	}
	for i, pattern := range d.Vaccines {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return fmt.Errorf("vaccines.%d: %q is not a product, with * for any text", i, pattern)
		}
	}
	for i, alternative := range d.Require {
		var set kinds
		for _, k := range alternative {
			bit, known := bits[k]
			if !known {
				return fmt.Errorf("require.%d: %q cannot be required: %v can", i, k, slices.Sorted(maps.Keys(bits)))
			}
			set |= bit
		}
		if set == 0 {
			return fmt.Errorf("require.%d: it is empty", i)
		}
		d.require = append(d.require, set)
	}
	return nil
}

// of is the number of the disease that a code belongs to, -1 for another.
func (r *Regime) of(code string) int {
	if code == "" {
		return 0
	}
	return slices.IndexFunc(r.Diseases, func(d Disease) bool { return slices.Contains(d.Codes, code) })
}

// counts says whether a vaccine is one of those that count.
func (d *Disease) counts(product string) bool {
	return len(d.Vaccines) == 0 || slices.ContainsFunc(d.Vaccines, func(pattern string) bool {
		ok, _ := path.Match(pattern, product)
		return ok
	})
}

// accepted are the families whose valid codes are enough without an event.
func accepted() []credential.FamilyID {
	ids := []credential.FamilyID{}
	for _, f := range families.All() {
		if f.Accept {
			ids = append(ids, f.IDs()...)
		}
	}
	return ids
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
	kind         Kind
	bit          kinds
	holds, needs string
}{
	{Dose, doseBit, DoseValid, NeedsDose},
	{PartialDose, partialBit, DoseValid, NeedsPartialDose},
	{Test, testBit, TestNegative, NeedsTest},
	{Recovery, recoveryBit, RecoveryValid, NeedsRecovery},
	{Visit, visitBit, SlipAccepted, NeedsVisit},
}
