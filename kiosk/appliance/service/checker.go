package service

import (
	"slices"
	"sync/atomic"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/credential/shc"
	"chot/kiosk/declaration"
	"chot/kiosk/policy"
	"chot/kiosk/published"
)

// knowledge is what a verdict rests on: keys, revocations and rules of one
// moment. It is replaced as a whole.
type knowledge struct {
	trust   trustData
	venues  []credential.Family // app and venue codes, recognised by signed patterns
	rules   *policy.RuleSet
	units   *declaration.Units // nil if unknown
	current time.Time          // when the bundle was last known to be current; zero for never
}

// trustData is what the checker needs of package trust.
type trustData interface {
	credential.Keyring
	Version() string
	At() time.Time
	Revoked(*credential.Credential) bool
}

// Checker reads codes and judges them.
type Checker struct {
	known         atomic.Pointer[knowledge]
	now           func() time.Time
	unit          []string
	site          string
	unknownIssuer chan struct{}
}

// NewChecker makes a checker for a kiosk that stands in an administrative unit, at a
// post, "" for one that is not known. It
// judges by data that was known to be current at a time, zero for never, and by
// the trusted clock.
func NewChecker(now func() time.Time, unit, site string, data *published.Data, current time.Time) *Checker {
	c := &Checker{now: now, unit: []string{unit}, site: site, unknownIssuer: make(chan struct{}, 1)}
	c.Learn(data, current)
	return c
}

// Learn replaces what verdicts rest on, as a whole.
func (c *Checker) Learn(data *published.Data, current time.Time) {
	c.known.Store(&knowledge{trust: data.Trust, venues: data.Venues, units: data.Units, rules: data.Policy, current: current})
}

// UnknownIssuer has a value when a slip's kiosk was unknown: the bundle may be too
// old for it.
func (c *Checker) UnknownIssuer() <-chan struct{} { return c.unknownIssuer }

// Basis is what verdicts rest on: the versions of trust data and rules, and when
// they were last known to be current, zero for never.
func (c *Checker) Basis() (trust, rules string, current time.Time) {
	k := c.known.Load()
	return k.trust.Version(), k.rules.Version(), k.current
}

// Check answers checkpoint.Check. It takes about a millisecond and waits for
// nothing.
func (c *Checker) Check(question checkpoint.Check) checkpoint.Event {
	k := c.known.Load()
	texts, have, of := assemble(question.Texts)
	if have < of {
		return checkpoint.Gathered{ID: question.ID, Read: have, Of: of}
	}
	now := c.now()
	read := make([]credential.Credential, len(texts))
	shown := make([]*credential.Credential, len(read))
	for i, text := range texts {
		read[i] = families.Read(text, k.trust, k.venues...)
		shown[i] = &read[i]
	}
	last := shown[len(shown)-1]
	verdict := k.rules.Judge(policy.Input{
		Now: now, Place: c.unit,
		TrustAt: k.current, RulesAt: k.current, TrustVersion: k.trust.Version(), TrustGathered: k.trust.At(),
		Revoked: k.trust.Revoked,
	}, shown...)
	party := 0
	switch content := last.Payload.(type) {
	case owncode.Slip:
		if last.Standing == credential.Signed {
			party = content.Party
		} else if last.Standing == credential.UnknownIssuer {
			select {
			case c.unknownIssuer <- struct{}{}:
			default: // a newer bundle is waited for already
			}
		}
	case owncode.Badge:
		if last.Standing == credential.Signed && verdict.Level != policy.Red {
			return checkpoint.BadgeRead{ID: question.ID, Badge: checkpoint.Badge{
				Number: last.ID, Name: content.Name, Role: checkpoint.Role(content.Role), Elsewhere: !c.covers(k, content.Unit),
			}}
		}
	case owncode.Sheet:
		return sheetRead(question.ID, last, content, now)
	}
	return checkpoint.Checked{ID: question.ID, Credentials: read, Verdict: verdict, Party: party}
}

// covers says whether a badge for a post or an administrative unit, "" for everywhere,
// holds where this kiosk stands: at its post, in its unit or one that this lies in.
func (c *Checker) covers(k *knowledge, of string) bool {
	if of == "" || of == c.site || slices.Contains(c.unit, of) {
		return true
	}
	return k.units != nil && slices.ContainsFunc(c.unit, func(code string) bool {
		return slices.ContainsFunc(k.units.Path(code), func(u declaration.Unit) bool { return u.Code == of })
	})
}

// sheetRead is what a provisioning sheet says. The kiosk's clock may not have
// been set yet: a sheet is not of the future, the clock is behind.
func sheetRead(id int, c *credential.Credential, sheet owncode.Sheet, now time.Time) checkpoint.SheetRead {
	read := checkpoint.SheetRead{
		ID: id, Number: c.ID, Kiosk: sheet.Kiosk, Site: sheet.Site, Server: sheet.Server, Key: c.Issuer.Key,
		Signed: c.Standing == credential.Signed,
	}
	if now.After(c.NotAfter) {
		read.Problem = "expired"
	}
	return read
}

// assemble puts the codes that are parts of one paper together, one a line, where
// the first of them stood, and says how many of how many there are: 0 of 0 where
// no paper is in parts.
func assemble(texts []string) (whole []string, have, of int) {
	parts := map[int]bool{}
	at := 0
	for _, text := range texts {
		number, count := shc.Chunk(text)
		switch {
		case count < 2:
			whole = append(whole, text)
		case of == 0:
			at, of = len(whole), count
			whole = append(whole, text)
			parts[number] = true
		default:
			whole[at] += "\n" + text
			if count == of {
				parts[number] = true
			}
		}
	}
	return whole, len(parts), of
}
