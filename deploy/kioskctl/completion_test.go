package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestCompletionKnowsTheCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words string
		has   []string
		not   []string
	}{
		{"", []string{"scan", "check", "sheet", "publish"}, []string{"complete"}},
		{"pub", []string{"publish"}, []string{"scan"}},
		{"publish ", []string{"put", "list", "limit", "remove"}, []string{"scan"}},
		{"publish limit --h", []string{"--halt"}, []string{"--key"}},
		{"label --language ", []string{"tspl", "zpl", "escpos"}, []string{"scan"}},
		{"label --language=tspl --d", []string{"--dpi"}, nil},
		{"completion ", []string{"bash", "zsh", "fish"}, nil},
		{"scan --js", []string{"--json"}, nil},
		{"fly away", nil, []string{"scan"}},
	} {
		var out, errs bytes.Buffer
		args := append([]string{"complete", "--"}, strings.Split(c.words, " ")...)
		if status := run(t.Context(), args, strings.NewReader(""), &out, &errs); status != 0 {
			t.Errorf("%q: status %d, %s", c.words, status, &errs)
		}
		got := strings.Fields(out.String())
		for _, want := range c.has {
			if !slices.Contains(got, want) {
				t.Errorf("%q: %q lacks %s", c.words, got, want)
			}
		}
		for _, bad := range c.not {
			if slices.Contains(got, bad) {
				t.Errorf("%q: %q has %s", c.words, got, bad)
			}
		}
	}
}

func TestEveryCommandStandsInTheManual(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"man"}, strings.NewReader(""), &out, &errs); status != 0 {
		t.Fatalf("status %d, %s", status, &errs)
	}
	for _, want := range []string{".TH KIOSKCTL 1", ".SS publish limit", `\-\-passphrase`, ".SH EXIT STATUS"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the manual lacks %q", want)
		}
	}
	for line := range strings.Lines(out.String()) {
		if strings.TrimSpace(line) == "" {
			t.Error("the manual has an empty line")
		}
	}
}

func TestWhatCannotBeUndoneIsAsked(t *testing.T) {
	t.Parallel()
	for answer, agreed := range map[string]bool{"y\n": true, "có\n": true, "Yes": true, "\n": false, "": false, "no\n": false} {
		var errs bytes.Buffer
		err := confirmed{}.ask(&console{in: strings.NewReader(answer), err: &errs}, "Go on?")
		if (err == nil) != agreed || !strings.Contains(errs.String(), "Go on?") {
			t.Errorf("%q: %v, asked %q", answer, err, &errs)
		}
	}
	if err := (confirmed{Yes: true}).ask(nil, ""); err != nil {
		t.Error(err)
	}
}

func TestPeopleReadLinesProgramsJSON(t *testing.T) {
	t.Parallel()
	v := struct {
		B string   `json:"b"`
		A []string `json:"a"`
	}{"<được>", []string{"x"}}
	for plain, want := range map[bool]string{false: `{"b":"<được>","a":["x"]}` + "\n", true: "b            <được>\na            [\"x\"]\n\n"} {
		var out bytes.Buffer
		if err := (output{w: &out, plain: plain}).write(v); err != nil || out.String() != want {
			t.Errorf("%q, %v", out.String(), err)
		}
	}
}
