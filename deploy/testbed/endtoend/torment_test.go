package endtoend

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
)

// torment is one way in which the world treats a kiosk badly.
type torment struct {
	name string
	// do torments and returns once the torment is over; the kiosk is expected to
	// serve again by itself afterwards.
	do func(t *tormented)
}

// tormented is the bench under torment.
type tormented struct {
	*bench
	t        *testing.T
	random   *rand.Rand
	province *process
	kiosk    *process
	kept     []uint64 // acknowledged by kiosks that were ended
}

// restart ends the kiosk at once and starts it again.
func (w *tormented) restart() {
	w.kill()
	w.kiosk = w.startKiosk(w.config)
}

func (w *tormented) kill() {
	w.kiosk.End(syscall.SIGKILL)
	w.kept = append(w.kept, kept(w.kiosk)...)
}

// more waits for records, and returns how long that took.
func (w *tormented) more(n int) time.Duration {
	w.t.Helper()
	begun, have := time.Now(), len(kept(w.kiosk))
	defer func() {
		if w.t.Failed() {
			w.t.Logf("screens: %v", w.shots(w.config))
		}
	}()
	harness.Until(w.t, fmt.Sprintf("%d more records", n), 90*time.Second, func() bool { return len(kept(w.kiosk)) >= have+n })
	return time.Since(begun)
}

// serves waits for verdicts on the screen, and returns how long that took. The deck
// comes round and round: codes that were counted a moment ago are shown their
// verdict again, and make no record.
func (w *tormented) serves(n int) time.Duration {
	w.t.Helper()
	verdicts := func() (count int) {
		for _, name := range w.shots(w.config) {
			if strings.HasPrefix(name, "shown-") {
				count++
			}
		}
		return count
	}
	begun, have := time.Now(), verdicts()
	harness.Until(w.t, fmt.Sprintf("%d more verdicts", n), 90*time.Second, func() bool { return verdicts() >= have+n })
	return time.Since(begun)
}

func (w *tormented) state(name ...string) string {
	return filepath.Join(append([]string{w.dir, "kiosk"}, name...)...)
}

// harm damages a file: it is gone, empty, cut short, or some of its bytes are others.
func (w *tormented) harm(path string) {
	w.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	how := w.random.IntN(4)
	switch {
	case how == 0:
		err = os.Remove(path)
	case how == 1 || len(data) == 0:
		err = os.WriteFile(path, nil, 0o600)
	case how == 2:
		err = os.WriteFile(path, data[:w.random.IntN(len(data))], 0o600)
	default:
		for range 1 + len(data)/50 {
			data[w.random.IntN(len(data))] ^= byte(1 + w.random.IntN(255))
		}
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("harmed %s: %s", path, []string{"removed", "emptied", "cut", "changed"}[how])
}

// bundleFile is any file of a generation, its metadata among them; "" if there is
// no such generation yet.
func (w *tormented) bundleFile(link string) string {
	w.t.Helper()
	place, err := filepath.EvalSymlinks(w.state("bundle", link))
	if errors.Is(err, os.ErrNotExist) {
		return ""
	}
	var files []string
	err = errors.Join(err, filepath.WalkDir(place, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	}))
	if err != nil || len(files) == 0 {
		w.t.Fatalf("files of the bundle: %v, %v", files, err)
	}
	return files[w.random.IntN(len(files))]
}

