package main

import (
	"net"
	"sync"
)

// sourceListener closes connections of an address that has many already, so that
// one machine cannot keep the others out.
type sourceListener struct {
	net.Listener
	most int

	mu   sync.Mutex
	open map[string]int // by address
}

// Accept implements net.Listener.
func (l *sourceListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		source, _, err := net.SplitHostPort(c.RemoteAddr().String())
		if err != nil {
			source = c.RemoteAddr().String()
		}
		if l.enter(source) {
			return &sourceConn{Conn: c, leave: sync.OnceFunc(func() { l.leave(source) })}, nil
		}
		c.Close() // its error changes nothing
	}
}

func (l *sourceListener) enter(source string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[source] >= l.most {
		return false
	}
	l.open[source]++
	return true
}

func (l *sourceListener) leave(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[source]--; l.open[source] <= 0 {
		delete(l.open, source)
	}
}

// sourceConn leaves its place when it is closed.
type sourceConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *sourceConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
