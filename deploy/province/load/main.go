// Load measures the provincial server: thousands of kiosks with a backlog that
// come back at the same moment, as after an outage of the network.
//
//	go run ./deploy/province/load --server build/province --kiosks 5000 --records 200
//
// On each database it makes an empty server with enrolled kiosks, starts the real
// program as a process of its own, lets all kiosks connect at once, and prints how
// long a batch took, how much memory the server needed at most, whether every
// record is there exactly once, and the records per second as a ratio to the speed
// of the same database alone for the same rows in the same run: prepared inserts
// in one transaction (SQLite), COPY (PostgreSQL).
//
// Each kiosk was connected before and resumes its TLS session, as the real ones
// do. The kiosks take their share of the same processors, as the figures say, and
// are made to take little: see ask. Their receipts are checked afterwards. "The
// same rows" are all that the server wrote for the records (the entries, what
// they are found by, what is counted), into the same schema; the ratio to the
// entries alone is printed beside.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"chot/deploy/province/internal/cluster"
)

type cli struct {
	Server  string   `required:"" help:"The server's program." type:"existingfile"`
	Kiosks  int      `default:"5000" help:"How many kiosks come back at once."`
	Records int      `default:"200" help:"How many records each brings."`
	On      []string `default:"sqlite,postgres" enum:"sqlite,postgres" help:"On which databases."`
	Profile string   `help:"Write a profile of the server's processor time to this file." placeholder:"FILE"`
}

const postgres = "postgres"

func main() {
	var c cli
	line := kong.Parse(&c, kong.Description("Measure the provincial server under thousands of kiosks."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for _, name := range c.On {
		if err := c.measure(ctx, name); err != nil {
			line.FatalIfErrorf(fmt.Errorf("on %s: %w", name, err))
		}
		debug.FreeOSMemory() // each database has the same machine before it
	}
}

// figures is what a run prints.
type figures struct {
	Database string  `json:"database"`
	Kiosks   int     `json:"kiosks"`
	Records  int     `json:"records"`
	Cores    int     `json:"cores"`
	Load     string  `json:"load"` // of the machine when it began, last minute
	Seconds  float64 `json:"seconds"`
	Rate     float64 `json:"records_per_second"`
	Raw      float64 `json:"raw_records_per_second"` // all their rows
	Ratio    float64 `json:"ratio"`
	Entries  float64 `json:"ratio_to_entries_alone"`
	Median   float64 `json:"batch_median_ms"` // from the first try to the receipt
	P99      float64 `json:"batch_p99_ms"`
	Retries  int     `json:"retries"`
	PeakMB   float64 `json:"server_peak_mb"`
	Held     int     `json:"held"`
	// What the processors spent, in seconds.
	ServerCPU float64 `json:"server_cpu"`
	KiosksCPU float64 `json:"kiosks_cpu"`
}

// place is where a run keeps its data.
type place struct {
	name          string
	dir           string
	server, empty string // databases, as db.Open takes them: the server's, and one for raw writes
}

// measure runs on one database.
func (c *cli) measure(ctx context.Context, name string) (err error) {
	dir, err := os.MkdirTemp("", "chot-load-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p := &place{name, dir, filepath.Join(dir, "province.db"), filepath.Join(dir, "raw.db")}
	if name == postgres {
		s, err := cluster.New()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Remove()) }()
		if err := s.Start(ctx); err != nil {
			return err
		}
		if err := errors.Join(s.Create(ctx, "province", ""), s.Create(ctx, "raw", "")); err != nil {
			return err
		}
		p.server, p.empty = s.URL("province"), s.URL("raw")
	}
	return c.run(ctx, p)
}

func (c *cli) run(ctx context.Context, p *place) error {
	// The crowd's garbage must not be collected by the server's processors.
	collect := debug.SetGCPercent(300)
	crowd, err := c.enrol(ctx, p)
	if err != nil {
		return fmt.Errorf("making the kiosks: %w", err)
	}
	server, err := startServer(ctx, c.Server, p)
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	address, err := url.Parse(server.Kiosks + "/")
	if err != nil {
		return errors.Join(err, server.stop())
	}
	if err := crowd.goAway(ctx, address); err != nil {
		return fmt.Errorf("connecting the kiosks before: %w", errors.Join(err, server.stop()))
	}
	before := server.spent()
	profiled := make(chan error, 1)
	go func() { profiled <- server.profile(ctx, c.Profile) }()
	load, began, own := loadAverage(), time.Now(), spent()
	outcome, err := crowd.comeBack(ctx, address)
	took := time.Since(began).Seconds()
	debug.SetGCPercent(collect)
	own, cpu := spent()-own, server.spent()-before
	peak, peakErr := server.peak()
	if err := errors.Join(err, peakErr, <-profiled, server.stop(), crowd.check()); err != nil {
		return err
	}
	entries := c.Kiosks * (c.Records + 1) // a segment's beginning each
	slices.Sort(outcome.batches)
	f := figures{
		Database: p.name, Kiosks: c.Kiosks, Records: c.Kiosks * c.Records, Cores: runtime.NumCPU(), Load: load, Seconds: took,
		Rate: float64(entries) / took, Retries: outcome.retries, PeakMB: peak, KiosksCPU: own.Seconds(), ServerCPU: cpu.Seconds(),
		Median: outcome.batches[len(outcome.batches)/2].Seconds() * 1000,
		P99:    outcome.batches[len(outcome.batches)*99/100].Seconds() * 1000,
	}
	raw, err := p.raw(ctx)
	if err != nil {
		return fmt.Errorf("measuring the database alone: %w", err)
	}
	f.Held, f.Raw = raw.held, float64(raw.held)/raw.all.Seconds()
	f.Ratio, f.Entries = f.Rate/f.Raw, f.Rate*raw.entries.Seconds()/float64(raw.held)
	if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
		return err
	}
	if f.Held != entries {
		return fmt.Errorf("%d entries are held, %d were sent", f.Held, entries)
	}
	return nil
}

// spent is the processor time of this process so far.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// loadAverage is the machine's load of the last minute.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	load, _, _ := strings.Cut(string(text), " ")
	return load
}
