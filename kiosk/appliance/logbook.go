package appliance

import (
	"io"
	"sync"
)

// logbook passes the program's log on and keeps the end of it, for a technician
// who comes with a stick.
type logbook struct {
	to io.Writer

	mu   sync.Mutex
	kept []byte
}

// most is how much of the log is kept, in bytes.
const mostLog = 1 << 20

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	l.kept = append(l.kept, line...)
	if over := len(l.kept) - mostLog; over > mostLog/4 { // seldom, because it copies
		l.kept = append([]byte(nil), l.kept[over:]...)
	}
	l.mu.Unlock()
	return l.to.Write(line)
}

// text is what is kept.
func (l *logbook) text() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]byte(nil), l.kept...)
}