var torments = []torment{
	{"the kiosk is killed", func(w *tormented) { w.restart() }},
	{"the province is killed", func(w *tormented) {
		w.province.End(syscall.SIGKILL)
		w.serves(2)
		w.province = w.startProvince()
	}},
	{"a file of the bundle is damaged", func(w *tormented) {
		w.harm(w.bundleFile("current"))
		w.restart()
	}},
	{"a file of each generation is damaged", func(w *tormented) {
		w.harm(w.bundleFile("current"))
		if file := w.bundleFile("previous"); file != "" {
			w.harm(file)
		}
		w.restart()
	}},
	{"the memory is damaged", func(w *tormented) {
		w.harm(w.state([]string{"memory.db", "memory-2.db"}[w.random.IntN(2)]))
		w.restart()
	}},
	{"the memory is lost", func(w *tormented) {
		w.harm(w.state("memory.db"))
		w.harm(w.state("memory-2.db"))
		w.restart()
	}},
	{"the display hangs", func(w *tormented) {
		w.signalDisplay(syscall.SIGSTOP)
		time.Sleep(4 * time.Second) // what was seen before may still be written down
		before := len(kept(w.kiosk))
		time.Sleep(5 * time.Second)
		if after := len(kept(w.kiosk)); after != before {
			w.t.Errorf("%d records were made behind a picture that stands", after-before)
		}
		w.signalDisplay(syscall.SIGCONT)
	}},
	{"the disk hangs", func(w *tormented) {
		freeze := func(how string) {
			if out, err := exec.Command("fsfreeze", how, w.state()).CombinedOutput(); err != nil {
				w.t.Fatalf("fsfreeze %s: %v\n%s", how, err, out)
			}
		}
		freeze("--freeze")
		time.Sleep(time.Second) // what was durable before may still be shown
		shown := len(w.greens())
		time.Sleep(7 * time.Second)
		names := w.shots(w.config)
		freeze("--unfreeze")
		if n := len(w.greens()) - shown; n > 0 {
			w.t.Errorf("%d green screens while nothing could be kept", n)
		}
		if !slices.Contains(names[max(0, len(names)-3):], "outoforder") {
			w.t.Errorf("on a disk that hangs it shows %v at last", names[max(0, len(names)-3):])
		}
	}},
	{"the journal's file is deleted", func(w *tormented) {
		if err := os.Remove(w.state("journal.db")); err != nil {
			w.t.Fatal(err)
		}
	}},
	{"the disk is full", func(w *tormented) {
		var space syscall.Statfs_t
		if err := syscall.Statfs(w.state(), &space); err != nil {
			w.t.Fatal(err)
		}
		ballast := w.state("ballast")
		size := int64(space.Bavail)*space.Bsize - 4<<20
		if out, err := exec.Command("fallocate", "-l", strconv.FormatInt(size, 10), ballast).CombinedOutput(); err != nil {
			w.t.Fatalf("filling the disk: %v\n%s", err, out)
		}
		harness.Until(w.t, "the kiosk out of order", 45*time.Second, func() bool {
			names := w.shots(w.config)
			return names[len(names)-1] == "outoforder"
		})
		shown, made := len(w.greens()), len(kept(w.kiosk))
		time.Sleep(4 * time.Second)
		if greens, records := len(w.greens())-shown, len(kept(w.kiosk))-made; greens > records {
			w.t.Errorf("%d green screens and %d records on a full disk", greens, records)
		}
		if err := os.Remove(ballast); err != nil {
			w.t.Fatal(err)
		}
	}},
}

// own are the torments that need a file system of the kiosk's own.
var own = []string{"the disk hangs", "the disk is full"}

// greens are the green screens that the kiosk has shown.
func (w *tormented) greens() (names []string) {
	for _, name := range w.shots(w.config) {
		if strings.HasPrefix(name, "shown-green") {
			names = append(names, name)
		}
	}
	return names
}

// signalDisplay signals the bench's own display server.
func (w *tormented) signalDisplay(signal syscall.Signal) {
	w.t.Helper()
	if err := w.server.Signal(signal); err != nil {
		w.t.Fatal(err)
	}
}

