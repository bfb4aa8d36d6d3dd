package appliance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"time"

	"chot/drivers/printer"
	"chot/kiosk/checkpoint"
	"chot/ui/catalog"
)

// press prints what the checkpoint asks for, one job after the other.
type press struct {
	printer *printer.Printer // nil for none
	layouts func() printer.Layouts
	media   map[string]string // by layout
	dpi     int
	words   catalog.Language
	queue   chan checkpoint.Print
	send    func(context.Context, checkpoint.Event)
	log     *slog.Logger
}

// Sizes of paper, by what is printed, where the configuration names none.
var usualMedia = map[string]string{"sample": "50x25", "slip": "60x40", "result": "58", "test": "60x40"}

func openPress(c printing, language string, files func() fs.FS, send func(context.Context, checkpoint.Event), log *slog.Logger) (*press, error) {
	p := &press{
		media: maps.Clone(usualMedia), dpi: c.DPI, queue: make(chan checkpoint.Print, 8), send: send, log: log,
	}
	maps.Copy(p.media, c.Media)
	p.words, _ = catalog.Find(language)
	p.layouts = func() printer.Layouts {
		published, err := printer.LoadLayouts(files(), "labels/*.json")
		if err != nil {
			log.Error("published layouts cannot be used", "error", err)
		}
		return printer.Builtin().With(published)
	}
	if c.Port == "" {
		return p, nil
	}
	var err error
	p.printer, err = printer.Open(c.Port, c.Language)
	return p, err
}

func (p *press) print(a checkpoint.Print) []checkpoint.Event {
	if p.printer == nil {
		return []checkpoint.Event{checkpoint.PrintFailed{ID: a.ID, Problem: "no-printer"}}
	}
	select {
	case p.queue <- a:
		return nil
	default:
		return []checkpoint.Event{checkpoint.PrintFailed{ID: a.ID, Problem: "offline"}}
	}
}

// run prints until the context ends.
func (p *press) run(ctx context.Context) error {
	for {
		select {
		case a := <-p.queue:
			if err := p.one(ctx, a.Job); err != nil {
				p.log.Error("not printed", "layout", a.Job.Layout, "error", err)
				p.send(ctx, checkpoint.PrintFailed{ID: a.ID, Problem: fault(err)})
				continue
			}
			p.send(ctx, checkpoint.Printed{ID: a.ID})
		case <-ctx.Done():
			return nil
		}
	}
}

// one prints one job. What the checkpoint gives as codes is worded here, in the
// kiosk's first language: paper is read by others than who stands before it.
func (p *press) one(ctx context.Context, job checkpoint.Job) error {
	layout, err := p.layouts().Find(job.Layout, p.media[job.Layout])
	if err != nil {
		return err
	}
	page, err := printer.Render(layout, p.fields(job), p.dpi)
	if err != nil {
		return fmt.Errorf("drawing a %s: %w", job.Layout, err)
	}
	return p.printer.Print(ctx, page, job.Copies)
}

func (p *press) fields(job checkpoint.Job) map[string]string {
	f := maps.Clone(job.Fields)
	if f == nil {
		f = map[string]string{}
	}
	f["code"], f["time"], f["site"] = job.Code, f["at"], f["kiosk"]
	f["title"] = p.word("print.title." + job.Layout)
	for to, key := range map[string]string{"verdict": "level." + f["level"], "result": "outcome." + f["outcome"]} {
		f[to] = p.word(key)
	}
	return f
}

// word is the text of a key, "" where there is none.
func (p *press) word(key string) string {
	if !p.words.Has(key) {
		return ""
	}
	return p.words.Text(key)
}

// fault is the problem that an error of the printer stands for.
func fault(err error) string {
	var not *printer.NotPrinted
	if errors.As(err, &not) && not.Status.Problem() != "" {
		return not.Status.Problem()
	}
	return "offline"
}

// watch asks the printer how it is until the context ends, and tells the
// checkpoint when that changes.
func (p *press) watch(ctx context.Context, now func() time.Time) error {
	if p.printer == nil {
		return nil
	}
	last := "unknown"
	for {
		status, err := p.printer.Status(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if problem := status.Problem(); problem != last {
			if err != nil {
				p.log.Warn("printer", "problem", problem, "error", err)
			}
			last = problem
			changed := checkpoint.DeviceChanged{Part: checkpoint.PartPrinter, Value: p.printer.String()}
			if problem != "" {
				changed.Conditions = []checkpoint.Condition{{Code: "printer-" + problem, Severity: checkpoint.Warning, Since: now()}}
			}
			p.send(ctx, changed)
		}
		if !wait(ctx, 2*time.Second) {
			return nil
		}
	}
}
