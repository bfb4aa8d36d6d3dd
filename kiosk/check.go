package main

import (
	"io/fs"
	"sync/atomic"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/pass"
	"chot/kiosk/credential/place"
	"chot/kiosk/policy"
)

// knowledge is what a verdict rests on: keys, revocations and rules of one
// moment. It is replaced as a whole.
type knowledge struct {
	trust   trustData
	places  []credential.Family // app and place codes, recognised by signed patterns
	book    *policy.Book
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
	known atomic.Pointer[knowledge]
	now   func() time.Time
	place []string
}

// check answers checkpoint.Check. It takes about a millisecond and waits for
// nothing.
func (c *checker) check(question checkpoint.Check) checkpoint.Event {
	k := c.known.Load()
	if k == nil {
		return checkpoint.Unreadable{ID: question.ID, Problem: "no-trust"}
	}
	now := c.now()
	read := make([]credential.Credential, len(question.Texts))
	shown := make([]*credential.Credential, len(read))
	for i, text := range question.Texts {
		read[i] = families.Read(text, k.trust, k.places...)
		shown[i] = &read[i]
	}
	last := shown[len(shown)-1]
	verdict := k.book.Judge(policy.Input{
		Now: now, Place: c.place,
		TrustAt: k.current, RulesAt: k.current, TrustVersion: k.trust.Version(),
		Revoked: k.trust.Revoked,
	}, shown...)
	switch content := last.Payload.(type) {
	case pass.Badge:
		if last.Standing == credential.Signed && verdict.Level != policy.Red {
			return checkpoint.BadgeRead{ID: question.ID, Badge: checkpoint.Badge{
				Number: last.ID, Name: content.Name, Role: checkpoint.Role(content.Role),
			}}
		}
	case pass.Sheet:
		read := checkpoint.SheetRead{
			ID: question.ID, Site: content.Site, Server: content.Server, Key: last.Issuer.Key,
			Signed: last.Standing == credential.Signed,
		}
		if now.After(last.NotAfter) {
			read.Problem = "expired"
		}
		return read
	}
	return checkpoint.Checked{ID: question.ID, Credentials: read, Verdict: verdict}
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
