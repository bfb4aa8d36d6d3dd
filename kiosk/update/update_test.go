package update

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chot/kiosk/bundle"
)

// machine is a system that notes what it is asked.
type machine struct {
	asked  []string
	refuse error
	slow   int // how often it does not answer when it is to confirm
}

func (m *machine) Install(_ context.Context, path string) error {
	m.asked = append(m.asked, "install "+filepath.Base(path))
	return m.refuse
}
func (m *machine) Confirm(context.Context) error {
	m.asked = append(m.asked, "confirm")
	if m.slow--; m.slow >= 0 {
		return errors.New("no answer")
	}
	return nil
}
func (m *machine) Back(context.Context) error    { m.asked = append(m.asked, "back"); return nil }
func (m *machine) Restart(context.Context) error { m.asked = append(m.asked, "restart"); return nil }

// card is what lies on a kiosk's data partition: it outlives the programs.
type card struct {
	*testing.T
	memory  string
	offered []bundle.File
	machine machine
	busy    bool
	failed  []Failure
	at      time.Time // the first moment of a run, zero for whatever it is
}

func newCard(t *testing.T, offered ...bundle.File) *card {
	return &card{T: t, memory: filepath.Join(t.TempDir(), "update.json"), offered: offered}
}

// runs lets a version run for a time, and returns what it asked of the machine.
func (c *card) runs(version string, d time.Duration) []string {
	c.Helper()
	c.machine.asked, c.failed = nil, nil
	ctx, stop := context.WithTimeout(c.Context(), d)
	defer stop()
	began := time.Now()
	u := &Updater{
		Version: version, Arch: "arm64", Memory: c.memory, System: &c.machine,
		Offered: func() []bundle.File { return c.offered },
		Fetch: func(_ context.Context, f bundle.File) (string, error) {
			return "/x/" + filepath.Base(filepath.Dir(f.Name)), nil
		},
		Idle: func() bool { return !c.busy },
		Now: func() time.Time {
			if c.at.IsZero() {
				return time.Now()
			}
			return c.at.Add(time.Since(began))
		},
		Failed: func(f Failure) { c.failed = append(c.failed, f) },
		Log:    slog.New(slog.DiscardHandler),
	}
	if err := u.Run(ctx); err != nil {
		c.Fatal(err)
	}
	return c.machine.asked
}

func (c *card) want(got []string, want ...string) {
	c.Helper()
	if !slices.Equal(got, want) {
		c.Errorf("the machine was asked %q, want %q", got, want)
	}
}

func file(version string) bundle.File {
	return bundle.File{Name: "releases/" + version + "/chot-arm64.raucb"}
}

func TestANewReleaseIsInstalledAndConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCard(t, file("1.1.0"), file("1.0.0"), file("1.10.0"))
		c.want(c.runs("1.1.0", Probation-time.Second))
		c.want(c.runs("1.1.0", 90*time.Second), "confirm", "install 1.10.0", "restart")
		c.want(c.runs("1.10.0", time.Hour), "confirm")
		if len(c.failed) > 0 {
			t.Errorf("failed: %v", c.failed)
		}
	})
}

func TestAReleaseThatDoesNotLastIsNamedAndNotTriedAgain(t *testing.T) {
	t.Parallel()
	for why, run := range map[string]func(*card){
		NotStarted: func(*card) {},
		NotHealthy: func(c *card) { c.want(c.runs("2.0.0", Probation-time.Second)) },
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCard(t, file("2.0.0"))
				c.want(c.runs("1.0.0", 90*time.Second), "confirm", "install 2.0.0", "restart")
				run(c)
				for range 2 { // and remembers it
					c.want(c.runs("1.0.0", time.Hour), "confirm")
					if len(c.failed) != 1 || c.failed[0].Version != "2.0.0" || c.failed[0].Why != why {
						t.Errorf("failed: %v, want %s", c.failed, why)
					}
				}
				c.offered = append(c.offered, file("2.0.1"))
				c.want(c.runs("1.0.0", 90*time.Second), "confirm", "install 2.0.1", "restart")
				c.want(c.runs("2.0.1", 90*time.Second), "confirm")
				if len(c.failed) != 0 {
					t.Errorf("what is behind us is still named: %v", c.failed)
				}
			})
		})
	}
}

func TestAReleaseThatCannotBeInstalled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCard(t, file("2.0.0"))
		c.machine.refuse = errors.New("the signature is wrong")
		c.want(c.runs("1.0.0", time.Hour), "confirm", "install 2.0.0")
		if len(c.failed) != 1 || c.failed[0].Why != NotInstalled {
			t.Errorf("failed: %v", c.failed)
		}
	})
}

