// Load measures the provincial server: thousands of kiosks with a backlog that
// come back at the same moment, as after a power cut.
//
//	go run ./deploy/province/load --server build/province --kiosks 5000 --records 200 [--database postgres://…]
//
// It makes an empty server with enrolled kiosks, starts the real program as a
// process of its own, lets all kiosks connect at once, and prints how long a
// batch took, how much memory the server needed at most, whether every record
// is there exactly once, and the records per second as a ratio to the raw speed of the
// same database for the same rows in the same run: prepared inserts in one
// transaction (SQLite), COPY (PostgreSQL).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/alecthomas/kong"
)

type cli struct {
	Server   string `required:"" help:"The server's program." type:"existingfile"`
	Kiosks   int    `default:"5000" help:"How many kiosks come back at once."`
	Records  int    `default:"200" help:"How many records each brings."`
	Database string `help:"URL of an empty PostgreSQL database. Default: SQLite."`
}

func main() {
	var c cli
	line := kong.Parse(&c, kong.Description("Measure the provincial server under thousands of kiosks."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	line.FatalIfErrorf(c.run(ctx))
}

// figures is what a run prints.
type figures struct {
	Database string  `json:"database"`
	Kiosks   int     `json:"kiosks"`
	Records  int     `json:"records"`
	Cores    int     `json:"cores"`
	Seconds  float64 `json:"seconds"`
	Rate     float64 `json:"records_per_second"`
	Raw      float64 `json:"raw_rows_per_second"`
	Ratio    float64 `json:"ratio"`
	Median   float64 `json:"batch_median_ms"`
	P99      float64 `json:"batch_p99_ms"`
	Retries  int     `json:"retries"`
	PeakMB   float64 `json:"server_peak_mb"`
	Held     int     `json:"held"`
}

func (c *cli) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "chot-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	crowd, err := c.enrol(ctx, dir)
	if err != nil {
		return fmt.Errorf("making the kiosks: %w", err)
	}
	server, err := startServer(ctx, c.Server, dir, c.Database)
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	began := time.Now()
	outcome, err := crowd.comeBack(ctx, server.Kiosks)
	took := time.Since(began).Seconds()
	peak, peakErr := server.peak()
	if err := errors.Join(err, peakErr, server.stop()); err != nil {
		return err
	}
	entries := c.Kiosks * (c.Records + 1) // a segment's beginning each
	f := figures{
		Database: "sqlite", Kiosks: c.Kiosks, Records: c.Kiosks * c.Records, Cores: runtime.NumCPU(), Seconds: took,
		Rate: float64(entries) / took, Retries: outcome.retries, PeakMB: peak,
	}
	if c.Database != "" {
		f.Database = "postgres"
	}
	slices.Sort(outcome.batches)
	f.Median = outcome.batches[len(outcome.batches)/2].Seconds() * 1000
	f.P99 = outcome.batches[len(outcome.batches)*99/100].Seconds() * 1000
	var raw time.Duration
	if f.Held, raw, err = c.raw(ctx, filepath.Join(dir, "province.db"), dir); err != nil {
		return fmt.Errorf("measuring the raw database: %w", err)
	}
	f.Raw = float64(f.Held) / raw.Seconds()
	f.Ratio = f.Rate / f.Raw
	if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
		return err
	}
	if f.Held != entries {
		return fmt.Errorf("%d entries are held, %d were sent", f.Held, entries)
	}
	return nil
}