// mountState puts the kiosk's state onto a file system of its own, which can be
// frozen, and reports whether that is possible here.
func (b *bench) mountState() bool {
	b.t.Helper()
	if os.Getuid() != 0 {
		return false
	}
	state, image := filepath.Join(b.dir, "kiosk"), filepath.Join(b.t.TempDir(), "card.img")
	file, err := os.Create(image)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := errors.Join(file.Truncate(1<<30), file.Close()); err != nil {
		b.t.Fatal(err)
	}
	aside := state + ".before"
	for _, command := range [][]string{
		{"mkfs.ext4", "-q", "-F", image}, {"mv", state, aside}, {"mkdir", state}, {"mount", "-o", "loop", image, state},
		{"cp", "-a", aside + "/.", state},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			b.t.Logf("no file system of its own: %v: %v\n%s", command, err, out)
			return false
		}
		if command[0] == "mount" {
			b.t.Cleanup(func() {
				_ = exec.Command("fsfreeze", "--unfreeze", state).Run() // fails unless a test failed meanwhile
				if out, err := exec.Command("umount", "--lazy", state).CombinedOutput(); err != nil {
					b.t.Errorf("unmounting: %v\n%s", err, out)
				}
			})
		}
	}
	return true
}

// The real kiosk and a real province go through torments in an order that a seed
// gives. After each the kiosk serves again by itself; at the end every green has
// its record, the chain verifies and the province has everything once.
func TestTorment(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("CHOT_TORMENTS"))
	if err != nil {
		t.Skip("skipped: make torment runs it")
	}
	seed, err := strconv.ParseUint(os.Getenv("CHOT_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	only := regexp.MustCompile(os.Getenv("CHOT_TORMENT")) // some kinds alone, to look into them
	t.Logf("CHOT_SEED=%d CHOT_TORMENTS=%d", seed, rounds)
	b, province := newBench(t, "--seen", "18", "--pause", "24", "--leave", "0")
	freezes := b.mountState()
	w := &tormented{bench: b, t: t, random: rand.New(rand.NewPCG(seed, 0)), province: province, kiosk: b.startKiosk(b.config)}
	w.more(3)
	for range rounds {
		for _, i := range w.random.Perm(len(torments)) {
			of := torments[i]
			if !only.MatchString(of.name) {
				continue
			}
			if slices.Contains(own, of.name) && !freezes {
				t.Logf("TORMENT %s: not possible here", of.name)
				continue
			}
			w.undergoes(of)
			if t.Failed() {
				return
			}
		}
	}
	w.settles()
}

// The short part of it, with a seed that never changes: what needs neither root nor
// minutes.
func TestTormentInShort(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	b, province := newBench(t, "--seen", "18", "--pause", "24", "--leave", "0")
	w := &tormented{bench: b, t: t, random: rand.New(rand.NewPCG(7, 0)), province: province, kiosk: b.startKiosk(b.config)}
	w.more(1)
	for _, name := range []string{"the memory is lost", "a file of each generation is damaged"} {
		i := slices.IndexFunc(torments, func(of torment) bool { return of.name == name })
		if i < 0 {
			t.Fatalf("there is no torment %q", name)
		}
		begun := time.Now()
		torments[i].do(w)
		w.serves(1)
		t.Logf("TORMENT %s: a verdict %.1f s after it began", name, time.Since(begun).Seconds())
	}
	w.settles()
}

// undergoes has the kiosk go through a torment and serve again; the next one begins
// with codes that make records.
func (w *tormented) undergoes(of torment) {
	w.t.Helper()
	begun := time.Now()
	of.do(w)
	recovered := w.serves(2)
	w.t.Logf("TORMENT %s: over after %.1f s, two more verdicts %.1f s later", of.name,
		time.Since(begun).Seconds()-recovered.Seconds(), recovered.Seconds())
	w.restart()
	w.more(2)
}

// settles ends the kiosk and compares what it showed with what it keeps and what the
// province has.
func (w *tormented) settles() {
	t, b := w.t, w.bench
	t.Helper()
	greens := len(w.greens())
	w.kiosk.End(syscall.SIGTERM)
	w.kept = append(w.kept, kept(w.kiosk)...)
	b.bringAway()
	w.province.End(syscall.SIGTERM)
	b.holdsOnce(w.kept)
	if len(w.kept) < greens {
		t.Errorf("%d green screens, %d records", greens, len(w.kept))
	}
	t.Logf("TORMENT %d green screens, %d records acknowledged", greens, len(w.kept))
}
