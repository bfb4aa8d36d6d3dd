package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"chot/kiosk/credential"
)

// Book is everything that verdicts are made by, checked and compiled. It is
// safe for use by several goroutines.
type Book struct {
	policy Policy
}

// Default is the book of the shipped policy without business rules.
func Default() *Book {
	p, err := ParsePolicy(defaultPolicy)
	if err != nil {
		panic(err) // a shipped file: the tests read it
	}
	return &Book{policy: p}
}

// Load reads a book from a directory with policy.json; without that file the
// shipped policy holds.
func Load(dir fs.FS) (*Book, error) {
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
	return &Book{policy: p}, nil
}

// Version names the policy.
func (b *Book) Version() string { return b.policy.Version }

// Input is what a verdict rests on besides the codes.
type Input struct {
	Now   time.Time // the trusted time
	Place []string  // codes of the post and of the units that it lies in

	// When the trust data and the rules were last known to be current; zero is
	// unknown, which never gives green.
	TrustAt, RulesAt time.Time
	TrustVersion     string

	// Revoked says whether one of the credential's identifiers is revoked; nil
	// where there are no lists.
	Revoked func(*credential.Credential) bool
}

func (b *Book) regime(in Input) *Regime {
	for i := range b.policy.Regimes {
		if r := &b.policy.Regimes[i]; r.fits(in.Place, in.Now) {
			return r
		}
	}
	return &b.policy.Regimes[len(b.policy.Regimes)-1]
}

// freshness grades data that was current at that time.
func freshness(version string, at, now time.Time, limits Ages) Freshness {
	f := Freshness{Version: version, Age: max(0, now.Sub(at)), Grade: Fresh}
	switch {
	case at.IsZero():
		f.Age, f.Grade = 0, TooOld
	case now.After(limits.TooOld.After(at)):
		f.Grade = TooOld
	case now.After(limits.Stale.After(at)):
		f.Grade = Stale
	}
	return f
}