// A machine that is busy with its start may not answer at once: a good release is
// not lost for that.
func TestAConfirmationIsAskedForUntilItIsGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCard(t, file("2.0.0"))
		c.machine.slow = 2
		c.want(c.runs("1.0.0", Probation+2*pace+time.Second), "confirm", "confirm", "confirm", "install 2.0.0", "restart")
	})
}

func TestNobodyIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCard(t, file("2.0.0"))
		c.busy = true
		c.want(c.runs("1.0.0", 24*time.Hour), "confirm")
	})
}

func TestTheWindowOfTheDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := file("2.0.0")
		f.Window = "01:00-04:00"
		c := newCard(t, f)
		c.at = time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
		c.want(c.runs("1.0.0", 20*time.Hour), "confirm")
		c.at = time.Date(2026, 3, 1, 0, 58, 30, 0, time.UTC)
		c.want(c.runs("1.0.0", 2*time.Minute+time.Second), "confirm", "install 2.0.0", "restart")
	})
	for _, c := range []struct {
		window, at string
		in         bool
	}{
		{"", "12:00", true}, {"01:00-04:00", "01:00", true}, {"01:00-04:00", "04:00", false},
		{"22:00-04:00", "23:59", true}, {"22:00-04:00", "03:59", true}, {"22:00-04:00", "12:00", false},
		{"night", "12:00", false}, {"01:00-", "01:00", false},
	} {
		at, err := time.Parse("15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := within(c.window, at); got != c.in {
			t.Errorf("%s in %q: %v", c.at, c.window, got)
		}
	}
}

func TestAHaltedReleaseIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		halted := file("2.0.0")
		halted.Halted = true
		c := newCard(t, halted, file("1.0.0"))
		c.want(c.runs("2.0.0", 90*time.Second), "confirm", "install 1.0.0", "restart")
		c.want(c.runs("1.0.0", time.Hour), "confirm")
		only := newCard(t, halted)
		only.want(only.runs("2.0.0", 90*time.Second), "confirm", "back", "restart")
		only.want(only.runs("1.0.0", time.Hour), "confirm")
	})
}

func TestOtherFilesAreNoReleases(t *testing.T) {
	t.Parallel()
	if got := releases([]bundle.File{
		{Name: "releases/1.0.0/chot-amd64.raucb"}, {Name: "releases/new/chot-arm64.raucb"},
		{Name: "rules/1.0.0/chot-arm64.raucb"}, {Name: "releases/chot-arm64.raucb"},
	}, "arm64"); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestATornMemoryStopsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCard(t, file("2.0.0"))
		if err := os.WriteFile(c.memory, []byte(`{"try`), 0o600); err != nil {
			t.Fatal(err)
		}
		c.want(c.runs("1.0.0", 90*time.Second), "confirm", "install 2.0.0", "restart")
	})
}

// RAUC is asked by its own command line, and its last line is the reason.
func TestRAUCIsAskedByCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := filepath.Join(dir, "rauc")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$@\" >> "+dir+"/log\n[ \"$1\" != install ] || { echo progress; echo bad signature; exit 1; }\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := RAUC{Command: script, Systemctl: script}
	if err := r.Install(t.Context(), "x.raucb"); err == nil || !strings.HasSuffix(err.Error(), "bad signature") {
		t.Errorf("error %v", err)
	}
	for _, do := range []func(context.Context) error{r.Confirm, r.Back, r.Restart} {
		if err := do(t.Context()); err != nil {
			t.Error(err)
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if want := "install x.raucb\nstatus mark-good booted\nstatus mark-active other\nreboot\n"; err != nil || string(log) != want {
		t.Errorf("asked %q, %v", log, err)
	}
}

// What became of earlier updates is dropped where its file is damaged: releases are
// confirmed and installed as on a new kiosk, and the file is whole again.
func TestADamagedMemoryIsDropped(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "cut": `{"trying":"1.1`, "of another kind": `{"failed":7}`, "no text": "\x00\xff"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCard(t, file("1.1.0"))
				if err := os.WriteFile(c.memory, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				c.want(c.runs("1.0.0", Probation+time.Second), "confirm", "install 1.1.0", "restart")
				if m, err := recall(c.memory); err != nil || m.Trying != "1.1.0" || len(m.Failed) > 0 {
					t.Errorf("the file says %+v, %v", m, err)
				}
			})
		})
	}
}
