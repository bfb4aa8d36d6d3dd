package store_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hpke"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chot/store"
)

// workThrough is what a process does on a disk that fails: a day at a kiosk, each
// step said with what became of it, and at the end what the journal holds. It goes
// on after an error, as a kiosk does.
func workThrough(path string) {
	key, err := hpke.MLKEM768X25519().DeriveKeyPair(bytes.Repeat([]byte{7}, 32))
	exitOn(err)
	now, up := noon, time.Duration(0)
	ctx := context.Background()
	o := store.Options{
		Kiosk: "cho-tu-ky-1", SealKey: key.PublicKey(), Rand: rand.Reader,
		Clock: func() time.Time { return now }, Uptime: func() time.Duration { return up },
		Free: func(string) (int64, error) { return 1 << 40, nil },
	}
	say := func(what string, err error) bool {
		switch {
		case err == nil:
			fmt.Println("done", what)
			return true
		case errors.Is(err, store.ErrFull):
			fmt.Println("failed", what, "full", err)
		case errors.Is(err, store.ErrDisk):
			fmt.Println("failed", what, "disk", err)
		default:
			fmt.Println("failed", what, "other", err)
		}
		return false
	}
	var j *store.Journal
	for range 3 { // a kiosk that cannot start is started again
		if j, err = store.Open(path, o); say("open", err) {
			break
		}
	}
	if err != nil {
		os.Exit(0)
	}
	appendSome := func(n int) {
		for range n {
			now, up = now.Add(time.Second), up+time.Second
			payload := fmt.Sprintf("visitor at %s", now.Format("15:04:05"))
			e, err := j.Append(ctx, 1, now, []byte(payload))
			if say("append", err) {
				fmt.Printf("acked %d %s\n", e.Number, e.Hash())
			}
		}
	}
	cover := func() {
		st, err := j.Status()
		if err == nil {
			err = j.Cover(ctx, st.Journal, st.Head, now, now.Add(time.Hour), []byte("receipt"))
		}
		if say("cover", err) {
			fmt.Printf("covered %s %d\n", st.Journal, st.Head.Number)
		}
	}
	appendSome(6)
	cover()
	st, err := j.Status()
	if err == nil && st.Head.Number > 3 {
		if say("erase", j.Erase(ctx, st.Journal, []uint64{3}, 12, now, []byte("order"))) {
			fmt.Printf("erased %s 3\n", st.Journal)
		}
	}
	appendSome(4)
	n, err := j.Purge(ctx, noon.Add(2*time.Second+time.Millisecond))
	if say("purge", err) {
		st, err := j.Status()
		exitOn(err)
		fmt.Printf("purged %s %d %d\n", st.Journal, st.Base.Number, n)
	}
	if os.Remove(path) == nil { // by accident
		fmt.Println("removed")
	}
	appendSome(4)
	say("floor", j.RaiseFloor(ctx, now, now.Add(time.Hour)))
	appendSome(2)
	say("close", j.Close())
}

// holds prints what a journal holds.
func holds(j *store.Journal) {
	st, err := j.Status()
	exitOn(err)
	for _, c := range st.Chains() {
		fmt.Printf("chain %s %d %d %d\n", c.Journal, c.Base.Number, c.Covered.Number, c.Head.Number)
		at := c.Base
		for next := c.Base.Number + 1; next <= c.Head.Number; {
			run, err := j.Batch(context.Background(), c.Journal, next, 1<<20)
			exitOn(err)
			if len(run.Entries) == 0 {
				break
			}
			at, err = store.Verify(at, run.Entries)
			exitOn(err)
			for _, e := range run.Entries {
				fmt.Printf("holds %s %d %s %t\n", c.Journal, e.Number, e.Hash(), e.Sealed == nil)
				next = e.Number + 1
			}
		}
	}
}

