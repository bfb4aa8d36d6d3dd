package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// What each shell is told: to ask kioskctl itself, and to complete file names
// where it answers nothing.
var (
	//go:embed completion/kioskctl.bash
	bashCompletion string
	//go:embed completion/kioskctl.zsh
	zshCompletion string
	//go:embed completion/kioskctl.fish
	fishCompletion string
)

// Run prints the script that a shell reads, such as by
//
//	source <(kioskctl completion bash)
func (c *completionCmd) Run(con *console) error {
	script := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[c.Shell]
	_, err := fmt.Fprint(con.out, script)
	return err
}

type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints what the last word may become, one a line.
func (c *completeCmd) Run(con *console, parser *kong.Kong) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	for _, word := range complete(parser.Model.Node, words) {
		if _, err := fmt.Fprintln(con.out, word); err != nil {
			return err
		}
	}
	return nil
}

// complete returns what the last of the words may become.
func complete(node *kong.Node, words []string) (found []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	last := len(words) - 1
	var value *kong.Flag // that the next word is the value of
	for _, word := range words[:last] {
		switch {
		case value != nil:
			value = nil
		case strings.HasPrefix(word, "--"):
			name, _, has := strings.Cut(word[2:], "=")
			if f := flagOf(node, name); f != nil && !has && !f.IsBool() {
				value = f
			}
		default:
			for _, child := range node.Children {
				if child.Name == word {
					node = child
					break
				}
			}
		}
	}
	keep := func(candidate string) {
		if strings.HasPrefix(candidate, words[last]) {
			found = append(found, candidate)
		}
	}
	if value != nil {
		for choice := range value.EnumMap() {
			keep(choice)
		}
		slices.Sort(found)
		return found
	}
	for _, child := range node.Children {
		if !child.Hidden && !strings.HasPrefix(words[last], "-") {
			keep(child.Name)
		}
	}
	for _, arg := range node.Positional {
		for choice := range arg.EnumMap() {
			keep(choice)
		}
	}
	if strings.HasPrefix(words[last], "-") {
		for _, f := range flags(node) {
			keep("--" + f.Name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// flags are those of a node and of what it is part of.
func flags(node *kong.Node) (all []*kong.Flag) {
	for _, group := range node.AllFlags(true) {
		all = append(all, group...)
	}
	return all
}

func flagOf(node *kong.Node, name string) *kong.Flag {
	for _, f := range flags(node) {
		if f.Name == name {
			return f
		}
	}
	return nil
}
