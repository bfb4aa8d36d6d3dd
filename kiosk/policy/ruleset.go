package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"chot/kiosk/credential"
)

// RuleSet is everything that verdicts are made by, checked and compiled. It is
// safe for use by several goroutines.
type RuleSet struct {
	policy Policy
	rules  businessRules
	sets   valueSets
}

// Default is the shipped policy without business rules.
func Default() *RuleSet {
	p, err := ParsePolicy(defaultPolicy)
	if err != nil {
		panic(err) // a shipped file: the tests read it
	}
	return &RuleSet{policy: p}
}

// Load reads a rule set from a directory as the province publishes it: policy.json,
// the business rules below rules/ and the value sets below valuesets/. Without
// policy.json the shipped policy holds.
func Load(dir fs.FS) (*RuleSet, error) {
	data, err := fs.ReadFile(dir, "policy.json")
	if errors.Is(err, fs.ErrNotExist) {
		data, err = defaultPolicy, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	p, err := ParsePolicy(data)
	if err != nil {
		return nil, err
	}
	b := &RuleSet{policy: p, sets: make(valueSets)}
	if err := eachFile(dir, "valuesets", b.sets.add); err != nil {
		return nil, err
	}
	var rules []Rule
	if err := eachFile(dir, "rules", func(data []byte) error {
		more, err := ParseRules(data)
		rules = append(rules, more...)
		return err
	}); err != nil {
		return nil, err
	}
	if b.rules, err = newRuleSet(rules); err != nil {
		return nil, fmt.Errorf("reading the rules: %w", err)
	}
	return b, nil
}

// eachFile reads every JSON file below a folder, which need not be there.
func eachFile(dir fs.FS, folder string, read func([]byte) error) error {
	return fs.WalkDir(dir, folder, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == folder:
			return nil
		case err != nil:
			return fmt.Errorf("reading %s: %w", name, err)
		case d.IsDir() || path.Ext(name) != ".json":
			return nil
		}
		data, err := fs.ReadFile(dir, name)
		if err == nil {
			err = read(data)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		return nil
	})
}

// Describe gives the words of a business rule that a [Reason] names, in a
// language (ISO 639-1) or else in English; "" if the rule has neither.
func (b *RuleSet) Describe(r Reason, lang string) string {
	return b.rules.describe(r.Rule, r.Version, lang)
}

// Version names the policy.
func (b *RuleSet) Version() string { return b.policy.Version }

// Input is what a verdict rests on besides the codes.
type Input struct {
	Now   time.Time // the trusted time
	Place []string  // codes of the post and of the units that it lies in

	// When the trust data and the rules were last known to be current, by contact
	// with the province; zero is unknown, which never gives green.
	TrustAt, RulesAt time.Time
	TrustVersion     string

	// When the trust data itself was gathered: a province that is reached every day
	// may publish a list of two years ago. Zero is unknown; then contact counts alone.
	TrustGathered time.Time

	// Revoked says whether one of the credential's identifiers is revoked; nil
	// where there are no lists.
	Revoked func(*credential.Credential) bool
}

func (b *RuleSet) regime(in Input) *Regime {
	for i := range b.policy.Regimes {
		if r := &b.policy.Regimes[i]; r.fits(in.Place, in.Now) {
			return r
		}
	}
	return &b.policy.Regimes[len(b.policy.Regimes)-1]
}

// trustFreshness grades trust data by the last contact and by its own age; the
// worse of the two counts, and content says whether that is its own.
func (b *RuleSet) trustFreshness(in Input) (f Freshness, content bool) {
	f = freshness(in.TrustVersion, in.TrustAt, in.Now, b.policy.Freshness.Trust)
	limits := b.policy.Freshness.TrustContent
	if limits == (Ages{}) || in.TrustGathered.IsZero() {
		return f, false
	}
	own := freshness(in.TrustVersion, in.TrustGathered, in.Now, limits)
	if own.Grade == Fresh || f.Grade == TooOld || f.Grade == own.Grade {
		return f, false
	}
	return own, true
}

// freshness grades data that was current at that time.
func freshness(version string, at, now time.Time, limits Ages) Freshness {
	f := Freshness{Version: version, Age: max(0, now.Sub(at)), Grade: Fresh}
	switch {
	case at.IsZero():
		f.Age, f.Grade = 0, TooOld
	case !now.After(limits.Stale.After(at)):
	case now.After(limits.TooOld.After(at)):
		f.Grade = TooOld
	default:
		f.Grade = Stale
	}
	return f
}
