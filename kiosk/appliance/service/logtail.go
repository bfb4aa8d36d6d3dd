package service

import (
	"io"
	"sync"
)

// LogTail passes the program's log on and keeps the end of it, for a technician
// who comes with a stick.
type LogTail struct {
	to io.Writer

	mu   sync.Mutex
	kept []byte
}

// maxLog is how much of the log is kept, in bytes.
const maxLog = 1 << 20

// NewLogTail makes a tail that passes what is written on to another writer.
func NewLogTail(to io.Writer) *LogTail { return &LogTail{to: to} }

// Write keeps a line and passes it on.
func (l *LogTail) Write(line []byte) (int, error) {
	l.mu.Lock()
	l.kept = append(l.kept, line...)
	if over := len(l.kept) - maxLog; over > maxLog/4 { // seldom, because it copies
		l.kept = append([]byte(nil), l.kept[over:]...)
	}
	l.mu.Unlock()
	return l.to.Write(line)
}

// Text is what is kept.
func (l *LogTail) Text() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]byte(nil), l.kept...)
}
