package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// confirmed is a command that cannot be undone: it asks first.
type confirmed struct {
	Yes bool `short:"y" help:"Do not ask."`
}

// ask returns nil where the person at the terminal agrees, or said so on the
// command line. The question goes to standard error; standard output is for
// results.
func (c confirmed) ask(con *console, question string) error {
	if c.Yes {
		return nil
	}
	fmt.Fprintf(con.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(con.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if !slices.Contains([]string{"y", "yes", "c", "có"}, strings.ToLower(strings.TrimSpace(answer))) {
		return exit{1, "nothing was changed; --yes does it without asking"}
	}
	return nil
}
