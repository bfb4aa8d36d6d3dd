package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// raced and unraced are two runs of the same packages, as go test -json prints them.
const raced = `{"Action":"output","Package":"chot/ui","Test":"TestDraws","Output":"    a_test.go:7: not under the race detector\n"}
{"Action":"skip","Package":"chot/ui","Test":"TestDraws"}
{"Action":"output","Package":"chot/ui","Test":"TestSuite","Output":"    a_test.go:9: no public test data\n"}
{"Action":"skip","Package":"chot/ui","Test":"TestSuite"}
{"Action":"output","Package":"chot/ui","Test":"TestFine","Output":"=== RUN   TestFine\n"}
{"Action":"pass","Package":"chot/ui","Test":"TestFine"}
{"Action":"output","Package":"chot/ui","Output":"PASS\n"}
{"Action":"output","Package":"chot/ui","Output":"ok  \tchot/ui\t0.1s\n"}
{"Action":"pass","Package":"chot/ui"}
`

const unraced = `{"Action":"pass","Package":"chot/ui","Test":"TestDraws"}
{"Action":"output","Package":"chot/ui","Test":"TestSuite","Output":"    a_test.go:9: no public test data\n"}
{"Action":"skip","Package":"chot/ui","Test":"TestSuite"}
{"Action":"output","Package":"chot/store","Test":"TestSoak","Output":"    b_test.go:3: skipped: make soak-store runs it\n"}
{"Action":"skip","Package":"chot/store","Test":"TestSoak"}
`

const broken = `{"ImportPath":"chot/ui","Action":"build-output","Output":"ui/a.go:1: no\n"}
{"ImportPath":"chot/ui","Action":"build-fail"}
{"Action":"output","Package":"chot/store","Test":"TestBad","Output":"    b_test.go:4: 2 is not 3\n"}
{"Action":"fail","Package":"chot/store","Test":"TestBad"}
{"Action":"output","Package":"chot/store","Output":"FAIL\tchot/store\t0.1s\n"}
{"Action":"fail","Package":"chot/store"}
go: something else
`

func TestFollowAndName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, run := range []struct {
		name, in, want string
		fails          bool
	}{
		{"raced", raced, "ok  \tchot/ui\t0.1s\n", false},
		{"unraced", unraced, "", false},
		{"broken", broken, "ui/a.go:1: no\n    b_test.go:4: 2 is not 3\nFAIL\tchot/store\t0.1s\ngo: something else\n", true},
	} {
		var out strings.Builder
		if err := follow(strings.NewReader(run.in), &out, filepath.Join(dir, run.name)); (err != nil) != run.fails {
			t.Errorf("%s: error %v", run.name, err)
		}
		if out.String() != run.want {
			t.Errorf("%s printed %q, want %q", run.name, out.String(), run.want)
		}
	}
	all := filepath.Join(dir, "all")
	if err := os.WriteFile(all, []byte(`{"chot/ui TestFine":{"Ran":true}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		files []string
		want  string
	}{
		{[]string{"raced", "unraced"}, "2 tests did not run: make soak-store runs it (store); no public test data (ui)\n"},
		{[]string{"raced"}, "2 tests did not run: no public test data (ui); not under the race detector (ui)\n"},
		{[]string{"all"}, "Every test ran.\n"},
	} {
		var paths []string
		for _, f := range tt.files {
			paths = append(paths, filepath.Join(dir, f))
		}
		var out strings.Builder
		if err := name(&out, paths); err != nil || out.String() != tt.want {
			t.Errorf("%v: %v, %q, want %q", tt.files, err, out.String(), tt.want)
		}
	}
	if err := name(&strings.Builder{}, []string{filepath.Join(dir, "absent")}); err == nil {
		t.Error("a file that is not there was read")
	}
}
