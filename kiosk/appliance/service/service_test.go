package service

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/store/forward"
)

var quiet = slog.New(slog.DiscardHandler)

func TestEveryProblemOfTheWayToTheProvinceIsACondition(t *testing.T) {
	t.Parallel()
	for _, p := range []forward.Problem{
		forward.Unreachable, forward.Refused, forward.Forked, forward.BadReceipt, forward.OverBudget, forward.Broken,
	} {
		if c := serverConditions[p]; c == nil || c.Severity == checkpoint.Blocking {
			t.Errorf("%s: %+v", p, c)
		}
	}
}

func TestLogTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	l := NewLogTail(&to)
	line := bytes.Repeat([]byte("x"), 9999)
	for range 200 {
		if _, err := l.Write(append(line, '\n')); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = l.Write([]byte("the last line\n"))
	kept := l.Text()
	if len(kept) < maxLog || len(kept) > maxLog*5/4+10000 || !bytes.HasSuffix(kept, []byte("the last line\n")) {
		t.Errorf("%d bytes are kept", len(kept))
	}
	if !l.Close(10 * time.Second) {
		t.Fatal("not all was passed on")
	}
	if to.Len() != 200*10000+14 {
		t.Errorf("%d bytes were passed on", to.Len())
	}
}

func TestSavingTheLogToAStick(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs := NewLogTail(io.Discard)
	var answer checkpoint.Event
	options := StickOptions{
		Kiosk: "hall-1", Now: func() time.Time { return time.Unix(0, 0) }, Logs: logs, Log: quiet,
		Find:       func() (string, error) { return filepath.Join(dir, "chot"), nil },
		Background: func(task func() checkpoint.Event) { answer = task() },
	}
	_, _ = logs.Write([]byte("one line\n"))
	NewStick(options).SaveLogs()
	if answer != (checkpoint.StickDone{Count: 1}) {
		t.Errorf("saving the log: %+v", answer)
	}
	saved, err := os.ReadFile(filepath.Join(dir, "chot", "hall-1-19700101-000000.log"))
	if err != nil || string(saved) != "one line\n" {
		t.Errorf("saved %q, %v", saved, err)
	}
	options.Find = func() (string, error) { return "", errNoStick }
	NewStick(options).SaveLogs()
	if answer != (checkpoint.StickDone{Problem: "no-stick"}) {
		t.Errorf("without a stick: %+v", answer)
	}
}

// stuck is a log that is not read.
type stuck struct{ release chan struct{} }

func (s stuck) Write(line []byte) (int, error) {
	<-s.release
	return len(line), nil
}

// A log that is not read holds up none of its writers, and keeps its end for the
// technician.
func TestALogThatIsNotReadHoldsUpNothing(t *testing.T) {
	t.Parallel()
	to := stuck{make(chan struct{})}
	l := NewLogTail(to)
	written := make(chan struct{})
	go func() {
		defer close(written)
		for range 10 * maxLines {
			_, _ = l.Write([]byte("a line\n"))
		}
	}()
	select {
	case <-written:
	case <-time.After(20 * time.Second):
		t.Fatal("a writer waits")
	}
	if l.Close(10 * time.Millisecond) {
		t.Error("all was passed on")
	}
	close(to.release)
	if !l.Close(10*time.Second) || len(l.Text()) != 10*maxLines*7 {
		t.Errorf("%d bytes are kept", len(l.Text()))
	}
}
