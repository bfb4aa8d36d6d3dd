package policy

import (
	"encoding/json"
	"fmt"
	"time"

	"chot/kiosk/certlogic"
	"chot/kiosk/credential"
)

// valueSets are the lists of codes that rules refer to, by their id.
type valueSets map[string]*valueSet

// Member makes the sets readable for rules.
func (v valueSets) Member(id string) any {
	if set, ok := v[id]; ok {
		return set
	}
	return nil
}

// lists says whether a set has a code. A set that was not published lists all.
func (v valueSets) lists(set, code string) bool {
	s, known := v[set]
	return !known || s.has[code]
}

// valueSet is a list of codes.
type valueSet struct {
	codes []string
	has   map[string]bool
}

func (v *valueSet) Len() int             { return len(v.codes) }
func (v *valueSet) At(i int) any         { return &v.codes[i] }
func (v *valueSet) Has(code string) bool { return v.has[code] }

var _ certlogic.Set = (*valueSet)(nil)

// add reads a value set as the gateway publishes it, or several as a plain
// object of lists of codes by id.
func (v valueSets) add(data []byte) error {
	var published struct {
		ID     string                     `json:"valueSetId"`
		Values map[string]json.RawMessage `json:"valueSetValues"`
	}
	if err := json.Unmarshal(data, &published); err != nil {
		return fmt.Errorf("reading a value set: %w", err)
	}
	if published.ID != "" {
		codes := make([]string, 0, len(published.Values))
		for code := range published.Values {
			codes = append(codes, code)
		}
		return v.put(published.ID, codes)
	}
	var plain map[string][]string
	if err := json.Unmarshal(data, &plain); err != nil {
		return fmt.Errorf("reading value sets: %w", err)
	}
	for id, codes := range plain {
		if err := v.put(id, codes); err != nil {
			return err
		}
	}
	return nil
}

func (v valueSets) put(id string, codes []string) error {
	if _, twice := v[id]; twice {
		return fmt.Errorf("value set %q is there twice", id)
	}
	if len(codes) == 0 {
		return fmt.Errorf("value set %q is empty", id)
	}
	set := &valueSet{codes: codes, has: make(map[string]bool, len(codes))}
	for _, c := range codes {
		set.has[c] = true
	}
	v[id] = set
	return nil
}

// ruleData is what rules are evaluated on: the certificate and what the
// verifier adds to it ("external parameter").
type ruleData struct {
	payload  any
	schema   Semver // of the certificate
	any      bool   // the certificate does not say which schema it follows
	external external
}

func (b *RuleSet) data(in Input, cred *credential.Credential) *ruleData {
	d := &ruleData{
		payload: cred.Payload,
		external: external{
			clock: in.Now.UTC().Format(time.RFC3339Nano), sets: b.sets, country: b.policy.Country, cred: cred,
		},
	}
	text := schemaOf(cred.Payload)
	d.schema, _ = parseSemver(text) // an unparsable version sorts first
	d.any = text == ""
	return d
}

// schemaOf is the version of the schema that a certificate says it follows.
func schemaOf(payload any) string {
	var ver any
	switch p := payload.(type) {
	case map[string]any:
		ver = p["ver"]
	case certlogic.Object:
		ver = p.Member("ver")
	}
	switch ver := ver.(type) {
	case string:
		return ver
	case *string:
		return *ver
	}
	return ""
}

// fits says whether a certificate is of a schema that the rule knows: the same
// major version, and not older than the rule's.
func (d *ruleData) fits(rule Semver) bool {
	return d.any || d.schema[0] == rule[0] && d.schema.compare(rule) >= 0
}

// Member gives rules their two roots.
func (d *ruleData) Member(name string) any {
	switch name {
	case "payload":
		return d.payload
	case "external":
		return &d.external
	}
	return nil
}

// external is the external parameter.
type external struct {
	clock   string
	sets    valueSets
	country string
	cred    *credential.Credential
}

// Member gives the parameters that the validation rules' documentation names.
func (e *external) Member(name string) any {
	switch name {
	case "validationClock":
		return &e.clock
	case "valueSets":
		return e.sets
	case "countryCode":
		return &e.country
	case "issuerCountryCode":
		return &e.cred.Issuer.Country
	case "kid":
		return &e.cred.Issuer.Key
	case "iat":
		return stamp(e.cred.IssuedAt)
	case "exp":
		return stamp(e.cred.NotAfter)
	}
	return nil
}

// stamp writes a time as rules read it, nil if it is unknown.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
