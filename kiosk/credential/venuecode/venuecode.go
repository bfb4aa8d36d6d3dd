// Package venuecode recognises the codes of apps and places: links and numbers whose
// formats their makers never published and change at will. What they look like
// is therefore data, signed and sent to kiosks like rules, not code:
//
//	{"schema": 1, "version": "2026-03-01", "patterns": [
//	  {"id": "check-in", "prefix": "https://qr.example.vn/p/", "rest": "(?P<id>[0-9A-Z]{8})"},
//	  {"id": "app", "prefix": "APP|", "rest": "(?P<id>[0-9]{10})\\|(?P<name>[^|]+)\\|(?P<birth>[0-9-]{10})"}]}
//
// A text fits where it begins with the prefix and the rest of it, all of it,
// matches the regular expression (RE2 syntax, hence in linear time). Its named
// groups say what the text holds:
//
//	id        the code's own number; required
//	name      of a person
//	birth     of a person, as YYYY, YYYY-MM or YYYY-MM-DD
//	document  number of a person's identity document
//	place     name or code of a place
//
// Nothing vouches for such a text: its standing is SelfDeclared. A kiosk with a
// network may ask the province about it, by the Payload, which is a [Code].
package venuecode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"chot/kiosk/credential"
)

// Patterns are checked and compiled patterns.
type Patterns struct {
	version  string
	patterns []pattern
}

type pattern struct {
	id, prefix string
	rest       *regexp.Regexp
}

// Code is what was recognised, for a look-up at the province.
type Code struct {
	Pattern string // id of the pattern
	ID      string
	Place   string // "" where the text names none
}

// Bounds of the file and of a text.
const (
	maxPatterns = 200
	maxPattern  = 500  // bytes of one regular expression
	minPrefix   = 3    // shorter ones would claim everything
	maxText     = 2953 // bytes that a QR code holds
)

var groups = []string{"id", "name", "birth", "document", "place"}

// Parse reads and checks patterns. One that is wrong makes the whole file wrong.
func Parse(data []byte) (*Patterns, error) {
	var file struct {
		Schema   int    `json:"schema"`
		Version  string `json:"version"`
		Patterns []struct {
			ID     string `json:"id"`
			Prefix string `json:"prefix"`
			Rest   string `json:"rest"`
		} `json:"patterns"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("reading the patterns of codes: %w", err)
	}
	if file.Schema != 1 || file.Version == "" || len(file.Patterns) > maxPatterns {
		return nil, fmt.Errorf("reading the patterns of codes: schema %d, version %q, %d patterns", file.Schema, file.Version, len(file.Patterns))
	}
	p := &Patterns{version: file.Version}
	for _, f := range file.Patterns {
		rest, err := compile(f.ID, f.Prefix, f.Rest)
		if err != nil {
			return nil, fmt.Errorf("reading the pattern %q: %w", f.ID, err)
		}
		p.patterns = append(p.patterns, pattern{f.ID, f.Prefix, rest})
	}
	return p, nil
}

func compile(id, prefix, rest string) (*regexp.Regexp, error) {
	switch {
	case id == "":
		return nil, errors.New("no id")
	case len(prefix) < minPrefix:
		return nil, fmt.Errorf("the prefix %q is too short", prefix)
	case len(rest) > maxPattern:
		return nil, fmt.Errorf("longer than %d bytes", maxPattern)
	}
	re, err := regexp.Compile(`\A(?:` + rest + `)\z`)
	if err != nil {
		return nil, err
	}
	if re.SubexpIndex("id") < 0 {
		return nil, errors.New("no group names the id")
	}
	for _, name := range re.SubexpNames() {
		if name != "" && !slices.Contains(groups, name) {
			return nil, fmt.Errorf("the group %q means nothing", name)
		}
	}
	return re, nil
}

// Version names the patterns.
func (p *Patterns) Version() string { return p.version }

// Family is the family of all texts that fit one of the patterns.
func (p *Patterns) Family() credential.Family {
	return credential.Family{ID: credential.Place, Guessed: true, Recognise: p.recognise, Read: p.read, Purpose: credential.ForVenue}
}

func (p *Patterns) recognise(text string) bool {
	for i := range p.patterns {
		if strings.HasPrefix(text, p.patterns[i].prefix) {
			return true
		}
	}
	return false
}

func (p *Patterns) read(text string, _ credential.Keyring) (credential.Credential, error) {
	if len(text) > maxText || !utf8.ValidString(text) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	for i := range p.patterns {
		rest, ok := strings.CutPrefix(text, p.patterns[i].prefix)
		if !ok {
			continue
		}
		if c, ok := p.patterns[i].read(rest); ok {
			return c, nil
		}
	}
	return credential.Credential{}, credential.ErrNotRecognised
}

func (p *pattern) read(rest string) (credential.Credential, bool) {
	m := p.rest.FindStringSubmatch(rest)
	if m == nil {
		return credential.Credential{}, false
	}
	group := func(name string) string {
		if i := p.rest.SubexpIndex(name); i >= 0 {
			return m[i]
		}
		return ""
	}
	id := group("id")
	return credential.Credential{
		Family:   credential.Place,
		Standing: credential.SelfDeclared,
		ID:       id,
		Holder: credential.Holder{
			Name: group("name"), Birth: credential.ParseDate(group("birth")), Document: group("document"),
		},
		Issuer:  credential.Issuer{Name: p.id},
		Payload: Code{Pattern: p.id, ID: id, Place: group("place")},
	}, true
}
