package policy

import (
	"cmp"
	"slices"

	"chot/kiosk/credential"
	"chot/kiosk/credential/hcert"
)

// Judge makes the verdict over the codes that one holder has shown: usually
// one, or two where the first needed another (a dose and a test) or where an
// identity document shows that the certificate is the holder's own.
func (b *RuleSet) Judge(in Input, shown ...*credential.Credential) Verdict {
	v := Verdict{
		Trust: freshness(in.TrustVersion, in.TrustAt, in.Now, b.policy.Freshness.Trust),
		Rules: freshness(b.policy.Version, in.RulesAt, in.Now, b.policy.Freshness.Rules),
		At:    in.Now,
	}
	c := evaluation{set: b, in: in, regime: b.regime(in), reasons: make([]Reason, 0, 4)}
	proven := 0
	for _, cred := range shown {
		if c.admit(cred) {
			proven++
			c.evaluate(cred)
			if cred.Problem != "" {
				c.addReason(ContentDoubtful, string(cred.Problem))
			}
			if field := hcert.Unlisted(cred, b.sets.lists); field != "" {
				c.addReason(ContentDoubtful, field)
			}
		}
	}
	if proven > 0 {
		c.conclude()
	}
	c.identify(shown, proven > 0)
	if slices.ContainsFunc(shown, func(cred *credential.Credential) bool { return cred.Standing != credential.SelfDeclared }) {
		c.age(v.Trust.Grade, TrustStale, TrustTooOld)
		c.age(v.Rules.Grade, RulesStale, RulesTooOld)
	}
	if len(c.reasons) == 0 {
		c.addReason(NotACredential, "")
	}
	slices.SortStableFunc(c.reasons, func(a, b Reason) int { return cmp.Compare(b.Level, a.Level) })
	v.Reasons, v.Level = c.reasons, c.reasons[0].Level
	return v
}

// evaluation is a verdict in the making.
type evaluation struct {
	set     *RuleSet
	in      Input
	regime  *Regime
	reasons []Reason

	held   kinds // what the events prove
	pass   bool  // a family that is accepted without events
	failed [len(kindOrder)]failure
	other  string // why an event does not count at all

	pending []Reason // business rules that do not hold
}

func (c *evaluation) addReason(code, detail string) {
	r := Reason{Code: code, Level: c.regime.level(code), Detail: detail}
	if !slices.Contains(c.reasons, r) {
		c.reasons = append(c.reasons, r)
	}
}

// staffCodes are families that say nothing about a visitor.
var staffCodes = map[credential.FamilyID]string{
	credential.Badge: StaffBadge, credential.Sheet: ProvisioningCode, credential.Place: PlaceCode,
}

// admit says whether the credential proves what it claims: a signature by a
// trusted key, not revoked, in its time.
func (c *evaluation) admit(cred *credential.Credential) bool {
	detail := string(cred.Problem)
	switch cred.Standing {
	case credential.SelfDeclared:
		return false // heard in identify
	case credential.Forged:
		c.addReason(Forged, detail)
		return false
	case credential.Unreadable:
		c.addReason(ContentDoubtful, detail)
		return false
	case credential.Signed, credential.UnknownIssuer:
	default:
		c.addReason(NotACredential, detail)
		return false
	}
	before := len(c.reasons)
	if cred.Standing == credential.UnknownIssuer {
		c.addReason(UnknownIssuer, detail)
	}
	if c.in.Revoked != nil && c.in.Revoked(cred) {
		c.addReason(Revoked, "")
	}
	if !cred.NotAfter.IsZero() && c.in.Now.After(cred.NotAfter) {
		c.addReason(Expired, "")
	}
	latest := c.regime.Skew.After(c.in.Now)
	if cred.NotBefore.After(latest) || cred.IssuedAt.After(latest) {
		c.addReason(NotYetValid, "")
	}
	if code, staff := staffCodes[cred.Family]; staff {
		c.addReason(code, "")
	}
	return len(c.reasons) == before
}

// identify hears the unsigned codes: alone they identify, beside a proven
// certificate they show whose it is.
func (c *evaluation) identify(shown []*credential.Credential, proven bool) {
	var first *credential.Credential
	for _, cred := range shown {
		if cred.Standing == credential.Signed && first == nil {
			first = cred
		}
	}
	for _, cred := range shown {
		if cred.Standing == credential.SelfDeclared {
			if code, other := staffCodes[cred.Family]; other && cred.Holder.Name == "" {
				c.addReason(code, "")
				continue
			}
			if !proven {
				c.addReason(Identified, "")
			}
			if cred.Problem != "" {
				c.addReason(DocumentDoubtful, string(cred.Problem))
			}
			if !cred.NotAfter.IsZero() && c.in.Now.After(cred.NotAfter) {
				c.addReason(DocumentExpired, "")
			}
		}
		if first == nil || cred == first || cred.Standing == credential.Forged || cred.Standing == credential.Unreadable {
			continue
		}
		switch same := SameHolder(first.Holder, cred.Holder); {
		case !same:
			c.addReason(HolderMismatch, "")
		case cred.Standing == credential.SelfDeclared && proven:
			c.addReason(HolderMatches, "")
		}
	}
}

func (c *evaluation) age(grade Grade, stale, tooOld string) {
	switch grade {
	case Stale:
		c.addReason(stale, "")
	case TooOld:
		c.addReason(tooOld, "")
	}
}
