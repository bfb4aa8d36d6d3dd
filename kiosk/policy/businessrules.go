package policy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"chot/kiosk/certlogic"
	"chot/kiosk/credential"
)

// Rule is a business rule of the EU DCC: a condition in CertLogic that a
// certificate must meet, in the format of the DCC gateway (EU DCC Validation
// Rules, eHealth Network).
type Rule struct {
	Identifier      string // GR-, VR-, TR-, RR- or IR-, country, number: VR-DE-0003
	Type            RuleType
	Country         string // of arrival for acceptance, of the issuer for invalidation
	Region          string // "" for the whole country
	Version         Semver
	SchemaVersion   Semver // of the certificates that the rule is made for
	Engine          string
	EngineVersion   Semver
	CertificateType CertificateType
	Description     []struct{ Lang, Desc string }
	ValidFrom       time.Time
	ValidTo         time.Time
	Logic           json.RawMessage

	logic *certlogic.Expression // in the rule set's program
}

// RuleType says who makes a rule, and for whom.
type RuleType string

// The types of rules.
const (
	Acceptance   RuleType = "Acceptance"   // the country of arrival, for everybody
	Invalidation RuleType = "Invalidation" // the issuer, for its own certificates
)

// CertificateType says which certificates a rule is for.
type CertificateType string

// The types of certificates.
const (
	General     CertificateType = "General"
	Vaccination CertificateType = "Vaccination"
	Testing     CertificateType = "Test"
	Recovered   CertificateType = "Recovery"
)

// Semver is a version of three numbers.
type Semver [3]int

// UnmarshalText reads a version such as 1.3.0.
func (v *Semver) UnmarshalText(text []byte) error {
	parsed, ok := parseSemver(string(text))
	if !ok {
		return valueError{string(text), "a version of three numbers such as 1.0.0"}
	}
	*v = parsed
	return nil
}

func parseSemver(text string) (v Semver, ok bool) {
	for i := range v {
		part, rest, more := strings.Cut(text, ".")
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || more != (i < len(v)-1) {
			return Semver{}, false
		}
		v[i], text = int(n), rest
	}
	return v, true
}

func (v Semver) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

func (v Semver) compare(w Semver) int { return slices.Compare(v[:], w[:]) }

// engine is the language of rules, engineVersion what is understood of it.
const engine = "CERTLOGIC"

var engineVersion, _ = parseSemver(certlogic.Version)

var (
	ruleName = regexp.MustCompile(`^(GR|VR|TR|RR|IR)-[A-Z]{2}-\d{4}$`)

	prefixOf = map[CertificateType]string{General: "GR", Vaccination: "VR", Testing: "TR", Recovered: "RR"}
)

