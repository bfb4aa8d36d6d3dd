package service

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
)

// LogTail passes the program's log on and keeps the end of it, for a technician
// who comes with a stick. Writing to it never waits: what a reader that hangs does
// not take is counted and dropped, because a log must not hold up a record.
type LogTail struct {
	lines chan []byte
	done  chan struct{}

	mu      sync.Mutex
	kept    []byte
	dropped int
	closed  bool
}

const (
	maxLog   = 1 << 20 // bytes that are kept
	maxLines = 1024    // that wait to be passed on
)

// NewLogTail makes a tail that passes what is written on to another writer, until
// it is closed.
func NewLogTail(to io.Writer) *LogTail {
	l := &LogTail{lines: make(chan []byte, maxLines), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for line := range l.lines {
			_, _ = to.Write(line) // there is no other place to say that it failed
		}
	}()
	return l
}

// Write keeps a line and has it passed on. It never fails.
func (l *LogTail) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, line...)
	if over := len(l.kept) - maxLog; over > maxLog/4 { // seldom, because it copies
		l.kept = append([]byte(nil), l.kept[over:]...)
	}
	if l.closed {
		return len(line), nil
	}
	out := bytes.Clone(line)
	if l.dropped > 0 {
		out = append(fmt.Appendf(nil, "level=WARN msg=\"log lines were dropped\" count=%d\n", l.dropped), out...)
	}
	select {
	case l.lines <- out:
		l.dropped = 0
	default:
		l.dropped++
	}
	return len(line), nil
}

// Text is what is kept.
func (l *LogTail) Text() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.kept)
}

// Close passes on what waits, for as long as that may take, and reports whether all
// of it went.
func (l *LogTail) Close(within time.Duration) bool {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.lines)
	}
	l.mu.Unlock()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-l.done:
		return true
	case <-timer.C:
		return false
	}
}
