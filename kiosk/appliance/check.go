package appliance

import (
	"io/fs"
	"sync/atomic"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/pass"
	"chot/kiosk/credential/place"
	"chot/kiosk/credential/shc"
	"chot/kiosk/policy"
)

// knowledge is what a verdict rests on: keys, revocations and rules of one
// moment. It is replaced as a whole.
type knowledge struct {
	trust   trustData
	places  []credential.Family // app and place codes, recognised by signed patterns
	rules   *policy.RuleSet
	current time.Time // when the bundle was last known to be current; zero for never
}

// trustData is what the checker needs of package trust.
type trustData interface {
	credential.Keyring
	Version() string
	Revoked(*credential.Credential) bool
}

// checker reads codes and judges them.
type checker struct {
	known    atomic.Pointer[knowledge]
	now      func() time.Time
	place    []string
	stranger chan struct{} // a slip's kiosk was unknown: the bundle may be too old for it
}

// newChecker makes a checker for a place, the code of its unit; what it knows
// comes later.
func newChecker(now func() time.Time, unit string) *checker {
	return &checker{now: now, place: []string{unit}, stranger: make(chan struct{}, 1)}
}

// check answers checkpoint.Check. It takes about a millisecond and waits for
// nothing.
func (c *checker) check(question checkpoint.Check) checkpoint.Event {
	k := c.known.Load()
	if k == nil {
		return checkpoint.Unreadable{ID: question.ID, Problem: "no-trust"}
	}
	texts, have, of := assemble(question.Texts)
	if have < of {
		return checkpoint.Gathered{ID: question.ID, Read: have, Of: of}
	}
	now := c.now()
	read := make([]credential.Credential, len(texts))
	shown := make([]*credential.Credential, len(read))
	for i, text := range texts {
		read[i] = families.Read(text, k.trust, k.places...)
		shown[i] = &read[i]
	}
	last := shown[len(shown)-1]
	verdict := k.rules.Judge(policy.Input{
		Now: now, Place: c.place,
		TrustAt: k.current, RulesAt: k.current, TrustVersion: k.trust.Version(),
		Revoked: k.trust.Revoked,
	}, shown...)
	party := 0
	switch content := last.Payload.(type) {
	case pass.Slip:
		if last.Standing == credential.Signed {
			party = content.Party
		} else if last.Standing == credential.UnknownIssuer {
			select {
			case c.stranger <- struct{}{}:
			default: // a newer bundle is waited for already
			}
		}
	case pass.Badge:
		if last.Standing == credential.Signed && verdict.Level != policy.Red {
			return checkpoint.BadgeRead{ID: question.ID, Badge: checkpoint.Badge{
				Number: last.ID, Name: content.Name, Role: checkpoint.Role(content.Role),
			}}
		}
	case pass.Sheet:
		return sheetRead(question.ID, last, content, now)
	}
	return checkpoint.Checked{ID: question.ID, Credentials: read, Verdict: verdict, Party: party}
}

// sheetRead is what a provisioning sheet says. The kiosk's clock may not have
// been set yet: a sheet is not of the future, the clock is behind.
func sheetRead(id int, c *credential.Credential, sheet pass.Sheet, now time.Time) checkpoint.SheetRead {
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

// loadPlaces reads the patterns of app and place codes.
func loadPlaces(bundle fs.FS) (all []credential.Family, err error) {
	err = eachFile(bundle, "trust/place", ".json", func(_ string, data []byte) error {
		patterns, err := place.Parse(data)
		if err == nil {
			all = append(all, patterns.Family())
		}
		return err
	})
	return all, err
}
