package store_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hpke"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chot/store"
)

// The process that appends is this test binary again: the one that serves the
// file system must not open a bbolt file on it, or its memory faults wait for
// itself.
func TestMain(m *testing.M) {
	if path := os.Getenv("CHOT_APPEND"); path != "" {
		appendForever(path)
		return
	}
	if path := os.Getenv("CHOT_WORK"); path != "" {
		workThrough(path)
		return
	}
	if path := os.Getenv("CHOT_FILES"); path != "" {
		withoutFiles(path)
		return
	}
	if path := os.Getenv("CHOT_HOLDS"); path != "" {
		printHolds(path)
		return
	}
	if path := os.Getenv("CHOT_RESIDENT"); path != "" {
		printResident(path)
		return
	}
	os.Exit(m.Run())
}

// appendForever opens a journal, prints what it holds ("held JOURNAL NUMBER
// DIGEST"), and appends until it is killed, printing what was acknowledged
// ("acked JOURNAL NUMBER DIGEST").
func appendForever(path string) {
	key, err := hpke.MLKEM768X25519().DeriveKeyPair(bytes.Repeat([]byte{7}, 32))
	exitOn(err)
	o := store.Options{
		Kiosk: "cho-tu-ky-1", SealKey: key.PublicKey(), Rand: rand.Reader, Clock: time.Now,
		Free: func(string) (int64, error) { return 1 << 40, nil },
	}
	if os.Getenv("CHOT_NOSYNC") != "" {
		store.NoSync(&o)
	}
	j, err := store.Open(path, o)
	exitOn(err)
	st, err := j.Status()
	exitOn(err)
	var out sync.Mutex
	say := func(what string, journal store.ID, e store.Entry) {
		out.Lock()
		defer out.Unlock()
		fmt.Printf("%s %s %d %s\n", what, journal, e.Number, e.Digest)
	}
	for _, c := range st.Chains() {
		for _, l := range c.Lost {
			fmt.Printf("lost %s %d %d\n", c.Journal, l.First, l.Last)
		}
		fmt.Printf("base %s %d\ncovered %s %d\n", c.Journal, c.Base.Number, c.Journal, c.Covered.Number)
		for next := c.Base.Number + 1; next <= c.Head.Number; {
			run, err := j.Batch(context.Background(), c.Journal, next, 1<<20)
			exitOn(err)
			for _, e := range run.Entries {
				say("held", c.Journal, e)
				next = e.Number + 1
			}
		}
	}
	fmt.Println("open")
	ctx := context.Background()
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				e, err := j.Append(ctx, 1, time.Now(), fmt.Appendf(nil, "worker %d record %d %x", w, i, mrand.Uint64()))
				exitOn(err)
				st, err := j.Status()
				exitOn(err)
				say("acked", st.Journal, e)
				if w == 0 && i%8 == 7 {
					upkeep(ctx, j, st)
				}
			}
		})
	}
	wg.Wait()
}

// upkeep covers, purges and compacts, as a day at a kiosk does.
func upkeep(ctx context.Context, j *store.Journal, st store.Status) {
	exitOn(j.Cover(ctx, st.Journal, st.Head, time.Now(), time.Now().Add(time.Hour), []byte("receipt")))
	fmt.Printf("covered %s %d\n", st.Journal, st.Head.Number)
	_, err := j.Purge(ctx, time.Now().Add(-50*time.Millisecond))
	exitOn(err)
	if st.Head.Number%3 == 0 {
		exitOn(j.Erase(ctx, st.Journal, nil, 12, time.Now(), fmt.Append(nil, st.Head.Number)))
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

// told is what a life of the process told, by journal and number.
type told struct {
	held, acked map[string]string
	base        map[string]uint64
	covered     map[string]uint64
	lost        []string
	opened      bool
	text        string
}

// ear hears what a process says; opened is closed when it says that it is open.
type ear struct {
	text   bytes.Buffer
	opened chan struct{}
	once   sync.Once
}

func (e *ear) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("open\n")) {
		e.once.Do(func() { close(e.opened) })
	}
	return e.text.Write(b)
}

// live runs the process until until returns, and kills it. One that is stuck says
// where.
func live(t testing.TB, path string, env []string, until func(opened <-chan struct{}) (stuck bool)) told {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "CHOT_APPEND="+path), env...)
	said := &ear{opened: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if until(said.opened) {
		cmd.Process.Signal(syscall.SIGQUIT)
		time.Sleep(time.Second)
	}
	cmd.Process.Kill()
	cmd.Wait()
	text := &said.text
	l := told{
		held: map[string]string{}, acked: map[string]string{},
		base: map[string]uint64{}, covered: map[string]uint64{}, text: text.String(),
	}
	for scan := bufio.NewScanner(text); scan.Scan(); {
		f := strings.Fields(scan.Text())
		if len(f) == 0 {
			continue
		}
		switch {
		case f[0] == "open":
			l.opened = true
		case f[0] == "lost":
			l.lost = append(l.lost, scan.Text())
		case len(f) == 4 && len(f[3]) == hex.EncodedLen(32) && f[0] == "held":
			l.held[f[1]+" "+f[2]] = f[3]
		case len(f) == 4 && len(f[3]) == hex.EncodedLen(32) && f[0] == "acked":
			l.acked[f[1]+" "+f[2]] = f[3]
		case len(f) == 3 && f[0] == "base":
			l.base[f[1]], _ = strconv.ParseUint(f[2], 10, 64)
		case len(f) == 3 && f[0] == "covered":
			l.covered[f[1]], _ = strconv.ParseUint(f[2], 10, 64)
		}
	}
	return l
}

