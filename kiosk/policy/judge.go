package policy

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/hcert"
	"chot/kiosk/credential/shc"
)

// Judge makes the verdict over the codes that one holder has shown: usually
// one, or two where the first needed another (a dose and a test) or where an
// identity document shows that the certificate is the holder's own.
func (b *RuleSet) Judge(in Input, shown ...*credential.Credential) Verdict {
	return b.judge(in, nil, shown)
}

// judge is Judge, with the questions that were asked put into steps unless that
// is nil.
func (b *RuleSet) judge(in Input, steps *[]Step, shown []*credential.Credential) Verdict {
	trust, content := b.trustFreshness(in)
	v := Verdict{
		Trust: trust,
		Rules: freshness(b.policy.Version, in.RulesAt, in.Now, b.policy.Freshness.Rules),
		At:    in.Now,
	}
	c := evaluation{set: b, in: in, regime: b.regime(in), reasons: make([]Reason, 0, 4), steps: steps}
	c.proven, c.latest = make([]proven, len(c.regime.Diseases)), c.regime.Skew.After(in.Now)
	admitted := 0
	for i, cred := range shown {
		c.code = i + 1
		if c.admit(cred) {
			admitted++
			c.evaluate(cred)
			if cred.Problem != "" {
				c.addReason(Reason{Code: ContentDoubtful, Detail: string(cred.Problem)})
			}
			if field := hcert.Unlisted(cred, b.sets.lists); field != "" {
				c.ask("value-set", field, ContentDoubtful)
				c.addReason(Reason{Code: ContentDoubtful, Detail: field})
			}
		}
	}
	c.code = 0
	if admitted > 0 {
		c.conclude()
	}
	c.identify(shown, admitted > 0)
	if slices.ContainsFunc(shown, func(cred *credential.Credential) bool {
		return cred.Standing != credential.SelfDeclared && cred.Standing != 0
	}) {
		if content {
			c.age("trust content", v.Trust, Reason{Code: TrustStale, Detail: "content"}, Reason{Code: TrustTooOld, Detail: "content"})
		} else {
			c.age("trust", v.Trust, Reason{Code: TrustStale}, Reason{Code: TrustTooOld})
		}
		c.age("rules", v.Rules, Reason{Code: RulesStale}, Reason{Code: RulesTooOld})
	}
	if len(c.reasons) == 0 {
		c.addReason(Reason{Code: NotACredential})
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
	latest  time.Time // what is later lies in the future, whatever clock said it
	reasons []Reason

	proven []proven // by disease, as the regime orders them
	pass   bool     // a family that is accepted without events
	other  bool     // an event is of a disease that the regime does not ask about

	pending []Reason // business rules that do not hold

	steps *[]Step // for Explain; nil otherwise
	code  int     // the one that is asked about, see Step
}

// addReason adds a reason at its level, once, and gives its code.
func (c *evaluation) addReason(r Reason) string {
	r.Level = c.regime.level(r.Code)
	if !slices.ContainsFunc(c.reasons, r.same) {
		c.reasons = append(c.reasons, r)
	}
	return r.Code
}

// same says whether two reasons say the same, whenever that is.
func (r Reason) same(o Reason) bool {
	o.At = r.At
	return r == o
}

// purposes are the reasons for codes that say nothing of a visitor.
var purposes = map[credential.Purpose]string{
	credential.ForStaff: StaffBadge, credential.ForProvision: ProvisioningCode, credential.ForVenue: PlaceCode,
}

// otherPurpose is the reason for a code that is not a visitor's.
func otherPurpose(id credential.FamilyID) (code string, other bool) {
	purpose := credential.ForVenue // of the families made of data
	if f, ok := families.ByID(id); ok {
		purpose = f.Purpose
	} else if id != credential.Place {
		return "", false
	}
	code, other = purposes[purpose]
	return code, other
}

// admit says whether the credential proves what it claims: a signature by a
// trusted key, not revoked, in its time.
func (c *evaluation) admit(cred *credential.Credential) bool {
	if c.explains() {
		c.ask("standing", string(cred.Family), standingOf(cred))
	}
	detail := string(cred.Problem)
	switch cred.Standing {
	case credential.SelfDeclared:
		return false // heard in identify
	case credential.Forged:
		c.addReason(Reason{Code: Forged, Detail: detail})
		return false
	case credential.Signed, credential.UnknownIssuer:
	case 0:
		return false // beside another code it changes nothing
	default:
		code := ContentUnreadable
		if cred.Problem == shc.Incomplete {
			code = PartMissing
		}
		c.addReason(Reason{Code: code, Detail: detail})
		return false
	}
	before := len(c.reasons)
	switch {
	case cred.Standing == credential.UnknownIssuer && cred.Problem == credential.KeyUsage:
		c.addReason(Reason{Code: KeyUsage})
	case cred.Standing == credential.UnknownIssuer:
		c.addReason(Reason{Code: UnknownIssuer, Detail: detail})
	case cred.Link != nil && len(cred.Events) == 0:
		c.addReason(Reason{Code: VerifiableLink, Detail: cred.Link.Host()})
	}
	if c.in.Revoked != nil {
		revoked := c.in.Revoked(cred)
		c.ask("revoked", "", strconv.FormatBool(revoked))
		if revoked {
			c.addReason(Reason{Code: Revoked})
		}
	}
	switch {
	case !cred.NotAfter.IsZero() && c.in.Now.After(cred.NotAfter):
		c.ask("validity", "until "+stampOf(cred.NotAfter), Expired)
		c.addReason(Reason{Code: Expired, At: cred.NotAfter})
	case cred.Link != nil && !cred.Link.Until.IsZero() && c.in.Now.After(cred.Link.Until):
		c.ask("validity", "until "+stampOf(cred.Link.Until), Expired)
		c.addReason(Reason{Code: Expired, At: cred.Link.Until})
	case cred.NotBefore.After(c.latest):
		c.ask("validity", "from "+stampOf(cred.NotBefore), NotYetValid)
		c.addReason(Reason{Code: NotYetValid, At: cred.NotBefore})
	case cred.IssuedAt.After(c.latest):
		c.ask("validity", "issued "+stampOf(cred.IssuedAt), NotYetValid)
		c.addReason(Reason{Code: NotYetValid, At: cred.IssuedAt})
	}
	if code, staff := otherPurpose(cred.Family); staff {
		c.addReason(Reason{Code: code})
	}
	return len(c.reasons) == before
}

// standingOf writes a standing with what is wrong.
func standingOf(cred *credential.Credential) string {
	switch {
	case cred.Standing == 0:
		return "not a document"
	case cred.Problem != "":
		return cred.Standing.String() + ": " + string(cred.Problem)
	}
	return cred.Standing.String()
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
			if code, other := otherPurpose(cred.Family); other && cred.Holder.Name == "" {
				c.addReason(Reason{Code: code})
				continue
			}
			if !proven {
				c.addReason(Reason{Code: Identified})
			}
			if cred.Problem != "" {
				c.addReason(Reason{Code: DocumentDoubtful, Detail: string(cred.Problem)})
			}
			if !cred.NotAfter.IsZero() && c.in.Now.After(cred.NotAfter) {
				c.addReason(Reason{Code: DocumentExpired, At: cred.NotAfter})
			}
		}
		if first == nil || cred == first || cred.Standing != credential.Signed && cred.Standing != credential.UnknownIssuer && cred.Standing != credential.SelfDeclared {
			continue
		}
		same := SameHolder(first.Holder, cred.Holder)
		c.ask("holder", string(cred.Family), map[bool]string{true: HolderMatches, false: HolderMismatch}[same])
		switch {
		case !same:
			c.addReason(Reason{Code: HolderMismatch})
		case cred.Standing == credential.SelfDeclared && proven:
			c.addReason(Reason{Code: HolderMatches})
		}
	}
}

// age lets data that is not fresh speak against green.
func (c *evaluation) age(what string, f Freshness, stale, tooOld Reason) {
	if c.explains() {
		c.ask("freshness", what+" "+f.Version, string(f.Grade))
	}
	switch f.Grade {
	case Stale:
		c.addReason(stale)
	case TooOld:
		c.addReason(tooOld)
	}
}
