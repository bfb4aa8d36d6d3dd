package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/policy"
	"chot/kiosk/trust"
)

type checkCmd struct {
	Trust   string    `required:"" help:"Bundle directory with trust/, revocation/, rules/, policy.json; see kioskctl trust import." placeholder:"DIR"`
	At      time.Time `required:"" help:"The time to judge by, RFC 3339." placeholder:"TIME"`
	Explain bool      `help:"Print the way to the verdict too: what the signature says, events as read, each question that was asked and its answer."`
	Texts   []string  `arg:"" optional:"" name:"text" help:"Texts of codes; - or none reads one a line from standard input."`
}

// Exit statuses of check.
const exitUnknown = 3

// checkLine is what check prints for a text. It has no name and no identifier:
// what scripts keep of it is no more than a kiosk keeps.
type checkLine struct {
	Family   credential.FamilyID `json:"family"`
	Standing credential.Standing `json:"standing,omitempty"`
	Problem  credential.Problem  `json:"problem,omitempty"`
	Issuer   string              `json:"issuer,omitempty"`
	Key      string              `json:"key,omitempty"`
	Verdict  policy.Level        `json:"verdict,omitempty"`
	Reasons  []policy.Reason     `json:"reasons"`
	Trust    *policy.Freshness   `json:"trust,omitempty"`
	Rules    *policy.Freshness   `json:"rules,omitempty"`
	*explanation
}

// explanation is the way to a verdict. It has no name and no identifier either, but
// the days of doses and tests: it is for whoever holds the code.
type explanation struct {
	Signature credential.SignatureState `json:"signature"`
	Issued    time.Time                 `json:"issued,omitzero"`
	From      time.Time                 `json:"from,omitzero"`
	Until     time.Time                 `json:"until,omitzero"`
	Link      *link                     `json:"link,omitempty"`
	Events    []event                   `json:"events"`
	Steps     []policy.Step             `json:"steps"`
}

// link is where a verifiable link leads; its path may be a secret.
type link struct {
	Host  string    `json:"host"`
	Label string    `json:"label,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// event is an event as it was read.
type event struct {
	Kind    credential.EventKind `json:"kind"`
	Disease string               `json:"disease,omitempty"`
	At      time.Time            `json:"at,omitzero"`
	From    time.Time            `json:"from,omitzero"`
	Until   time.Time            `json:"until,omitzero"`
	Number  int                  `json:"number,omitempty"`
	Of      int                  `json:"of,omitempty"`
	Product string               `json:"product,omitempty"`
	Method  string               `json:"method,omitempty"`
	Result  string               `json:"result,omitempty"`
	Unread  credential.Fields    `json:"unread,omitempty"`
}

// explain makes an explanation of a credential as it was read and of the steps of
// its judgement.
func explain(c *credential.Credential, steps []policy.Step) *explanation {
	e := &explanation{
		Signature: c.Standing.Signature(), Issued: c.IssuedAt, From: c.NotBefore, Until: c.NotAfter, Events: []event{}, Steps: steps,
	}
	if c.Link != nil {
		e.Link = &link{Host: c.Link.Host(), Label: c.Link.Label, Until: c.Link.Until}
	}
	for _, v := range c.Events {
		e.Events = append(e.Events, event{
			Kind: v.Kind, Disease: v.Disease, At: v.At, From: v.From, Until: v.Until, Number: v.Number, Of: v.Of,
			Product: v.Product, Method: v.Method, Result: v.Result, Unread: v.Unread,
		})
	}
	return e
}

// Run checks each text as a kiosk would at that time with that bundle, of which
// the age is not held against it: the time is the caller's choice.
func (c *checkCmd) Run(ctx context.Context, con *console) error {
	bundle, err := openBundle(c.Trust)
	if err != nil {
		return err
	}
	keys, err := trust.Load(bundle)
	if err != nil {
		return fmt.Errorf("loading trust from %s: %w", c.Trust, err)
	}
	rules, err := policy.Load(bundle)
	if err != nil {
		return fmt.Errorf("loading the rules from %s: %w", c.Trust, err)
	}
	read := func(text string) (int, error) {
		line, status := c.check(text, keys, rules)
		return status, con.print(line)
	}
	worst, texts := 0, 0
	for text, err := range c.texts(con.in) {
		texts++
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("checking texts: %w", err)
		}
		status, err := read(text)
		if err != nil {
			return err
		}
		worst = max(worst, status)
	}
	if texts == 0 {
		// Nothing was scanned: a script must not take that for green.
		worst = exitUnknown
	}
	if worst > 0 {
		return exit{status: worst}
	}
	return nil
}

// texts yields the texts of the arguments, those of standard input for "-" or
// where there are no arguments.
func (c *checkCmd) texts(in io.Reader) func(yield func(string, error) bool) {
	args := c.Texts
	if len(args) == 0 {
		args = []string{"-"}
	}
	return func(yield func(string, error) bool) {
		for _, arg := range args {
			if arg != "-" {
				if !yield(arg, nil) {
					return
				}
				continue
			}
			for text, err := range lines(in) {
				if !yield(text, err) {
					return
				}
			}
		}
	}
}

// check reads and judges one text.
func (c *checkCmd) check(text string, keys *trust.Store, rules *policy.RuleSet) (checkLine, int) {
	cred := families.Read(text, keys)
	if cred.Family == credential.NoFamily && !c.Explain {
		return checkLine{Family: cred.Family, Reasons: []policy.Reason{}}, exitUnknown
	}
	in := policy.Input{Now: c.At, TrustAt: c.At, RulesAt: c.At, TrustVersion: keys.Version(), Revoked: keys.Revoked}
	v, steps := rules.Explain(in, &cred)
	issuer := cred.Issuer.Name
	if issuer == "" {
		issuer = cred.Issuer.Country
	}
	line := checkLine{
		Family: cred.Family, Standing: cred.Standing, Problem: cred.Problem, Issuer: issuer, Key: cred.Issuer.Key,
		Verdict: v.Level, Reasons: v.Reasons, Trust: &v.Trust, Rules: &v.Rules,
	}
	if c.Explain {
		line.explanation = explain(&cred, steps)
	}
	if cred.Family == credential.NoFamily {
		return line, exitUnknown
	}
	return line, max(int(v.Level)-int(policy.Green), 0)
}

// openBundle opens a bundle's directory. A single file is taken for the key
// list that it is: what a family's folder may hold is told apart by content, so
// it stands in the folder of each family that reads such lists.
func openBundle(path string) (fs.FS, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("opening the trust data: %w", err)
	}
	if info.IsDir() {
		return os.DirFS(path), nil
	}
	return nil, errors.New("trust data is a directory: import " + filepath.Base(path) + " into one with kioskctl trust import")
}

// lines yields the lines of a text without their ends, empty ones left out. A
// line may be long: garbage is to be judged, not to break the reading.
func lines(in io.Reader) func(yield func(string, error) bool) {
	return func(yield func(string, error) bool) {
		data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
		if err == nil && len(data) > maxInput {
			err = fmt.Errorf("more than %d bytes of texts", maxInput)
		}
		if err != nil {
			yield("", fmt.Errorf("reading the texts: %w", err))
			return
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" && !yield(line, nil) {
				return
			}
		}
	}
}

const maxInput = 64 << 20
