package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"chot/kiosk/trust"
)

type trustCmd struct {
	Import trustImportCmd `cmd:"" help:"Check a file of keys or revocations and put it into a bundle directory."`
	List   trustListCmd   `cmd:"" help:"List the keys of a bundle directory, a JSON line each."`
	Age    trustAgeCmd    `cmd:"" help:"Say how old the trust data of a bundle directory is."`
}

// bundleDir is the directory that the trust commands work on.
type bundleDir struct {
	Trust string `required:"" help:"Bundle directory." placeholder:"DIR"`
}

type trustImportCmd struct {
	bundleDir
	Family      string   `help:"Folder of the keys: eu-dcc, gdhcn, who-ddcc, who-dvc, shc, nzcp, vds-nc, pass." placeholder:"FOLDER" xor:"kind" required:""`
	Revocations string   `help:"Name under which the files' revocations are compiled." placeholder:"NAME" xor:"kind" required:""`
	Files       []string `arg:"" name:"file" help:"Files to import; - is standard input."`
}

func (c *trustImportCmd) Run(con *console) error {
	now := time.Now()
	var files [][]byte
	for _, name := range c.Files {
		data, err := readFile(name, con.in)
		if err != nil {
			return err
		}
		files = append(files, data)
	}
	if c.Revocations != "" {
		summary, err := trust.ImportRevocations(c.Trust, c.Revocations, files, now)
		if err != nil {
			return fmt.Errorf("importing revocations: %w", err)
		}
		return con.print(summary)
	}
	for i, name := range c.Files {
		base := filepath.Base(name)
		if name == "-" {
			base = "import.json"
		}
		summary, err := trust.Import(c.Trust, c.Family, base, files[i], now)
		if err != nil {
			return fmt.Errorf("importing %s: %w", name, err)
		}
		if err := con.print(summary); err != nil {
			return err
		}
	}
	return nil
}

func readFile(name string, in io.Reader) ([]byte, error) {
	if name == "-" {
		data, err := io.ReadAll(io.LimitReader(in, maxInput))
		if err != nil {
			return nil, fmt.Errorf("reading standard input: %w", err)
		}
		return data, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading a file to import: %w", err)
	}
	return data, nil
}

type trustListCmd struct{ bundleDir }

func (c *trustListCmd) Run(con *console) error {
	keys, err := trust.Load(os.DirFS(c.Trust))
	if err != nil {
		return fmt.Errorf("loading trust from %s: %w", c.Trust, err)
	}
	for _, entry := range keys.List() {
		if err := con.print(entry); err != nil {
			return err
		}
	}
	return nil
}

type trustAgeCmd struct{ bundleDir }

func (c *trustAgeCmd) Run(con *console) error {
	keys, err := trust.Load(os.DirFS(c.Trust))
	if err != nil {
		return fmt.Errorf("loading trust from %s: %w", c.Trust, err)
	}
	if keys.At().IsZero() {
		return exit{2, "the trust data does not say when it was gathered"}
	}
	return con.print(map[string]any{
		"version": keys.Version(), "time": keys.At(), "age_s": int64(time.Since(keys.At()).Seconds()),
		"keys": len(keys.List()), "skipped": keys.Skipped(),
	})
}