// ParseRules reads one rule or an array of rules and checks every one: a rule
// that cannot be evaluated is refused here, not at the gate.
func ParseRules(data []byte) ([]Rule, error) {
	data = bytes.TrimSpace(data)
	if !bytes.HasPrefix(data, []byte("[")) {
		data = slices.Concat([]byte("["), data, []byte("]"))
	}
	var rules []Rule
	if err := json.Unmarshal(data, &rules); err != nil {
		return nil, fmt.Errorf("reading rules: %w", err)
	}
	var errs []error
	for i := range rules {
		if err := rules[i].prepare(); err != nil {
			errs = append(errs, fmt.Errorf("rule %q: %w", rules[i].Identifier, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return rules, nil
}

// prepare checks a rule and compiles its logic.
func (r *Rule) prepare() (err error) {
	prefix, known := prefixOf[r.CertificateType]
	if r.Type == Invalidation {
		prefix = "IR"
	}
	switch {
	case !ruleName.MatchString(r.Identifier):
		return errors.New("key Identifier: it is not of the form VR-DE-0003")
	case r.Type != Acceptance && r.Type != Invalidation:
		return fmt.Errorf("key Type: %q is not %s or %s", r.Type, Acceptance, Invalidation)
	case !known:
		return fmt.Errorf("key CertificateType: %q is not one of %v", r.CertificateType, slices.Sorted(maps.Keys(prefixOf)))
	case !strings.HasPrefix(r.Identifier, prefix+"-"):
		return fmt.Errorf("key Identifier: that of %s rules for %s begins with %s", r.Type, r.CertificateType, prefix)
	case len(r.Country) != 2:
		return fmt.Errorf("key Country: %q is not a code of two letters (ISO 3166-1)", r.Country)
	case r.Engine != engine || r.EngineVersion.compare(engineVersion) > 0:
		return fmt.Errorf("key Engine, EngineVersion: %s %s is not %s up to %s", r.Engine, r.EngineVersion, engine, engineVersion)
	case r.ValidFrom.IsZero() || !r.ValidFrom.Before(r.ValidTo):
		return errors.New("key ValidTo: it ends before it begins")
	}
	if _, err = certlogic.Compile(r.Logic); err != nil {
		return fmt.Errorf("key Logic: %w", err)
	}
	return nil
}

// businessRules finds the rules that apply.
type businessRules struct {
	lists   map[ruleKey][]Rule
	program *certlogic.Program
}

type ruleKey struct {
	kind    RuleType
	country string
	of      CertificateType
}

// newRuleSet makes one program of rules, and sorts them so that of several
// versions the newest comes first.
func newRuleSet(rules []Rule) (businessRules, error) {
	set := businessRules{make(map[ruleKey][]Rule), new(certlogic.Program)}
	for _, r := range rules {
		var err error
		if r.logic, err = set.program.Compile(r.Logic); err != nil {
			return businessRules{}, err
		}
		k := ruleKey{r.Type, r.Country, r.CertificateType}
		set.lists[k] = append(set.lists[k], r)
	}
	for _, list := range set.lists {
		slices.SortFunc(list, func(a, b Rule) int {
			return cmp.Or(cmp.Compare(a.Identifier, b.Identifier), b.Version.compare(a.Version))
		})
		for i := 1; i < len(list); i++ {
			if a, b := list[i-1], list[i]; a.Identifier == b.Identifier && a.Version == b.Version {
				return businessRules{}, fmt.Errorf("rule %s stands twice in version %s", a.Identifier, a.Version)
			}
		}
	}
	return set, nil
}

// describe finds what a rule says of itself in a language, in English where it
// does not speak that language, else "".
func (s businessRules) describe(identifier, version, lang string) string {
	english := ""
	for _, list := range s.lists {
		for _, r := range list {
			if r.Identifier != identifier || r.Version.String() != version {
				continue
			}
			for _, d := range r.Description {
				switch d.Lang {
				case lang:
					return d.Desc
				case "en":
					english = d.Desc
				}
			}
		}
	}
	return english
}

// typeOf names the certificate type of an event.
var typeOf = map[credential.EventKind]CertificateType{
	credential.Dose: Vaccination, credential.Test: Testing, credential.Recovery: Recovered,
}

// businessRules holds a certificate against the business rules and says whether all
// of them hold. What does not is kept, for the case that nothing else holds.
func (c *evaluation) businessRules(cred *credential.Credential) bool {
	if cred.Payload == nil || len(c.set.rules.lists) == 0 || cred.Family != credential.EUDCC {
		return true
	}
	before := len(c.pending)
	data := c.set.data(c.in, cred)
	run := c.set.rules.program.Start(data)
	defer run.End()
	var heard [4]CertificateType
	types := append(heard[:0], General)
	for i := range cred.Events {
		if t := typeOf[cred.Events[i].Kind]; t != "" && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	for _, t := range types {
		c.apply(c.set.rules.lists[ruleKey{Acceptance, c.set.policy.Country, t}], data, run)
		c.apply(c.set.rules.lists[ruleKey{Invalidation, cred.Issuer.Country, t}], data, run)
	}
	return len(c.pending) == before
}

// apply evaluates rules of one list, of each the newest version that is valid.
func (c *evaluation) apply(list []Rule, data *ruleData, run *certlogic.Run) {
	last := ""
	for i := range list {
		r := &list[i]
		if r.Identifier == last || c.in.Now.Before(r.ValidFrom) || c.in.Now.After(r.ValidTo) ||
			r.Region != "" && !slices.Contains(c.in.Place, r.Region) {
			continue
		}
		last = r.Identifier
		code := c.ruleHolds(r, data, run)
		if code == "" {
			continue
		}
		c.pending = append(c.pending, Reason{
			Code: code, Level: c.regime.level(code), Rule: r.Identifier, Version: r.Version.String(),
		})
	}
}

// ruleHolds evaluates a rule and gives the code of what is wrong, "" where it
// holds.
func (c *evaluation) ruleHolds(r *Rule, data *ruleData, run *certlogic.Run) string {
	code, why := "", "holds"
	if !data.fits(r.SchemaVersion) {
		code, why = RuleUndecided, RuleUndecided+": the certificate follows another schema"
	} else if holds, err := run.Holds(r.logic); err != nil {
		code, why = RuleUndecided, RuleUndecided+": "+err.Error()
	} else if !holds {
		code, why = RuleFailed, RuleFailed
	}
	if c.explains() {
		c.ask("rule", r.Identifier+" "+r.Version.String(), why)
	}
	return code
}
