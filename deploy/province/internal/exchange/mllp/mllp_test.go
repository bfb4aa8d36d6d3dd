package mllp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// serving is a server on the loopback that answers "ACK " and the message, and
// remembers what it took.
type serving struct {
	addr string
	mu   sync.Mutex
	took []string
	end  func() error
}

func serve(t *testing.T, change func(*Server)) *serving {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sv := &serving{addr: l.Addr().String()}
	s := &Server{
		Admit: func(context.Context, net.Conn) (string, error) { return "lab", nil },
		Handle: func(_ context.Context, peer, remote string, message []byte) []byte {
			sv.mu.Lock()
			defer sv.mu.Unlock()
			sv.took = append(sv.took, peer+" "+string(message))
			if strings.HasPrefix(string(message), "silent") {
				return nil
			}
			return append([]byte("ACK "), message...)
		},
		Log: slog.New(slog.DiscardHandler), MaxMessage: 1 << 20, Idle: time.Second, Receive: time.Second, Send: time.Second,
	}
	if change != nil {
		change(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	var once sync.Once
	var ended error
	sv.end = func() error {
		once.Do(func() { cancel(); ended = <-done })
		return ended
	}
	t.Cleanup(func() {
		if err := sv.end(); err != nil {
			t.Error(err)
		}
	})
	return sv
}

func (sv *serving) messages() []string {
	sv.mu.Lock()
	defer sv.mu.Unlock()
	return slices.Clone(sv.took)
}

func (sv *serving) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", sv.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEachMessageIsAnswered(t *testing.T) {
	t.Parallel()
	sv := serve(t, nil)
	c := sv.dial(t)
	// In pieces, with noise before the frames, an end block inside, three at once.
	whole := slices.Concat([]byte("noise\r"), Frame([]byte("one\r")), Frame([]byte("two\x1cmore")), []byte("\n"), Frame([]byte("silent")), Frame(nil), Frame([]byte("four")))
	go func() {
		for piece := range slices.Chunk(whole, 3) {
			c.Write(piece)
			time.Sleep(time.Millisecond)
		}
	}()
	r := bufio.NewReader(c)
	for _, want := range []string{"ACK one\r", "ACK two\x1cmore", "ACK ", "ACK four"} {
		if got, err := Read(r, 1000); err != nil || string(got) != want {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
	}
	if want := []string{"lab one\r", "lab two\x1cmore", "lab silent", "lab ", "lab four"}; !slices.Equal(sv.messages(), want) {
		t.Errorf("took %q", sv.messages())
	}
}

// closed says whether the server ends a connection.
func closed(t *testing.T, c net.Conn) bool {
	t.Helper()
	_, err := io.Copy(io.Discard, c)
	return err == nil || !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err)
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func TestABadPeerLosesItsConnectionAndNothingCounts(t *testing.T) {
	t.Parallel()
	short := func(s *Server) {
		s.Idle, s.Receive, s.Send, s.MaxMessage = 200*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond, 100
	}
	for name, send := range map[string][]byte{
		"silent":         nil,
		"half a message": []byte("\x0bhalf"),
		"only an end":    []byte("\x1c\r"),
		"too long":       append([]byte("\x0b"), bytes.Repeat([]byte("x"), 200)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sv := serve(t, short)
			c := sv.dial(t)
			if _, err := c.Write(send); err != nil {
				t.Fatal(err)
			}
			if !closed(t, c) || len(sv.messages()) > 0 {
				t.Errorf("took %q", sv.messages())
			}
		})
	}
}

// A peer that never reads its answers does not hold up the others.
func TestAPeerThatNeverReads(t *testing.T) {
	t.Parallel()
	sv := serve(t, func(s *Server) { s.Send = 200 * time.Millisecond; s.MaxMessage = 4 << 20 })
	deaf := sv.dial(t)
	big := Frame(bytes.Repeat([]byte("x"), 1<<20))
	go func() {
		for range 50 {
			if _, err := deaf.Write(big); err != nil {
				return
			}
		}
	}()
	c := sv.dial(t)
	if _, err := c.Write(Frame([]byte("other"))); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(bufio.NewReader(c), 100); err != nil || string(got) != "ACK other" {
		t.Errorf("%q, %v", got, err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for ; time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if _, err := deaf.Write([]byte{0}); err != nil {
			return // it was closed
		}
	}
	t.Error("the deaf peer keeps its connection")
}

func TestAStrangerIsNotAdmitted(t *testing.T) {
	t.Parallel()
	sv := serve(t, func(s *Server) {
		s.Admit = func(context.Context, net.Conn) (string, error) { return "", errors.New("a stranger") }
	})
	c := sv.dial(t)
	if _, err := c.Write(Frame([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	if !closed(t, c) || len(sv.messages()) > 0 {
		t.Errorf("took %q", sv.messages())
	}
}

// A message that cannot be handled ends its connection and nothing else.
func TestAFaultEndsOneConnection(t *testing.T) {
	t.Parallel()
	sv := serve(t, func(s *Server) {
		handle := s.Handle
		s.Handle = func(ctx context.Context, peer, remote string, message []byte) []byte {
			if string(message) == "fault" {
				panic("a fault")
			}
			return handle(ctx, peer, remote, message)
		}
	})
	c := sv.dial(t)
	if _, err := c.Write(Frame([]byte("fault"))); err != nil || !closed(t, c) {
		t.Errorf("the connection goes on: %v", err)
	}
	c = sv.dial(t)
	if _, err := c.Write(Frame([]byte("fine"))); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(bufio.NewReader(c), 100); err != nil || string(got) != "ACK fine" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestServingEnds(t *testing.T) {
	t.Parallel()
	sv := serve(t, func(s *Server) { s.Idle = time.Hour })
	c := sv.dial(t)
	if _, err := c.Write(Frame([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(bufio.NewReader(c), 100); err != nil {
		t.Fatal(err)
	}
	if err := sv.end(); err != nil || !closed(t, c) {
		t.Errorf("ended with %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x0bMSH|\x1c\r"))
	f.Add([]byte("x\x0b\x1c\x1c\r"))
	f.Fuzz(func(t *testing.T, data []byte) {
		message, err := Read(bufio.NewReader(bytes.NewReader(data)), 1000)
		if err != nil {
			return
		}
		again, err := Read(bufio.NewReader(bytes.NewReader(Frame(message))), 1000)
		if err != nil || !bytes.Equal(again, message) {
			t.Fatalf("%q is read as %q, %v", message, again, err)
		}
	})
}