// printHolds opens a journal and prints what it holds.
func printHolds(path string) {
	key, err := hpke.MLKEM768X25519().DeriveKeyPair(bytes.Repeat([]byte{7}, 32))
	exitOn(err)
	j, err := store.Open(path, store.Options{
		Kiosk: "cho-tu-ky-1", SealKey: key.PublicKey(), Rand: rand.Reader, Clock: time.Now,
		Free: func(string) (int64, error) { return 1 << 40, nil },
	})
	exitOn(err)
	holds(j)
	exitOn(j.Close())
}

// onDisk runs a process of this test binary on a disk and returns what it says.
func onDisk(t testing.TB, d *disk, dir, env string) []string {
	t.Helper()
	server := d.mount(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), env+filepath.Join(dir, "journal"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.Output() // without what a test binary that counts coverage says
	if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	server.Wait()
	if err != nil {
		t.Fatalf("%v:\n%s", err, head(string(out)))
	}
	var lines []string
	for scan := bufio.NewScanner(bytes.NewReader(out)); scan.Scan(); {
		lines = append(lines, scan.Text())
	}
	return lines
}

// work runs workThrough on a disk whose operations fail as faults says, then looks
// at what a process finds on the disk without faults. What was said to be done must
// be there; what failed must have been said.
func work(t *testing.T, what string, faults func(op int) syscall.Errno) (ops int) {
	t.Helper()
	dir, err := os.MkdirTemp("", "chot-fault-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(dir)
	d := newDisk()
	d.faults = faults
	did := onDisk(t, d, dir, "CHOT_WORK=")
	ops = d.ops
	injected := d.failed
	d.faults = nil
	fresh := newDisk() // inodes belong to one mount
	for name, p := range d.names {
		q := &platter{d: fresh, now: p.now, durable: p.now}
		fresh.names[name], fresh.durable[name] = q, q
	}
	found := onDisk(t, fresh, dir, "CHOT_HOLDS=")
	text := strings.Join(did, "\n")
	// A file that was deleted, on a disk that takes no other before the process
	// ends, is gone: no journal can help that, and it has said so.
	if _, after, removed := strings.Cut(text, "\nremoved\n"); removed && !strings.Contains(after, "acked") {
		return ops
	}
	here := map[string]bool{}    // number and hash
	erased := map[string]bool{}  // chain and number
	chains := map[string][]int{} // base, covered, head
	for _, line := range found {
		f := strings.Fields(line)
		switch f[0] {
		case "chain":
			for _, n := range f[2:] {
				k, _ := strconv.Atoi(n)
				chains[f[1]] = append(chains[f[1]], k)
			}
		case "holds":
			if here[f[2]+" "+f[3]] {
				t.Errorf("%s: entry %s is there twice", what, f[2])
			}
			here[f[2]+" "+f[3]] = true
			erased[f[1]+" "+f[2]] = f[4] == "true"
		default:
			t.Errorf("%s: %s", what, line)
		}
	}
	purged, acked, failures := 0, 0, 0
	for _, line := range did {
		f := strings.Fields(line)
		switch f[0] {
		case "purged":
			purged, _ = strconv.Atoi(f[2])
			if c, ok := chains[f[1]]; !ok || c[0] < purged {
				t.Errorf("%s: the journal was purged up to %d, now %v", what, purged, c)
			}
		case "covered":
			if n, _ := strconv.Atoi(f[2]); chains[f[1]] == nil || chains[f[1]][1] < n {
				t.Errorf("%s: entries up to %d were covered, now %v", what, n, chains[f[1]])
			}
		case "erased":
			if gone := erased[f[1]+" "+f[2]]; !gone && chains[f[1]] != nil && chains[f[1]][0] < 3 {
				t.Errorf("%s: entry %s was erased and is not", what, f[2])
			}
		case "failed":
			failures++
			if len(f) > 2 && f[1] == "append" && f[2] == "other" {
				t.Errorf("%s: an append failed by the disk, and does not say so: %s", what, line)
			}
		}
	}
	maxBase := 0
	for _, c := range chains {
		maxBase = max(maxBase, c[0])
	}
	for _, line := range did {
		if f := strings.Fields(line); f[0] == "acked" {
			acked++
			if n, _ := strconv.Atoi(f[1]); n > maxBase && !here[f[1]+" "+f[2]] {
				t.Errorf("%s: entry %s was acknowledged and is not there:\n%s\n%s", what, f[1], text, strings.Join(found, "\n"))
			}
		}
	}
	if injected == 0 && failures > 0 || injected == 0 && acked != 16 {
		t.Errorf("%s: without a fault %d steps failed, %d entries were acknowledged:\n%s", what, failures, acked, text)
	}
	// A disk that works again is used again: after one fault everything goes on.
	if injected == 1 && acked < 14 {
		t.Errorf("%s: after one fault %d of 16 entries were acknowledged:\n%s", what, acked, text)
	}
	return ops
}

// Whichever call to the disk fails, once or from then on, and with whatever error:
// what was said to be done is done, what was not is said, and a disk that works
// again is used again.
func TestADiskThatFailsAtTheNthCall(t *testing.T) {
	t.Parallel()
	needFUSE(t)
	ops := work(t, "without faults", nil)
	if ops < 40 {
		t.Fatalf("only %d calls", ops)
	}
	every, everyLasting := 1, 5
	if racing {
		every, everyLasting = 7, 29
	}
	type fault struct {
		at, until int
		errno     syscall.Errno
	}
	var all []fault
	for n := 1; n <= ops; n += every {
		all = append(all, fault{n, n, []syscall.Errno{syscall.EIO, syscall.ENOSPC}[n%2]})
	}
	for n := 1; n <= ops; n += everyLasting {
		all = append(all, fault{n, n + 6, syscall.ENOSPC}, fault{n, 1 << 30, syscall.EROFS})
	}
	var done atomic.Int64
	workers(t, len(all), func(i int) {
		f := all[i]
		work(t, fmt.Sprintf("calls %d to %d of %d fail: %s", f.at, f.until, ops, f.errno), func(op int) syscall.Errno {
			if f.at <= op && op <= f.until {
				return f.errno
			}
			return 0
		})
		done.Add(1)
	})
	t.Logf("%d faults in %d calls", done.Load(), ops)
}

// A journal whose file is deleted, or replaced, while it is open is put back with
// everything that was acknowledged; what took its place is kept beside it.
func TestAFileThatIsTakenAwayIsPutBack(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		do    func(path string) error
		aside bool
	}{
		"deleted":                      {os.Remove, false},
		"renamed":                      {func(path string) error { return os.Rename(path, path+".old") }, false},
		"replaced by another file":     {func(path string) error { return replaceBy(path, []byte("something else")) }, true},
		"replaced by an empty file":    {func(path string) error { return replaceBy(path, nil) }, true},
		"replaced by a directory":      {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, false},
		"written over by its own copy": {func(path string) error { return copyOver(path) }, true},
	} {
		for _, then := range []string{"append", "close", "cover"} {
			t.Run(what+", then "+then, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(memoryDir(t), "journal")
				j := open(t, path, options())
				appendN(t, j, 10)
				st := status(t, j)
				if err := c.do(path); err != nil {
					t.Fatal(err)
				}
				var err error
				switch then {
				case "append":
					_, err = j.Append(t.Context(), 1, noon, []byte("next"))
				case "cover":
					err = j.Cover(t.Context(), st.Journal, st.Head, noon, validUntil, []byte("receipt"))
				}
				closeErr := j.Close()
				if what == "replaced by a directory" { // which nothing but a person can put right
					if then != "close" && !errors.Is(err, store.ErrDisk) || then == "close" && !errors.Is(closeErr, store.ErrDisk) {
						t.Errorf("%v, %v", err, closeErr)
					}
					return
				}
				if err != nil || closeErr != nil {
					t.Fatalf("%v, %v", err, closeErr)
				}
				j = open(t, path, options())
				after := status(t, j)
				if after.Journal != st.Journal || after.Head.Number < st.Head.Number || len(after.Older) != 0 || then == "cover" && after.Covered != st.Head {
					t.Errorf("%+v became %+v", st.Chain, after.Chain)
				}
				run, err := j.Batch(t.Context(), st.Journal, 1, 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				if end, err := store.Verify(after.Base, run.Entries); err != nil || end != after.Head {
					t.Errorf("the chain ends at %v, not %v: %v", end, after.Head, err)
				}
				kept, _ := filepath.Glob(path + ".damaged-*")
				if (len(kept) == 1) != c.aside {
					t.Errorf("kept beside it: %q", kept)
				}
				if then != "append" && then != "cover" {
					return
				}
				incidents := readAll(t, j).incidents
				if len(incidents) != 1 || incidents[0].What != store.Damage || incidents[0].First != 0 || (incidents[0].File != "") != c.aside {
					t.Errorf("recorded: %+v", incidents)
				}
			})
		}
	}
}

func replaceBy(path string, data []byte) error {
	return errors.Join(os.WriteFile(path+".other", data, 0o600), os.Rename(path+".other", path))
}

func copyOver(path string) error {
	data, err := os.ReadFile(path)
	return errors.Join(err, replaceBy(path, data))
}

// At the process's limit of open files records are still kept.
func TestWithoutFilesToOpenRecordsAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "journal")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "CHOT_FILES="+path)
	out, err := cmd.Output()
	if err != nil || !strings.HasSuffix(string(out), "kept 3000\n") {
		t.Errorf("%v: %s", err, head(string(out)))
	}
}

