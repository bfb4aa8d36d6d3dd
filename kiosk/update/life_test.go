package update

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/bundle"
)

// What a release may be like.
const (
	sound     = "sound"
	unsigned  = "cannot be installed"
	dead      = "never starts the kiosk"
	shortLife = "ends the kiosk within its probation"
)

// roots is a machine with two root file systems, as GRUB and RAUC keep them.
type roots struct {
	version [2]string
	bad     [2]bool // not to be started again
	first   int     // to be started next
	running int
	like    map[string]string // what each version is like
	starts  map[string]int
	restart context.CancelFunc
	asked   int // restarts
}

func (r *roots) other() int { return 1 - r.running }

func (r *roots) Install(_ context.Context, version string) error {
	if r.like[version] == unsigned {
		return errors.New("the signature is wrong")
	}
	r.version[r.other()], r.bad[r.other()], r.first = version, false, r.other()
	return nil
}
func (r *roots) Confirm(context.Context) error { r.bad[r.running] = false; return nil }
func (r *roots) Back(context.Context) error {
	r.bad[r.other()], r.first = false, r.other()
	return nil
}
func (r *roots) Restart(context.Context) error { r.asked++; r.restart(); return nil }

// start starts the machine and lets it run for a time, or until it is restarted.
func (r *roots) start(t *testing.T, memory string, offered []bundle.File, d time.Duration) {
	t.Helper()
	r.running = r.first
	if r.bad[r.running] {
		r.running = r.other()
	}
	version := r.version[r.running]
	r.starts[version]++
	switch r.like[version] {
	case dead:
		r.bad[r.running] = true
		return
	case shortLife:
		d = Probation / 2
		r.bad[r.running] = true
	}
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	r.restart = stop
	u := &Updater{
		Version: version, Arch: "arm64", Memory: memory, System: r,
		Offered: func() []bundle.File { return offered },
		Fetch: func(_ context.Context, f bundle.File) (string, error) {
			return filepath.Base(filepath.Dir(f.Name)), nil
		},
		Idle: func() bool { return true }, Now: time.Now, Failed: func(Failure) {}, Log: slog.New(slog.DiscardHandler),
	}
	if err := u.Run(ctx); err != nil {
		t.Error(err)
	}
}

// day is one on which a release is published, and how often and after how long
// the power fails.
type day struct {
	Like string
	Cuts []time.Duration
}

// Releases may be broken in any way and the power may fail at any moment: a
// broken one is started once at most, the kiosk always runs again, and in the end
// it runs the newest that works. When that is halted, it is left for the newest
// of the rest or for the one before, and where those do not last it rests.
func TestAKioskAlwaysRunsAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	days := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) day {
		return day{
			rapid.SampledFrom([]string{sound, unsigned, dead, shortLife}).Draw(t, "like"),
			rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
				return time.Duration(rapid.IntRange(1, 150).Draw(t, "seconds")) * time.Second
			}), 0, 3).Draw(t, "cuts"),
		}
	}), 1, 5)
	lives := 0
	rapid.Check(t, func(r *rapid.T) {
		lives++
		plan, halt := days.Draw(r, "days"), rapid.Bool().Draw(r, "halt")
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			wrong = live(t, filepath.Join(dir, fmt.Sprint(lives)), plan, halt)
		})
		if wrong != "" {
			r.Fatal(wrong)
		}
	})
}

// live plays a kiosk's life and says what was wrong with it.
func live(t *testing.T, memory string, plan []day, halt bool) string {
	t.Helper()
	r := &roots{version: [2]string{"1.0.0"}, bad: [2]bool{false, true}, like: map[string]string{"1.0.0": sound}, starts: map[string]int{}}
	var offered []bundle.File
	works := []string{"1.0.0"}
	settle := func() {
		for range 2 * (len(plan) + 1) {
			r.start(t, memory, offered, 5*time.Minute)
		}
	}
	for i, d := range plan {
		version := fmt.Sprintf("1.%d.0", i+1)
		r.like[version] = d.Like
		if d.Like == sound {
			works = append(works, version)
		}
		offered = append(offered, file(version))
		for _, after := range d.Cuts {
			r.start(t, memory, offered, after)
		}
	}
	settle()
	newest := works[len(works)-1]
	if runs := r.version[r.running]; runs != newest {
		return fmt.Sprintf("it runs %s in the end, want %s", runs, newest)
	}
	for version, like := range r.like {
		if n := r.starts[version]; like != sound && n > 1 || like == unsigned && n > 0 {
			return fmt.Sprintf("%s, which %s, was started %d times", version, like, n)
		}
	}
	if !halt || len(works) == 1 {
		return ""
	}
	for i := range offered {
		offered[i].Halted = offered[i].Halted || offered[i].Name == file(newest).Name
	}
	settle()
	runs, asked := r.version[r.running], r.asked
	settle()
	if r.like[runs] != sound || r.version[r.running] != runs || r.asked != asked {
		return fmt.Sprintf("it runs %s after %s was halted, and was restarted %d times more", runs, newest, r.asked-asked)
	}
	return ""
}
