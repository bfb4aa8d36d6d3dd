package hardware

import (
	"bufio"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// program is one that runs until the test ends.
type program struct {
	mu    sync.Mutex
	lines []string
}

func launch(t *testing.T, env []string, path string, args ...string) *program {
	t.Helper()
	p := &program{}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		reading.Wait()
		_ = cmd.Wait() // by the kill
		if t.Failed() {
			t.Logf("what %s said:\n%s", path, strings.Join(p.lines, "\n"))
		}
	})
	return p
}

// said tells whether the program has said a line with all of these in it.
func (p *program) said(texts ...string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.lines, func(line string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) })
	})
}
