package device

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"chot/drivers/printer"
	"chot/drivers/scanner"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
	"chot/ui/catalog"
)

// PrintQueue prints what the checkpoint asks for, one job after the other.
type PrintQueue struct {
	host    Host
	printer *printer.Printer // nil for none
	layouts func() printer.Layouts
	media   map[string]string // by layout
	dpi     int
	words   catalog.Language
	queue   chan checkpoint.Print
}

// Printing says which printer there is and how it prints.
type Printing struct {
	Port     string            // as printer.Open takes it; "" for none
	Language string            // as printer.Open takes it
	DPI      int               // 203 or 300
	Media    map[string]string // paper by layout, such as slip = "58", where it is not the usual one
	Words    string            // language of what is printed, as the catalogue names it
}

// Sizes of paper, by what is printed, where the configuration names none.
var usualMedia = map[string]string{"sample": "50x25", "slip": "60x40", "result": "58", "test": "60x40"}

// NewPrintQueue makes the queue of a printer, which need not be there yet. layouts
// are those of the moment.
func NewPrintQueue(host Host, p Printing, layouts func() printer.Layouts) (*PrintQueue, error) {
	q := &PrintQueue{host: host, layouts: layouts, media: maps.Clone(usualMedia), dpi: p.DPI, queue: make(chan checkpoint.Print, 8)}
	maps.Copy(q.media, p.Media)
	q.words, _ = catalog.Find(p.Words)
	if p.Port == "" {
		return q, nil
	}
	var err error
	q.printer, err = printer.Open(p.Port, p.Language)
	return q, err
}

// Print queues a job; its outcome comes as an event. It returns what is known at
// once.
func (q *PrintQueue) Print(a checkpoint.Print) []checkpoint.Event {
	if q.printer == nil {
		return []checkpoint.Event{checkpoint.PrintFailed{ID: a.ID, Problem: "no-printer"}}
	}
	select {
	case q.queue <- a:
		return nil
	default:
		return []checkpoint.Event{checkpoint.PrintFailed{ID: a.ID, Problem: "offline"}}
	}
}

// Run prints until the context ends.
func (q *PrintQueue) Run(ctx context.Context) error {
	for {
		select {
		case a := <-q.queue:
			if err := q.print(ctx, a.Job); err != nil {
				q.host.Log.Error("not printed", "layout", a.Job.Layout, "error", err)
				q.host.Send(ctx, checkpoint.PrintFailed{ID: a.ID, Problem: fault(err)})
				continue
			}
			q.host.Send(ctx, checkpoint.Printed{ID: a.ID})
		case <-ctx.Done():
			return nil
		}
	}
}

// print prints one job. What the checkpoint gives as codes is worded here, in the
// kiosk's first language: paper is read by others than who stands before it.
func (q *PrintQueue) print(ctx context.Context, job checkpoint.Job) error {
	layout, err := q.layouts().Find(job.Layout, q.media[job.Layout])
	if err != nil {
		return err
	}
	page, err := printer.Render(layout, q.fields(job), q.dpi)
	if err != nil {
		return fmt.Errorf("drawing a %s: %w", job.Layout, err)
	}
	if err := readBack(page); err != nil {
		return fmt.Errorf("drawing a %s: %w", job.Layout, err)
	}
	return q.printer.Print(ctx, page, job.Copies)
}

// errUnreadable means that a code on a page does not read back as what it is to
// say.
var errUnreadable = errors.New("a code on it does not read back")

// readBack reads every code of a page as the kiosk's camera would, before it is
// printed: a label that reads as another one is worse than none.
func readBack(page *printer.Page) error {
	for _, code := range page.Codes() {
		found := scanner.New(scanner.Options{}).Still(scanner.Grey(code.Picture))
		if len(found) != 1 || found[0].Text != code.Text {
			return fmt.Errorf("%w: a %s of %d characters, read as %d codes", errUnreadable, code.Kind, len(code.Text), len(found))
		}
	}
	return nil
}

func (q *PrintQueue) fields(job checkpoint.Job) map[string]string {
	f := maps.Clone(job.Fields)
	if f == nil {
		f = map[string]string{}
	}
	f["code"], f["time"], f["site"] = job.Code, f["at"], f["kiosk"]
	f["title"] = q.word("print.title." + job.Layout)
	for to, key := range map[string]string{"verdict": "level." + f["level"], "result": "outcome." + f["outcome"]} {
		f[to] = q.word(key)
	}
	if f["level"] == "" && f["basis"] != "" { // a registration's slip says what it is in the verdict's place
		f["verdict"] = q.word("purpose." + f["basis"])
	}
	return f
}

// word is the text of a key, "" if absent.
func (q *PrintQueue) word(key string) string {
	if !q.words.Has(key) {
		return ""
	}
	return q.words.Text(key)
}

// fault is the problem that an error of the printer stands for.
func fault(err error) string {
	var not *printer.NotPrinted
	if errors.As(err, &not) && not.Status.Problem() != "" {
		return not.Status.Problem()
	}
	return "offline"
}

// Watch asks the printer how it is until the context ends, and tells the
// checkpoint when that changes.
func (q *PrintQueue) Watch(ctx context.Context) error {
	if q.printer == nil {
		return nil
	}
	last := "unknown"
	for {
		status, err := q.printer.Status(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if problem := status.Problem(); problem != last {
			if err != nil {
				q.host.Log.Warn("printer", "problem", problem, "error", err)
			}
			last = problem
			q.host.tell(ctx, checkpoint.PartPrinter, q.printer.String(), printerConditions(problem)...)
		}
		if !pause.For(ctx, 2*time.Second) {
			return nil
		}
	}
}

// printerConditions are the conditions of a printer's problem.
func printerConditions(problem string) []*condition.Condition {
	if problem == "" {
		return nil
	}
	return []*condition.Condition{condition.Of("printer", problem)}
}

// Test prints a label that names the kiosk.
func (q *PrintQueue) Test(ctx context.Context, kiosk string) (string, error) {
	if err := q.print(ctx, checkpoint.Job{Layout: "test", Code: kiosk, Copies: 1}); err != nil {
		return fault(err), err
	}
	return "", nil
}

// Labels reports whether this printer makes labels for tubes. Paper for receipts
// has none on it; a USB printer that will say itself what it speaks is taken for a
// label printer.
func (p Printing) Labels() bool {
	l, known := printer.FindLanguage(p.Language)
	return p.Port != "" && (l.Labels || !known)
}

// ProbePrinter asks a printer once how it is.
func ProbePrinter(ctx context.Context, host Host, p Printing) {
	problem := "offline"
	if opened, err := printer.Open(p.Port, p.Language); err == nil {
		status, err := opened.Status(ctx)
		if problem = status.Problem(); err != nil {
			host.Log.Warn("printer", "problem", problem, "error", err)
		}
	}
	host.tell(ctx, checkpoint.PartPrinter, p.Port, printerConditions(problem)...)
}
