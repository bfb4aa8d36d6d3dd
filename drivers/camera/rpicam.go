package camera

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// The Raspberry Pi's own cameras answer to libcamera only, which has no
// interface in C, let alone Go. Its tool rpicam-vid writes raw pictures to a
// pipe; see "rpicam-apps" in the Raspberry Pi camera software documentation.
// A child that outlives the kiosk ends at its next write to the broken pipe.

// command is a process that writes pictures of one mode to its standard output.
type command struct {
	names []string // the first that is installed is run
	args  []string
	mode  mode
}

func rpicamCommand(o options) command {
	// rpicam-vid pads rows to 64 bytes: sizes that need none keep rows apart.
	width, height := max(o.width/64*64, 64), o.height/2*2
	fps := o.fps
	if fps == 0 {
		fps = 30
	}
	f, _ := formatNamed("yu12")
	return command{
		names: []string{"rpicam-vid", "libcamera-vid"},
		args: []string{"--codec", "yuv420", "--timeout", "0", "--nopreview", "--flush", "--output", "-",
			"--width", fmt.Sprint(width), "--height", fmt.Sprint(height), "--framerate", fmt.Sprint(fps)},
		mode: mode{format: f, width: width, height: height, stride: width, fps: fps},
	}
}

func openPiped(c command, _ options) *live {
	return startLive(c.names[0], func() (stream, error) { return startPipe(c) })
}

// pipe is a running camera process.
type pipe struct {
	cmd    *exec.Cmd
	out    io.ReadCloser
	stderr tail
	mode   mode

	mu   sync.Mutex
	free [][]byte
}

func startPipe(c command) (*pipe, error) {
	var path string
	var err error
	for _, name := range c.names {
		if path, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not installed: %w", c.names[0], err)
	}
	p := &pipe{cmd: exec.Command(path, c.args...), mode: c.mode}
	p.cmd.Stderr = &p.stderr
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", path, err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	return p, nil
}

func (p *pipe) String() string {
	return fmt.Sprintf("%s %d×%d %s %.3g/s", p.cmd.Path, p.mode.width, p.mode.height, p.mode.format.name, p.mode.fps)
}

func (p *pipe) run(stop <-chan struct{}, offer func(shot)) error {
	// The watchdog closes the pipe under a read that would wait for ever.
	alive := make(chan struct{}, 1)
	ended := make(chan struct{})
	var watch sync.WaitGroup
	var silent bool
	watch.Go(func() { silent = p.watch(stop, ended, alive) })
	err := p.read(offer, alive)
	close(ended)
	watch.Wait()
	select {
	case <-stop:
		return nil
	default:
	}
	if silent {
		err = errSilent
	}
	return fmt.Errorf("reading from %s: %w%s", p.cmd.Path, err, p.stderr.words())
}

func (p *pipe) watch(stop, ended <-chan struct{}, alive <-chan struct{}) (silent bool) {
	// The sensor takes its time to start.
	timer := time.NewTimer(5 * silence)
	defer timer.Stop()
	for {
		select {
		case <-ended:
			return false
		case <-alive:
			timer.Reset(silence)
			continue
		case <-stop:
		case <-timer.C:
			silent = true
		}
		_ = p.out.Close()
		return silent
	}
}

func (p *pipe) read(offer func(shot), alive chan<- struct{}) error {
	size := p.mode.format.size(p.mode.stride, p.mode.height)
	for seq := uint64(1); ; seq++ {
		buf := p.take(size)
		if _, err := io.ReadFull(p.out, buf); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = errProcessEnded
			}
			return err
		}
		select {
		case alive <- struct{}{}:
		default:
		}
		offer(shot{
			seq: seq, time: time.Now(),
			develop: func() (Frame, error) {
				f, _, err := p.mode.frame(buf, nil)
				return f, err
			},
			release: func() { p.give(buf) },
		})
	}
}

// errProcessEnded is not the end of the pictures: the process is started again.
var errProcessEnded = errors.New("the process ended")

func (p *pipe) take(size int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		buf := p.free[n-1]
		p.free = p.free[:n-1]
		return buf
	}
	return make([]byte, size)
}

func (p *pipe) give(buf []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, buf)
}

func (p *pipe) close() {
	_ = p.out.Close()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// tail keeps the end of what a process says, for the error when it dies.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if extra := len(t.text) - 400; extra > 0 {
		t.text = bytes.Clone(t.text[extra:])
	}
	return len(b), nil
}

func (t *tail) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}
