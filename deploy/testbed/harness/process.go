package harness

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Program is what to launch.
type Program struct {
	Name  string // in messages; "" for the last part of the path
	Path  string
	Args  []string
	Env   []string // besides the test's own
	Quiet bool     // what it says is not logged when the test fails
}

// Process is a program that runs until it is ended, by the test's end at the
// latest; it does not outlive the test's process either.
type Process struct {
	t     testing.TB
	name  string
	cmd   *exec.Cmd
	ended chan struct{}

	mu    sync.Mutex
	lines []string
}

// Launch starts a program.
func Launch(t testing.TB, p Program) *Process {
	t.Helper()
	if p.Name == "" {
		p.Name = filepath.Base(p.Path)
	}
	r := &Process{t: t, name: p.Name, cmd: exec.Command(p.Path, p.Args...), ended: make(chan struct{})}
	r.cmd.Env = append(os.Environ(), p.Env...)
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	read, write := io.Pipe()
	r.cmd.Stdout, r.cmd.Stderr = write, write
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", p.Path, err)
	}
	go func() {
		_ = r.cmd.Wait() // how it ended is asked by who ended it
		write.Close()
	}()
	go func() {
		defer close(r.ended)
		for lines := bufio.NewScanner(read); lines.Scan(); {
			r.mu.Lock()
			r.lines = append(r.lines, lines.Text())
			r.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		r.End(syscall.SIGKILL)
		if t.Failed() && !p.Quiet {
			t.Logf("what %s said:\n%s", r.name, strings.Join(r.Said(), "\n"))
		}
	})
	return r
}

// Pid is the number of its process.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Ended is closed when it has ended and said all.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Signal sends a signal; it may have ended already.
func (p *Process) Signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// End sends a signal and waits for the end: 30 seconds, then it is asked where it
// stands and killed.
func (p *Process) End(s syscall.Signal) {
	p.Signal(s)
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Errorf("%s did not end by %v", p.name, s)
		p.Signal(syscall.SIGQUIT)
		select {
		case <-p.ended:
		case <-time.After(10 * time.Second):
			p.Signal(syscall.SIGKILL)
			<-p.ended
		}
	}
}

// Said returns the lines so far that contain all of some texts.
func (p *Process) Said(texts ...string) (found []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.lines {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			found = append(found, line)
		}
	}
	return found
}

// FreePort finds a free port with a free one after it.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Must(t, err)
		port := l.Addr().(*net.TCPAddr).Port
		next, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port+1))
		l.Close()
		if err == nil {
			next.Close()
			return port
		}
	}
	t.Fatal("no two free ports")
	return 0
}
