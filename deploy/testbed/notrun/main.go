// Command notrun shows what go test -json says as go test says it, and names the
// tests that did not run:
//
//	go test -json ./... | notrun -to FILE    # prints results, keeps what was skipped in FILE
//	notrun FILE…                             # one line: what was skipped in all of them
//
// A test that is skipped in one run and passes in another, as some do under the
// race detector, did run. The exit status is 1 where a test failed.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	to := flag.String("to", "", "keep what was skipped in this `file`, reading go test -json from standard input")
	flag.Parse()
	err := error(nil)
	switch {
	case *to != "":
		err = follow(os.Stdin, os.Stdout, *to)
	default:
		err = name(os.Stdout, flag.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "notrun:", err)
		os.Exit(1)
	}
}

// event is a line of go test -json (go doc test2json; build-output is cmd/go's).
type event struct {
	Action, Package, Test, Output string
}

// result is how a test ended.
type result struct {
	Ran    bool
	Reason string // why it was skipped
}

// results are those of a run, by package and test.
type results map[string]result

// follow prints the results of packages, and what failing tests wrote.
func follow(in io.Reader, out io.Writer, to string) error {
	found, failed := results{}, false
	written := map[string][]string{} // by package and test, until it ends
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // not JSON: the go command itself speaks
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "output":
			written[key] = append(written[key], e.Output)
		case "build-fail":
			failed = true
		case "pass", "skip", "fail":
			failed = failed || e.Action == "fail"
			show(out, e, written[key])
			if e.Test != "" && e.Action != "fail" {
				found[key] = result{Ran: e.Action == "pass", Reason: reason(written[key])}
			}
			delete(written, key)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the tests' results: %w", err)
	}
	data, err := json.Marshal(found)
	if err == nil {
		err = os.WriteFile(to, data, 0o644)
	}
	if err != nil {
		return fmt.Errorf("keeping what was skipped: %w", err)
	}
	if failed {
		return fmt.Errorf("tests failed")
	}
	return nil
}

// show prints a failed test's output, and of a package its last line.
func show(out io.Writer, e event, written []string) {
	switch {
	case e.Action == "fail":
		fmt.Fprint(out, strings.Join(written, ""))
	case e.Test == "" && len(written) > 0:
		fmt.Fprint(out, written[len(written)-1])
	}
}

var place = regexp.MustCompile(`^\s+\S+\.go:\d+: `)

// reason is what a test said when it was skipped.
func reason(written []string) string {
	for _, line := range slices.Backward(written) {
		if at := place.FindString(line); at != "" {
			return strings.TrimPrefix(strings.TrimSpace(line[len(at):]), "skipped: ")
		}
	}
	return "no reason given"
}

// name prints one line about what none of the runs ran.
func name(out io.Writer, files []string) error {
	all := results{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading what was skipped: %w", err)
		}
		var of results
		if err := json.Unmarshal(data, &of); err != nil {
			return fmt.Errorf("reading what was skipped in %s: %w", file, err)
		}
		for test, r := range of {
			if before, known := all[test]; !known || !before.Ran {
				all[test] = r
			}
		}
	}
	packages, count := map[string][]string{}, 0 // by reason
	for _, test := range slices.Sorted(maps.Keys(all)) {
		if all[test].Ran {
			continue
		}
		count++
		of, _, _ := strings.Cut(strings.TrimPrefix(test, "chot/"), " ")
		if why := all[test].Reason; !slices.Contains(packages[why], of) {
			packages[why] = append(packages[why], of)
		}
	}
	if count == 0 {
		fmt.Fprintln(out, "Every test ran.")
		return nil
	}
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(packages)) {
		parts = append(parts, why+" ("+strings.Join(packages[why], ", ")+")")
	}
	fmt.Fprintf(out, "%d tests did not run: %s\n", count, strings.Join(parts, "; "))
	return nil
}