// remembered is what the world knows of a journal: what was acknowledged, and up
// to where it may have been purged.
type remembered struct {
	acked   map[string]string
	covered map[string]uint64
}

// missing compares what a life found with what was acknowledged before it.
func (r *remembered) missing(l told) (lost []string) {
	for k, digest := range r.acked {
		journal, n, _ := strings.Cut(k, " ")
		number, _ := strconv.ParseUint(n, 10, 64)
		_, chainKept := l.base[journal]
		if number <= l.base[journal] || !chainKept {
			// Purged, which only a receipt allows.
			if number > max(r.covered[journal], l.covered[journal]) {
				lost = append(lost, k+" purged without a receipt")
			}
			continue
		}
		if l.held[k] != digest {
			lost = append(lost, k)
		}
	}
	return lost
}

// add learns what a life told.
func (r *remembered) add(l told) {
	for k, d := range l.held {
		r.acked[k] = d // durable once seen: it must stay
	}
	for k, d := range l.acked {
		r.acked[k] = d
	}
	for k, n := range l.covered {
		r.covered[k] = max(r.covered[k], n)
	}
}

// cutPower runs lives of a process on one disk, each ended by a cut, and returns
// how many acknowledged entries were lost, and how many there were.
func cutPower(t *testing.T, seed uint64, cuts int, env ...string) (lost, acked int) {
	rnd := mrand.New(mrand.NewPCG(seed, 7))
	d := newDisk()
	world := &remembered{acked: map[string]string{}, covered: map[string]uint64{}}
	dir, err := os.MkdirTemp("", "chot-power-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(dir)
	for cut := range cuts {
		d.cutAt = 1 + rnd.IntN(120)
		server := d.mount(t, dir)
		l := live(t, filepath.Join(dir, "journal"), env, func(<-chan struct{}) bool {
			select {
			case <-d.off:
				return false
			case <-time.After(time.Minute):
				return true
			}
		})
		select {
		case <-d.off:
		default:
			t.Errorf("seed %d, cut %d: the process did not come as far as the cut:\n%s", seed, cut, l.text)
		}
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Fatal(err)
		}
		server.Wait()
		if l.opened {
			gone := world.missing(l)
			lost += len(gone)
			if len(gone) > 0 && len(env) == 0 {
				t.Errorf("seed %d, cut %d: of %d acknowledged entries %d are lost: %v\n%s", seed, cut, len(world.acked), len(gone), gone[:min(5, len(gone))], head(l.text))
				return lost, len(world.acked)
			}
			if len(env) > 0 && len(gone) > 0 {
				world = &remembered{acked: map[string]string{}, covered: map[string]uint64{}}
			}
		} else if strings.Contains(l.text, "error") && !strings.Contains(l.text, "input/output error") {
			t.Errorf("seed %d, cut %d: it does not open:\n%s", seed, cut, head(l.text))
		}
		before := len(world.acked)
		world.add(l)
		acked += len(world.acked) - before
		d = d.afterCut(rnd)
	}
	return lost, acked
}

func head(s string) string { return s[:min(len(s), 3000)] }

// cutsOf is how many cuts to make: few in an ordinary run, many in a soak.
func cutsOf(t testing.TB, few int) int {
	t.Helper()
	n := os.Getenv("CHOT_CUTS")
	if n == "" {
		return few
	}
	many, err := strconv.Atoi(n)
	if err != nil {
		t.Fatalf("CHOT_CUTS: %v", err)
	}
	return many
}

func TestNoPowerCutLosesWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	needFUSE(t)
	few := 200
	if racing { // most of a cut is a process that starts, which then takes five times as long
		few = 20
	}
	cuts := cutsOf(t, few)
	const lives = 20 // on one disk
	var total atomic.Int64
	workers(t, (cuts+lives-1)/lives, func(i int) {
		_, acked := cutPower(t, uint64(i), min(lives, cuts-i*lives))
		total.Add(int64(acked))
	})
	t.Logf("%d cuts, %d acknowledged entries", cuts, total.Load())
}

// The same without syncs must lose: it shows that the test above can fail.
func TestPowerCutsWithoutSyncsLose(t *testing.T) {
	t.Parallel()
	needFUSE(t)
	lost, acked := 0, 0
	for seed := uint64(0); seed < 5 && lost == 0; seed++ {
		l, a := cutPower(t, seed, 6, "CHOT_NOSYNC=1")
		lost, acked = lost+l, acked+a
	}
	if lost == 0 {
		t.Errorf("none of %d acknowledged entries was lost without syncs: the cuts do not cut", acked)
	}
	t.Logf("without syncs %d of %d acknowledged entries were lost", lost, acked)
}

func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	rnd := mrand.New(mrand.NewPCG(1, 1))
	path := filepath.Join(memoryDir(t), "journal")
	world := &remembered{acked: map[string]string{}, covered: map[string]uint64{}}
	for kill := range min(cutsOf(t, 20), 200) {
		l := live(t, path, nil, func(opened <-chan struct{}) bool {
			if rnd.IntN(4) > 0 { // else while it starts
				<-opened
			}
			time.Sleep(time.Duration(rnd.IntN(50)) * time.Millisecond)
			return false
		})
		if l.opened {
			if gone := world.missing(l); len(gone) > 0 {
				t.Fatalf("kill %d: %d of %d are lost: %v", kill, len(gone), len(world.acked), gone)
			}
		}
		world.add(l)
	}
	if len(world.acked) == 0 {
		t.Error("nothing was acknowledged between the kills")
	}
	t.Logf("%d acknowledged entries, none lost", len(world.acked))
}
