package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// process is the server under test.
type process struct {
	cmd    *exec.Cmd
	Kiosks string `json:"kiosks"`
}

func startServer(ctx context.Context, program, dir, database string) (*process, error) {
	args := []string{"serve", "--dir", dir, "--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"}
	if database != "" {
		args = append(args, "--database", database)
	}
	p := &process{cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Env = append(os.Environ(), "GOMEMLIMIT=400MiB") // as the systemd unit has it
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if err := json.NewDecoder(out).Decode(p); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// peak is the most memory that the process has had resident, in megabytes.
func (p *process) peak() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1024, err
		}
	}
	return 0, errors.New("the kernel does not say the peak of the memory")
}

func (p *process) stop() error {
	return errors.Join(p.cmd.Process.Signal(syscall.SIGTERM), p.cmd.Wait())
}
