package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/simulate"
	"chot/store/wire"
)

// pair is a PostgreSQL primary with a synchronous replica.
type pair struct {
	t            *testing.T
	dir          string
	main, second string // folders of the data
}

func newPair(t *testing.T) *pair {
	t.Helper()
	if _, err := postgresBin(); err != nil {
		t.Skip("PostgreSQL is not installed (Debian's package postgresql): skipped")
	}
	dir, err := os.MkdirTemp("", "chot-pair-") // a short name: sockets lie in it
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{t, dir, filepath.Join(dir, "a"), filepath.Join(dir, "b")}
	probe := exec.Command("true")
	p.must(unprivileged(probe))
	if probe.SysProcAttr != nil {
		p.must(os.Chown(dir, int(probe.SysProcAttr.Credential.Uid), int(probe.SysProcAttr.Credential.Gid)))
	}
	t.Cleanup(func() {
		for _, data := range []string{p.main, p.second} {
			if _, err := os.Stat(filepath.Join(data, "postmaster.pid")); err == nil {
				p.must(pg("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"))
			}
		}
		p.must(os.RemoveAll(dir))
	})
	p.must(pg("initdb", "-D", p.main, "-U", "chot", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"))
	p.start(p.main, 5431, "")
	p.must(pg("createdb", "-h", dir, "-p", "5431", "-U", "chot", "province"))
	p.must(pg("pg_basebackup", "-h", dir, "-p", "5431", "-U", "chot", "-D", p.second, "-R", "-c", "fast", "-X", "stream"))
	p.start(p.second, 5432, "")
	p.must(pg("pg_ctl", "-D", p.main, "-m", "fast", "-w", "stop"))
	p.start(p.main, 5431, "*") // from now on a commit waits for the replica
	return p
}

func (p *pair) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) start(data string, port int, synchronous string) {
	p.t.Helper()
	p.must(pg("pg_ctl", "-D", data, "-w", "-l", data+".log", "-o", fmt.Sprintf(
		"-c listen_addresses='' -c unix_socket_directories='%s' -c port=%d -c synchronous_standby_names='%s' -c wal_retrieve_retry_interval=200ms",
		p.dir, port, synchronous), "start"))
}

// failOver kills the primary and promotes the replica.
func (p *pair) failOver() {
	p.t.Helper()
	p.must(pg("pg_ctl", "-D", p.main, "-m", "immediate", "-w", "stop"))
	p.must(pg("pg_ctl", "-D", p.second, "-w", "promote"))
}

func (p *pair) url() string {
	return fmt.Sprintf("postgres://chot@/province?host=%s,%s&port=5431,5432&target_session_attrs=read-write&connect_timeout=2", p.dir, p.dir)
}

// instance is a server in a process of its own, which can be killed.
type instance struct {
	t    *testing.T
	args []string
	cmd  *exec.Cmd

	address atomic.Value // string
}

func newInstance(t *testing.T, dir, database string) *instance {
	i := &instance{t: t, args: []string{"serve", "--dir", dir, "--database", database, "--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"}}
	i.start()
	t.Cleanup(i.kill)
	return i
}

func (i *instance) start() {
	i.t.Helper()
	for try := 0; ; try++ {
		i.cmd = exec.Command(os.Args[0], i.args...)
		i.cmd.Env = append(os.Environ(), asProgram+"=1")
		i.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := i.cmd.StdoutPipe()
		if err != nil {
			i.t.Fatal(err)
		}
		if err := i.cmd.Start(); err != nil {
			i.t.Fatal(err)
		}
		said := struct{ Kiosks string }{}
		if err = json.NewDecoder(out).Decode(&said); err == nil {
			i.address.Store(said.Kiosks)
			return
		}
		err = errors.Join(err, i.cmd.Wait())
		if try == 20 { // the database may be on its way
			i.t.Fatalf("an instance did not start: %v", err)
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func (i *instance) kill() {
	if i.cmd.Process.Kill() == nil {
		_ = i.cmd.Wait() // killed: that is the point
	}
}

// Two instances on a primary with a synchronous replica, kiosks sending all the
// time; an instance is killed, the primary is killed and the replica promoted,
// everything is restarted: no receipted entry is missing, none is there twice.
func TestFailOver(t *testing.T) {
	t.Parallel()
	pair := newPair(t)
	first := start(t, t.TempDir(), "--database", pair.url())
	const crowd, rounds, each = 8, 30, 5
	var kiosks []*kiosk
	for n := range crowd {
		kiosks = append(kiosks, first.kiosk(fmt.Sprintf("hall-%d", n)))
	}
	first.stop()
	var instances []*instance
	for range 2 {
		dir := t.TempDir()
		if err := os.CopyFS(filepath.Join(dir, "keys"), os.DirFS(filepath.Join(first.dir, "keys"))); err != nil {
			t.Fatal(err)
		}
		instances = append(instances, newInstance(t, dir, pair.url()))
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	var senders sync.WaitGroup
	var progress atomic.Int64
	for _, k := range kiosks {
		senders.Go(func() {
			for round := range rounds {
				for range each {
					if err := k.AddRaw(time.Now(), 200, []byte("anything")); err != nil {
						t.Error(err)
						return
					}
				}
				if err := persist(ctx, k, instances); err != nil {
					t.Errorf("kiosk %s, round %d: %v", k.Name, round, err)
					return
				}
				progress.Add(1)
			}
		})
	}
	// Each blow falls when the load has gone on for a while after the one before.
	reach := func(n int64) {
		for progress.Load() < n && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
	}
	const all = crowd * rounds
	reach(all / 5)
	instances[0].kill()
	reach(2 * all / 5)
	instances[0].start()
	pair.failOver()
	reach(3 * all / 5)
	for _, i := range instances {
		i.kill()
	}
	pair.must(pg("pg_ctl", "-D", pair.second, "-m", "immediate", "-w", "stop"))
	pair.start(pair.second, 5432, "")
	for _, i := range instances {
		i.start()
	}
	senders.Wait()
	first.flags = []string{"--database", pair.url()}
	for _, k := range kiosks {
		first.holds(k, len(k.Entries))
		var rows []db.Entry
		err := first.database().NewSelect().Model(&rows).Column("number", "hash").Where("journal = ?", k.Journal[:]).Order("number").Scan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if row.Number != int64(i+1) || [32]byte(row.Hash) != k.Entries[i].Hash() {
				t.Fatalf("kiosk %s: entry %d is not the one that was sent", k.Name, i+1)
			}
		}
	}
}

// persist sends what a kiosk has to one instance after the other until it has the
// receipt for all of it.
func persist(ctx context.Context, k *kiosk, instances []*instance) error {
	last, from := len(k.Entries), max(1, len(k.Entries)-20)
	for {
		batch, err := k.Batch(from, last, time.Now())
		if err != nil {
			return err
		}
		once, stop := context.WithTimeout(ctx, 5*time.Second)
		receipt, err := simulate.Send(once, k.client, instances[rand.IntN(len(instances))].address.Load().(string), batch)
		stop()
		var refused *wire.Error
		switch {
		case err == nil && receipt.Held.Number == uint64(last):
			return nil
		case err == nil:
			return fmt.Errorf("the receipt is for %d, not %d", receipt.Held.Number, last)
		case ctx.Err() != nil:
			return err
		case errors.As(err, &refused) && refused.Code != wire.Busy && refused.Code != wire.Unavailable:
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}
