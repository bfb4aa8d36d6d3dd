package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"chot/kiosk/enrol"
	"chot/store"
	"chot/store/forward"
	"chot/store/wire"
)

// stateFolder is where a kiosk keeps what it has.
type stateFolder struct {
	State string `help:"The kiosk's folder." default:"/var/lib/chot" type:"path"`
}

func (s stateFolder) journal() string { return filepath.Join(s.State, "journal.db") }
func (s stateFolder) spool() string   { return filepath.Join(s.State, "spool") }

func (s stateFolder) identity() (*enrol.Identity, error) {
	return enrol.Load(filepath.Join(s.State, "identity"))
}

type exportCmd struct {
	stateFolder
	Folder string `arg:"" help:"A folder on the stick." type:"existingdir"`
	QR     bool   `name:"qr" help:"A series of pictures of codes instead, for a small backlog."`
	Size   int    `help:"Characters a code, at most 4296; fewer are easier to read off a screen." default:"1000"`
}

// maxCodes is how many codes anybody would hold up one after the other.
const maxCodes = 100

// aside is a journal that is read beside the kiosk that has it open.
type aside struct{ *store.Inspection }

// Now is never behind what the kiosk has seen.
func (a aside) Now() time.Time {
	now := time.Now()
	if now.Before(a.High) {
		return a.High
	}
	return now
}

// Run reads the file as it stands. A kiosk that is just writing may change a page
// under the reader's hand; the chain shows that, and the next look succeeds.
func (c *exportCmd) Run(ctx context.Context, con *console) error {
	id, err := c.identity()
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		look, err := store.Inspect(c.journal())
		if err == nil {
			err = c.export(ctx, con, id, aside{look})
		}
		if err == nil || try == 5 || ctx.Err() != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (c *exportCmd) export(ctx context.Context, con *console, id *enrol.Identity, from aside) error {
	if c.QR {
		return c.pictures(ctx, con, id, from)
	}
	entries, err := forward.Export(ctx, from, id.Key, rand.Reader, c.Folder)
	if err != nil {
		return err
	}
	return con.print(map[string]any{"kiosk": id.Kiosk, "entries": entries, "folder": c.Folder})
}

// pictures writes KIOSK-SERIES-CODE.png, in the order to show them in.
func (c *exportCmd) pictures(ctx context.Context, con *console, id *enrol.Identity, from aside) error {
	var series [][]string
	codes, entries := 0, uint64(0)
	for _, chain := range from.Chains {
		entries += chain.Waiting()
	}
	for data, err := range forward.Batches(ctx, from, id.Key, rand.Reader, 32<<10) {
		var texts []string
		if err == nil {
			texts, err = wire.Codes(data, c.Size)
		}
		if err != nil {
			return err
		}
		series = append(series, texts)
		if codes += len(texts); codes > maxCodes {
			return exit{1, fmt.Sprintf("%d entries need more than %d codes: take them away on a stick, without --qr", entries, maxCodes)}
		}
	}
	for s, texts := range series {
		for i, text := range texts {
			name := filepath.Join(c.Folder, fmt.Sprintf("%s-%02d-%03d.png", id.Kiosk, s+1, i+1))
			code, err := qrcode.New(text, qrcode.Low)
			if err != nil {
				return fmt.Errorf("drawing a code of %d characters: %w", len(text), err)
			}
			picture, err := code.PNG(-4) // pixels a module
			if err != nil {
				return fmt.Errorf("drawing a code of %d characters: %w", len(text), err)
			}
			if err := os.WriteFile(name, picture, 0o644); err != nil {
				return fmt.Errorf("writing a code: %w", err)
			}
		}
	}
	return con.print(map[string]any{"kiosk": id.Kiosk, "entries": entries, "folder": c.Folder, "series": len(series), "codes": codes})
}
