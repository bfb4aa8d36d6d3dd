package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// beside names the packages whose tests count for a package besides its own:
// where what it promises is checked in a room of its own. Only what runs in
// seconds stands here.
var beside = map[string][]string{
	"kiosk/credential/cose":  {"kiosk/credential/hcert"},
	"kiosk/credential/hcert": {"kiosk/credential/families", "kiosk/trust"},
	"kiosk/credential/shc":   {"kiosk/credential/families", "kiosk/trust"},
	"kiosk/credential/nzcp":  {"kiosk/credential/families", "kiosk/trust"},
	"kiosk/credential/vdsnc": {"kiosk/credential/families"},
	"kiosk/record":           {"kiosk/checkpoint"},
	"store/wire":             {"store/forward"},
}

//go:embed equivalent.toml
var equivalentFile string

// equivalents are mutants that behave as the source does.
type equivalents struct {
	Mutant []equivalent
}

// equivalent is one of them. It is known by its text, not by its line, which
// moves.
type equivalent struct {
	File, Was, Is string // as the report prints them
	Reason        string
}

func readEquivalents(text string) (e equivalents, err error) {
	meta, err := toml.Decode(text, &e)
	if err != nil {
		return e, fmt.Errorf("reading equivalent.toml: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return e, fmt.Errorf("reading equivalent.toml: %v: the keys are file, was, is and reason", unknown)
	}
	for _, m := range e.Mutant {
		if m.File == "" || m.Was == "" || m.Is == "" || strings.TrimSpace(m.Reason) == "" {
			return e, fmt.Errorf("reading equivalent.toml: %s: %q → %q needs file, was, is and reason", m.File, m.Was, m.Is)
		}
	}
	return e, nil
}

// without leaves out those that are known to be equivalent, and says how many.
func (e equivalents) without(all []mutant) (kept []mutant, left int) {
	type id struct{ file, was, is string }
	known := map[id]bool{}
	for _, m := range e.Mutant {
		known[id{m.File, m.Was, m.Is}] = true
	}
	for _, m := range all {
		if known[id{m.name, oneLine(m.was), oneLine(m.is)}] {
			left++
			continue
		}
		kept = append(kept, m)
	}
	return kept, left
}
