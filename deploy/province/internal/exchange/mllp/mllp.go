// Package mllp serves the Minimal Lower Layer Protocol, by which laboratories'
// systems send HL7 v2 over TCP: 0x0B, the message, 0x1C 0x0D; each message is
// answered by an acknowledgement in a frame of its own, in the order of arrival
// (HL7 Version 3 Standard: Transport Specification – MLLP, Release 1).
//
// What stands before a frame is skipped, and a 0x1C that no 0x0D follows belongs
// to the message. A peer that sends half a message, stays silent, never reads or
// sends more than the limit loses its connection, and nothing of the message
// counts: the acknowledgement is the only promise.
package mllp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"
)

// The bytes of a frame.
const (
	startBlock = 0x0b
	endBlock   = 0x1c
	carriage   = 0x0d
)

// Server answers messages.
type Server struct {
	// Admit says who a connection is of, after its handshake; an error ends it.
	Admit func(context.Context, net.Conn) (peer string, err error)
	// Handle takes a message in and returns its acknowledgement, nil for none.
	Handle func(ctx context.Context, peer, remote string, message []byte) []byte
	Log    *slog.Logger

	MaxMessage int           // bytes
	Idle       time.Duration // between messages
	Receive    time.Duration // of one message, from its first byte
	Send       time.Duration // of one acknowledgement
}

// Defaults of the limits.
const (
	DefaultMaxMessage = 10 << 20
	DefaultIdle       = 10 * time.Minute
	DefaultReceive    = time.Minute
	DefaultSend       = 10 * time.Second
)

// Serve answers on a listener until the context ends, and returns when all
// connections are closed.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var connections sync.WaitGroup
	defer connections.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("listening for HL7 messages: %w", err)
		}
		connections.Go(func() {
			defer c.Close()
			closing := context.AfterFunc(ctx, func() { c.Close() })
			defer closing()
			if err := s.serve(ctx, c); err != nil && ctx.Err() == nil {
				s.Log.Info("an HL7 connection ended", "remote", c.RemoteAddr().String(), "error", err)
			}
		})
	}
}

// handshaker is a TLS connection.
type handshaker interface {
	HandshakeContext(context.Context) error
}

// serve answers one connection. A fault in handling a message ends the connection,
// as net/http does it, and not the province.
func (s *Server) serve(ctx context.Context, c net.Conn) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			s.Log.Error("handling an HL7 message failed", "fault", fault, "stack", string(debug.Stack()))
			err = fmt.Errorf("handling a message: %v", fault)
		}
	}()
	if err := c.SetDeadline(time.Now().Add(s.Send)); err != nil {
		return err
	}
	if h, secure := c.(handshaker); secure {
		if err := h.HandshakeContext(ctx); err != nil {
			return fmt.Errorf("shaking hands: %w", err)
		}
	}
	peer, err := s.Admit(ctx, c)
	if err != nil {
		return err
	}
	remote, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		remote = c.RemoteAddr().String()
	}
	r := bufio.NewReader(c)
	for {
		if err := c.SetDeadline(time.Now().Add(s.Idle)); err != nil {
			return err
		}
		if err := begin(r); err != nil {
			if errors.Is(err, io.EOF) {
				return nil // the peer is done
			}
			return err
		}
		if err := c.SetDeadline(time.Now().Add(s.Receive)); err != nil {
			return err
		}
		message, err := rest(r, s.MaxMessage)
		if err != nil {
			return fmt.Errorf("receiving a message: %w", err)
		}
		answer := s.Handle(ctx, peer, remote, message)
		if ctx.Err() != nil {
			return ctx.Err() // it may not be durable: the peer sends it again
		}
		if answer == nil {
			continue
		}
		if err := c.SetDeadline(time.Now().Add(s.Send)); err != nil {
			return err
		}
		if _, err := c.Write(Frame(answer)); err != nil {
			return fmt.Errorf("answering a message: %w", err)
		}
	}
}

// begin skips to the beginning of a frame.
func begin(r *bufio.Reader) error {
	for {
		b, err := r.ReadByte()
		if err != nil || b == startBlock {
			return err
		}
	}
}

// ErrTooLong means that a message is longer than the limit.
var ErrTooLong = errors.New("the message is too long")

// rest reads a message to the end of its frame.
func rest(r *bufio.Reader, most int) ([]byte, error) {
	var message []byte
	for {
		b, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		if n := len(message); b == carriage && n > 0 && message[n-1] == endBlock {
			return message[:n-1], nil
		}
		if len(message) > most {
			return nil, ErrTooLong
		}
		message = append(message, b)
	}
}

// Frame puts a message into a frame.
func Frame(message []byte) []byte {
	framed := append(make([]byte, 0, len(message)+3), startBlock)
	return append(append(framed, message...), endBlock, carriage)
}

// Read reads one framed message, for a sender's side.
func Read(r *bufio.Reader, most int) ([]byte, error) {
	if err := begin(r); err != nil {
		return nil, err
	}
	return rest(r, most)
}
