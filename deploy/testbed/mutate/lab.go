package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/tools/cover"
)

// outcome of a mutant.
type outcome string

// The outcomes.
const (
	killed    outcome = "killed"
	timedOut  outcome = "timed out"
	survived  outcome = "survived"
	unreached outcome = "unreached" // survived, since no test runs the line
)

func (o outcome) noticed() bool { return o == killed || o == timedOut }

// lab builds and runs the tests of one package's mutants.
type lab struct {
	root  string // of the module
	dir   string // for what is built
	grace time.Duration
	tests []testPackage
}

// testPackage is a package whose tests are run.
type testPackage struct {
	name   string // below the module
	dir    string
	rapid  bool          // it knows rapid's flags
	always bool          // its tests reach the code in processes of their own
	took   time.Duration // without a mutant
	covers []*cover.Profile
}

// newLab runs the tests once as they are, for their time and what they reach.
func newLab(ctx context.Context, root, pkg string, grace time.Duration) (*lab, error) {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the mutants: %w", err)
	}
	l := &lab{root: root, dir: dir, grace: grace}
	for _, name := range append([]string{pkg}, beside[pkg]...) {
		t, err := l.baseline(ctx, pkg, name)
		if err != nil {
			l.close()
			return nil, err
		}
		if t.dir != "" {
			l.tests = append(l.tests, t)
		}
	}
	if len(l.tests) == 0 {
		l.close()
		return nil, errors.New(pkg + " has no tests, and none stand beside it")
	}
	return l, nil
}

func (l *lab) close() { _ = os.RemoveAll(l.dir) }

// baseline builds and runs the tests of a package as they are.
func (l *lab) baseline(ctx context.Context, pkg, name string) (t testPackage, err error) {
	list := exec.CommandContext(ctx, "go", "list", buildTags, "-json=Dir,TestGoFiles,XTestGoFiles,TestImports,XTestImports", "./"+name)
	list.Dir = l.root
	out, err := list.Output()
	if err != nil {
		return t, fmt.Errorf("listing %s: %w", name, err)
	}
	var listed struct {
		Dir                                                  string
		TestGoFiles, XTestGoFiles, TestImports, XTestImports []string
	}
	if err := json.Unmarshal(out, &listed); err != nil {
		return t, fmt.Errorf("listing %s: %w", name, err)
	}
	if len(listed.TestGoFiles)+len(listed.XTestGoFiles) == 0 {
		return t, nil
	}
	imports := append(listed.TestImports, listed.XTestImports...)
	t = testPackage{
		name: name, dir: listed.Dir, rapid: slices.Contains(imports, "pgregory.net/rapid"),
		always: slices.Contains(imports, "os/exec"),
	}
	profile := filepath.Join(l.dir, "cover")
	bin := filepath.Join(l.dir, "covered.test")
	if text, err := l.build(ctx, name, bin, "-cover", "-coverpkg=./"+pkg); err != nil {
		return t, fmt.Errorf("building the tests of %s: %w\n%s", name, err, text)
	}
	start := time.Now()
	text, err := t.run(ctx, bin, 10*time.Minute, "-test.coverprofile="+profile)
	if err != nil {
		return t, fmt.Errorf("the tests of %s fail without a mutant: %w\n%s", name, err, text)
	}
	t.took = time.Since(start)
	if t.covers, err = cover.ParseProfiles(profile); err != nil {
		return t, fmt.Errorf("reading what the tests of %s reach: %w", name, err)
	}
	return t, nil
}

// build makes a test binary. Symbols are for debuggers: linking is quicker
// without.
func (l *lab) build(ctx context.Context, name, bin string, flags ...string) ([]byte, error) {
	args := append([]string{"test", "-c", buildTags, "-vet=off", "-ldflags=-s -w", "-p=2", "-o", bin}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+name)...)
	cmd.Dir = l.root
	return cmd.CombinedOutput()
}

var errTimeout = errors.New("timed out")

// run runs a test binary in its package's folder and in a process group, which
// is killed as a whole.
func (t *testPackage) run(ctx context.Context, bin string, limit time.Duration, flags ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTimeout)
	defer cancel()
	args := append([]string{"-test.failfast", "-test.count=1"}, flags...)
	if t.rapid { // what it finds is not to be kept in the tree, nor made smaller
		args = append(args, "-rapid.nofailfile", "-rapid.shrinktime=0s")
	}
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir = t.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.Process != nil { // what the tests started and left
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	if cause := context.Cause(ctx); cause != nil && err != nil {
		err = cause
	}
	return out.Bytes(), err
}

// try runs the tests that reach a mutant until one of them fails.
func (l *lab) try(ctx context.Context, number int, m mutant) (outcome, error) {
	data, err := os.ReadFile(m.file)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", m.name, err)
	}
	path := func(name string) string { return filepath.Join(l.dir, fmt.Sprint(number, name)) }
	changed, overlay, bin := path(".go"), path(".json"), path(".test")
	defer func() {
		for _, name := range []string{changed, overlay, bin} {
			_ = os.Remove(name)
		}
	}()
	names, err := json.Marshal(map[string]any{"Replace": map[string]string{m.file: changed}})
	if err == nil {
		err = errors.Join(os.WriteFile(changed, m.apply(data), 0o600), os.WriteFile(overlay, names, 0o600))
	}
	if err != nil {
		return "", fmt.Errorf("writing the mutant of %s: %w", m.name, err)
	}
	is := unreached
	for _, t := range l.tests {
		if !t.reaches(m) {
			continue
		}
		is = survived
		if _, err := l.build(ctx, t.name, bin, "-overlay", overlay); ctx.Err() != nil {
			return "", context.Cause(ctx)
		} else if err != nil {
			return killed, nil // the package compiles: its tests do not any more, as a table with a constant twice
		}
		_, err := t.run(ctx, bin, 5*t.took+l.grace)
		switch {
		case ctx.Err() != nil:
			return "", context.Cause(ctx)
		case errors.Is(err, errTimeout):
			return timedOut, nil
		case err != nil:
			return killed, nil
		}
	}
	return is, nil
}

// reaches says whether the tests run a mutant's line. What lies outside of
// functions has no coverage and counts as reached.
func (t *testPackage) reaches(m mutant) bool {
	if t.always {
		return true
	}
	inFunction := false
	for _, p := range t.covers {
		if !strings.HasSuffix(p.FileName, "/"+m.name) {
			continue
		}
		for _, b := range p.Blocks {
			if b.StartLine <= m.line && m.line <= b.EndLine {
				if inFunction = true; b.Count > 0 {
					return true
				}
			}
		}
	}
	return !inFunction
}
