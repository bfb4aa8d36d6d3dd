package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that the demo started and will end.
type process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how; read after done
}

// start runs a program until the context ends, then asks it to end, and ends it
// after grace. Its standard error is passed on, a line at a time, with its name
// before it; lines of standard output go to said.
func start(ctx context.Context, name string, env []string, said func(line string), path string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	// Ctrl-C reaches the whole foreground group; the demo ends its children in
	// its own order, so they get a group of their own.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	errs, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		lines := make(chan struct{})
		go func() {
			defer close(lines)
			each(errs, func(line string) { fmt.Fprintf(os.Stderr, "%s | %s\n", name, line) })
		}()
		each(out, said)
		<-lines
		p.err = cmd.Wait()
	}()
	return p, nil
}

const grace = 10 * time.Second

func each(from io.Reader, do func(string)) {
	for lines := bufio.NewScanner(from); lines.Scan(); {
		do(lines.Text())
	}
}

// end asks the process to end and waits for it.
func (p *process) end() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	<-p.done
	var ended *exec.ExitError
	if errors.As(p.err, &ended) && ended.ExitCode() == -1 {
		return nil // by our signal
	}
	return p.err
}

// virtualDisplay starts Xvfb on a display number of its own choosing.
func virtualDisplay(ctx context.Context, width, height int) (*process, string, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, "", fmt.Errorf("asking Xvfb for its display: %w", err)
	}
	defer read.Close()
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{write}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	err = cmd.Start()
	write.Close()
	if err != nil {
		return nil, "", fmt.Errorf("starting Xvfb: %w", err)
	}
	p := &process{name: "Xvfb", cmd: cmd, done: make(chan struct{})}
	go func() { defer close(p.done); p.err = cmd.Wait() }()
	line, err := bufio.NewReader(read).ReadString('\n')
	number, bad := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || bad != nil {
		return nil, "", errors.Join(errors.New("no display number from Xvfb"), err, bad, p.end())
	}
	return p, ":" + strconv.Itoa(number), nil
}
