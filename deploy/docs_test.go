package deploy_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"chot/ui/catalog"
)

// pages are the repository's pages, by their path from its top.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, at := range []string{"../README.md", "README.md", "docs", "../.github", "../store/wire/README.md"} {
		err := filepath.WalkDir(at, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
				return err
			}
			text, err := os.ReadFile(path)
			found[filepath.Join("deploy", path)] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 10 {
		t.Fatalf("found %d pages", len(found))
	}
	return found
}

var (
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	ticked    = regexp.MustCompile("`([^`\n]+)`")
	filePath  = regexp.MustCompile(`^(kiosk|drivers|ui|store|deploy|\.github|\.ci)(/[\w.*-]+)+/?$`)
	testPath  = regexp.MustCompile(`\./((?:kiosk|drivers|ui|store|deploy)[\w./-]*)`)
	target    = regexp.MustCompile(`\bmake((?: [a-z][a-z-]*)+)`)
	heading   = regexp.MustCompile(`(?m)^#+ (.*)$`)
	stood     = regexp.MustCompile(`[A-Z]{3,}`) // NAME, CODE: to be filled in
	commanded = regexp.MustCompile(`\b(kioskctl|chot-province|province) ([a-z][a-z-]*)((?: [^\n|#]*)?)`)
	flagged   = regexp.MustCompile(`(^|\s)(--[a-z][a-z-]*)`)
)

// anchor is how a heading is linked to, as GitHub makes it.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

func exists(pattern string) bool {
	found, err := filepath.Glob(pattern)
	return err == nil && len(found) > 0
}

// What a page links to or names as a file or a folder of this repository is there.
func TestPagesNameWhatExists(t *testing.T) {
	t.Parallel()
	all := pages(t)
	named := 0
	for page, text := range all {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			to, at, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") {
				continue
			}
			file := page
			if to != "" {
				file = filepath.Join(filepath.Dir(page), to)
			}
			if !exists(filepath.Join("..", file)) {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
			if at == "" {
				continue
			}
			var anchors []string
			for _, h := range heading.FindAllStringSubmatch(all[file], -1) {
				anchors = append(anchors, anchor(h[1]))
			}
			if !slices.Contains(anchors, at) {
				t.Errorf("%s links to %s, a heading that is not there: %q", page, m[1], anchors)
			}
		}
		paths := testPath.FindAllStringSubmatch(text, -1)
		for _, m := range ticked.FindAllStringSubmatch(text, -1) {
			if filePath.MatchString(m[1]) && !stood.MatchString(m[1]) {
				paths = append(paths, m)
			}
		}
		for _, m := range paths {
			named++
			if path := strings.TrimRight(m[1], "./"); !exists(filepath.Join("..", path)) {
				t.Errorf("%s names %s, which is not there", page, path)
			}
		}
	}
	if named < 100 {
		t.Errorf("found %d paths: the pattern no longer fits the pages", named)
	}
}

// Every make target that a page names is one.
func TestPagesNameTargets(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for page, text := range pages(t) {
		code := ""
		for _, m := range ticked.FindAllStringSubmatch(text, -1) {
			code += m[1] + "\n"
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "    ") {
				code += line
			}
		}
		for _, m := range target.FindAllStringSubmatch(code, -1) {
			for _, name := range strings.Fields(m[1]) {
				named++
				if !regexp.MustCompile(`(?m)^` + name + `:`).Match(makefile) {
					t.Errorf("%s names make %s, which is no target", page, name)
				}
			}
		}
	}
	if named < 20 {
		t.Errorf("found %d targets: the pattern no longer fits the pages", named)
	}
}

// Every command that a page shows has that name and those flags.
func TestPagesShowCommandsThatParse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", dir+"/", "chot/deploy/kioskctl", "chot/deploy/province").CombinedOutput(); err != nil {
		t.Fatalf("building the programs: %v\n%s", err, out)
	}
	helped := map[string]string{}
	help := func(words ...string) string {
		key := strings.Join(words, " ")
		if _, known := helped[key]; !known {
			out, err := exec.CommandContext(t.Context(), filepath.Join(dir, words[0]), append(words[1:], "--help")...).CombinedOutput()
			if err != nil {
				out = nil
			}
			helped[key] = string(out)
		}
		return helped[key]
	}
	shown := 0
	for page, text := range pages(t) {
		for block := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
			if !strings.HasPrefix(block, "    ") {
				continue
			}
			for _, m := range commanded.FindAllStringSubmatch(block, -1) {
				program, words := strings.TrimPrefix(m[1], "chot-"), []string{m[2]}
				shown++
				rest := strings.Fields(m[3])
				if len(rest) > 0 && help(program, m[2], rest[0]) != "" && !strings.HasPrefix(rest[0], "-") && help(program, m[2], rest[0]) != help(program, m[2]) {
					words = append(words, rest[0])
				}
				said := help(append([]string{program}, words...)...)
				if said == "" {
					t.Errorf("%s shows %s, which does not parse", page, strings.TrimSpace(m[0]))
				}
				for _, f := range flagged.FindAllStringSubmatch(m[3], -1) {
					if !strings.Contains(said, f[2]) {
						t.Errorf("%s shows %s %s %s, a flag that is not there", page, program, strings.Join(words, " "), f[2])
					}
				}
			}
		}
	}
	if shown < 10 {
		t.Errorf("found %d commands: the pattern no longer fits the pages", shown)
	}
}

// The README can be read aloud.
func TestTheReadmeIsShort(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(readme), "\n"); lines > 120 {
		t.Errorf("the README has %d lines, want at most 120", lines)
	}
}

// Every decision is in the list of decisions.
func TestDecisionsAreListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("docs/decisions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("docs/decisions/*.md")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d decisions: %v", len(files), err)
	}
	for _, file := range files {
		if name := filepath.Base(file); name != "README.md" && !strings.Contains(string(list), "("+name+")") {
			t.Errorf("%s is not listed", name)
		}
	}
}

var quoted = regexp.MustCompile(`“([^”]+)”`)

// What the technician's guide quotes from the screen stands on it.
func TestTheGuideQuotesTheScreen(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	en, _ := catalog.Find("en")
	texts := map[string]bool{}
	for _, key := range en.Keys() {
		texts[en.Text(key)] = true
	}
	_, table, _ := strings.Cut(string(guide), "## What the lights and the screen say")
	table, _, _ = strings.Cut(table, "\n## ")
	found := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 2 {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			found++
			if !texts[m[1]] {
				t.Errorf("the guide quotes %q, which no screen says", m[1])
			}
		}
	}
	if found < 15 {
		t.Errorf("%d quotations", found)
	}
}
