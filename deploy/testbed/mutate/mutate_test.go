package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// toy is a module with one package: Add is tested, Least at one side alone, Wait
// does not end without its counter, Forgotten is never called.
var toy = map[string]string{
	"go.mod": "module toy\n\ngo 1.26\n",
	"p/p.go": `package p

import "errors"

type point struct{ x, y int }

func Add(a, b int) int {
	p := point{x: a, y: b}
	return p.x + p.y
}

func Least(a int) error {
	if a < 3 {
		return errors.New("too few")
	}
	return nil
}

func Wait(n int) {
	for n != 0 {
		n--
	}
}

func Forgotten() bool { return true }
`,
	"p/p_test.go": `package p

import "testing"

func TestP(t *testing.T) {
	if Add(2, 3) != 5 || Least(0) == nil || Least(9) != nil {
		t.Error("wrong")
	}
	Wait(3)
}
`,
}

// write makes the toy module.
func write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range toy {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var took = regexp.MustCompile(` in [^:]+:`)

// TestAToyPackage measures all mutants of the toy and compares the whole report.
func TestAToyPackage(t *testing.T) {
	t.Parallel()
	dir := write(t)
	var out strings.Builder
	o := options{root: dir, out: &out, seed: 1, n: 1000, jobs: 2, only: "p.go", grace: 2 * time.Second}
	if err := measure(t.Context(), "p", o); err != nil {
		t.Fatal(err)
	}
	const want = `survived    p/p.go:13: boundary: a < 3 → a <= 3
survived    p/p.go:13: constant: 3 → (3 + 1)
survived    p/p.go:20: condition: n != 0 → n == 0
survived    p/p.go:20: constant: 0 → (0 + 1)
unreached   p/p.go:25: constant: true → false
p, seed 1: 13 of 16 mutants: 7 killed, 1 timed out, 5 survived (1 of them in lines that no test reaches); 0 equivalent ones left out
  statement  4 of 4
  condition  1 of 2
  boundary   1 of 2
  constant   0 of 3
  result     2 of 2
p score 61 %
`
	if got := took.ReplaceAllString(out.String(), ":"); got != want {
		t.Errorf("reported is\n%s\nwant\n%s", got, want)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "p", "p.go")); err != nil || string(data) != toy["p/p.go"] {
		t.Error("the source was touched")
	}
	if err := measure(t.Context(), "p", options{root: dir, out: &out, n: 5, only: "other.go"}); err == nil {
		t.Error("a package without mutants has a score")
	}
}

func TestASampleIsTheSeeds(t *testing.T) {
	t.Parallel()
	s, err := load(t.Context(), write(t), "p")
	if err != nil {
		t.Fatal(err)
	}
	draw := func(seed uint64, n int) string { return fmt.Sprint(s.sample(s.mutants(""), seed, n)) }
	if first, again, other := draw(1, 6), draw(1, 6), draw(2, 6); first != again || first == other {
		t.Error("the sample is not the seed's")
	}
	kinds := map[kind]int{}
	for _, m := range s.sample(s.mutants(""), 3, 5) {
		kinds[m.kind]++
	}
	if len(kinds) != 5 {
		t.Errorf("five mutants are of %v", kinds)
	}
}

func TestEquivalentsAreNamedAndReasoned(t *testing.T) {
	t.Parallel()
	e, err := readEquivalents(equivalentFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range e.Mutant {
		if _, err := os.Stat(filepath.Join("..", "..", "..", m.File)); err != nil {
			t.Errorf("%s: %v", m.File, err)
		}
	}
	for name, text := range map[string]string{
		"no reason":      "[[mutant]]\nfile='a'\nwas='b'\nis='c'",
		"a misspelt key": "[[mutant]]\nfile='a'\nwas='b'\nis='c'\nreasons='d'",
	} {
		if _, err := readEquivalents(text); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	e, err = readEquivalents("[[mutant]]\nfile='a'\nwas='b'\nis='c'\nreason='d'")
	if err != nil {
		t.Fatal(err)
	}
	all := []mutant{{name: "a", was: " b", is: "c"}, {name: "a", was: "b", is: "d"}}
	if kept, left := e.without(all); left != 1 || len(kept) != 1 || kept[0].is != "d" {
		t.Errorf("kept are %v, %d left out", kept, left)
	}
}