// withoutFiles appends, so that the file has to grow, while the process may open
// no further file.
func withoutFiles(path string) {
	o := options()
	o.Free = func(string) (int64, error) { return 1 << 40, nil }
	j, err := store.Open(path, o)
	exitOn(err)
	_, err = j.Append(context.Background(), 1, noon, []byte("first"))
	exitOn(err)
	exitOn(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 4, Max: 4}))
	if f, err := os.Open(path); err == nil {
		f.Close()
		exitOn(errors.New("a file can be opened"))
	}
	for range 2999 {
		_, err = j.Append(context.Background(), 1, noon, bytes.Repeat([]byte{1, 2, 3}, 100))
		exitOn(err)
	}
	st, err := j.Status()
	exitOn(err)
	fmt.Println("kept", st.Head.Number-1)
}

// Writing tells a watchdog how long a write has taken that hangs.
func TestAWriteThatHangsIsSeen(t *testing.T) {
	t.Parallel()
	clock := &testClock{wall: noon, up: time.Hour}
	o := clock.options()
	hang, hung := make(chan struct{}), make(chan struct{})
	o.Free = func(string) (int64, error) { // the first thing that a commit does with the disk
		hung <- struct{}{}
		<-hang
		return 1 << 40, nil
	}
	j := open(t, filepath.Join(memoryDir(t), "journal"), o)
	j.Uptime()
	for j.Writing() != 0 { // the check after opening
		time.Sleep(time.Millisecond)
	}
	appended := make(chan error)
	go func() {
		_, err := j.Append(t.Context(), 1, noon, []byte("x"))
		appended <- err
	}()
	<-hung
	if d := j.Writing(); d <= 0 {
		t.Errorf("a write is under way for %s", d)
	}
	clock.up += 7 * time.Second
	if d := j.Writing(); d != 7*time.Second {
		t.Errorf("a write is under way for %s, not 7 s", d)
	}
	close(hang)
	if err := <-appended; err != nil {
		t.Fatal(err)
	}
	if d := j.Writing(); d != 0 {
		t.Errorf("after the write: %s", d)
	}
	clock.up += time.Minute
	if d := j.Writing(); d != 0 {
		t.Errorf("a minute after the write: %s", d)
	}
}
