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

	"chot/deploy/province/internal/cluster"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/simulate"
	"chot/store/wire"
)

// pair is a PostgreSQL primary with a synchronous replica.
type pair struct {
	t             *testing.T
	main, replica *cluster.Server
}

// quick makes a replica look for its primary more often than every five seconds.
const quick = "wal_retrieve_retry_interval=200ms"

func newPair(t *testing.T) *pair {
	t.Helper()
	main, err := cluster.New()
	if errors.Is(err, cluster.ErrNotInstalled) {
		t.Skipf("%v: skipped", err)
	}
	p := &pair{t: t, main: main}
	p.must(err)
	t.Cleanup(func() {
		if p.replica != nil {
			p.must(p.replica.Kill())
		}
		p.must(main.Remove())
	})
	p.must(main.Start(t.Context()))
	p.must(main.Create(t.Context(), "province", ""))
	p.replica, err = main.Replica()
	p.must(err)
	p.must(p.replica.Start(t.Context(), quick))
	p.must(main.Stop())
	p.must(main.Start(t.Context(), "synchronous_standby_names=*")) // from now on a commit waits for the replica
	return p
}

func (p *pair) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// failOver kills the primary and promotes the replica.
func (p *pair) failOver() {
	p.t.Helper()
	p.must(p.main.Kill())
	p.must(p.replica.Promote(p.t.Context()))
}

func (p *pair) url() string { return cluster.URL("province", p.main, p.replica) }

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
// Fail-over to a replica that is not synchronous, at the end, shows that the
// check can fail.
func TestFailOver(t *testing.T) {
	t.Parallel()
	pair := newPair(t)
	first := start(t, t.TempDir(), "--database", pair.url())
	const crowd, rounds, each = 6, 20, 5
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
	pair.must(pair.replica.Kill())
	pair.must(pair.replica.Start(ctx, quick))
	for _, i := range instances {
		i.start()
	}
	senders.Wait()
	if err := complete(ctx, pair.replica.URL("province"), kiosks); err != nil {
		t.Error(err)
	}
	// The control: a replica for which no commit waits loses what was receipted
	// after it was cut off, and the check sees it.
	late, err := pair.replica.Replica()
	pair.must(err)
	for _, k := range kiosks[:2] {
		pair.must(k.AddRaw(time.Now(), 200, []byte("anything")))
		pair.must(persist(ctx, k, instances))
	}
	pair.must(pair.replica.Kill())
	pair.must(late.Start(ctx))
	defer late.Kill()
	pair.must(late.Promote(ctx))
	if err := complete(ctx, late.URL("province"), kiosks); err == nil {
		t.Error("the check does not see that entries are missing")
	}
}

// complete says whether a database holds all entries of the kiosks once, as they
// were sent.
func complete(ctx context.Context, place string, kiosks []*kiosk) (err error) {
	d, err := db.Open(ctx, place)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	for _, k := range kiosks {
		var rows []db.Entry
		err := d.NewSelect().Model(&rows).Column("number", "hash").Where("journal = ?", k.heldAs()).Order("number").Scan(ctx)
		if err != nil {
			return err
		}
		if len(rows) != len(k.Entries) {
			return fmt.Errorf("of kiosk %s %d entries are held, %d were receipted", k.Name, len(rows), len(k.Entries))
		}
		for i, row := range rows {
			if row.Number != int64(i+1) || [32]byte(row.Hash) != k.Entries[i].Hash() {
				return fmt.Errorf("kiosk %s: entry %d is not the one that was sent", k.Name, i+1)
			}
		}
	}
	return nil
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
