package main

import (
	"fmt"
	"io"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// loadTOML lets a file give values to flags that the command line does not name.
// A key that is no flag of any command is an error, so that a misspelt one is
// seen.
func loadTOML(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if _, err := toml.NewDecoder(r).Decode(&values); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return tomlResolver(values), nil
}

type tomlResolver map[string]any

// Validate implements kong.Resolver.
func (t tomlResolver) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, command := range app.Leaves(true) {
		for _, flag := range command.Flags {
			known[flag.Name] = true
		}
	}
	for key := range t {
		if !known[key] {
			return fmt.Errorf("reading the configuration: unknown setting %q", key)
		}
	}
	return nil
}

// Resolve implements kong.Resolver.
func (t tomlResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := t[flag.Name]
	if !ok {
		return nil, nil
	}
	return value, nil
}
