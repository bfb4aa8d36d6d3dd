package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is the server under test.
type process struct {
	cmd     *exec.Cmd
	Kiosks  string `json:"kiosks"`
	Metrics string `json:"metrics"`
}

func startServer(ctx context.Context, program string, at *place) (*process, error) {
	args := []string{"serve", "--dir", at.dir, "--listen", "127.0.0.1:0", "--page", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--per-source", "0"}
	if at.name == postgres {
		args = append(args, "--database", at.server)
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

// profile writes what the server does in the next seconds to a file, none to "".
func (p *process) profile(ctx context.Context, file string) error {
	if file == "" {
		return nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(p.Metrics, "/metrics")+"/debug/pprof/profile?seconds=5", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("reading the profile: %w", err)
	}
	return os.WriteFile(file, body, 0o644)
}

// spent is the processor time of the server so far, by what the kernel says in
// hundredths of seconds (proc(5), /proc/pid/stat).
func (p *process) spent() (total time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	for _, field := range strings.Fields(rest)[11:13] { // utime and stime
		ticks, _ := strconv.Atoi(field) // a number
		total += time.Duration(ticks) * 10 * time.Millisecond
	}
	return total
}

func (p *process) stop() error {
	return errors.Join(p.cmd.Process.Signal(syscall.SIGTERM), p.cmd.Wait())
}
