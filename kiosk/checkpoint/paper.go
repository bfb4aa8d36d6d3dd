package checkpoint

import (
	"slices"
	"strings"
	"time"

	"chot/kiosk/record"
)

// paper is a label, slip or result on its way out of the printer. It is signed
// first where it carries a code of the kiosk's own, then printed, and printed
// again where that failed. Every kind of paper goes this way; each try is
// recorded by its outcome, whether or not its screen is still there
// ([step.printed]).
type paper struct {
	job     Job
	number  string // of the tube, slip or result, as it is recorded
	again   string // reason of a reprint
	sign    *Sign  // makes the job's code; nil where it has one
	stage   paperStage
	id      int    // of the action that is waited for
	problem string // why it is not on paper
}

// paperStage is how far a paper is.
type paperStage uint8

const (
	notBegun paperStage = iota
	signing
	printing
	onPaper
	unprinted // see the problem
)

// The problems of papers that the checkpoint itself finds. Others are the
// printer's, as PrintFailed has them.
const (
	problemUnsigned  = "unsigned"
	problemNoPrinter = "no-printer"
	problemLate      = "late" // the printer has not answered
)

// start signs the paper, or prints it where its code is there.
func (p paper) start(c *step) paper {
	if p.sign == nil || p.job.Code != "" {
		return p.print(c)
	}
	p.stage, p.id, p.problem = signing, c.id(), ""
	sign := *p.sign
	sign.ID = p.id
	c.do(sign)
	return p
}

// print has the paper printed, unless it is known that it cannot be.
func (p paper) print(c *step) paper {
	if !c.m.setup.Printer {
		return p.failed(problemNoPrinter)
	}
	body := record.Print{Layout: p.job.Layout, Number: p.number, Copies: p.job.Copies, Again: p.again, Staff: c.Staff.Number}
	if fault := c.m.parts.fault(PartPrinter); fault != "" {
		problem := strings.TrimPrefix(fault, string(PartPrinter)+"-")
		c.recordPrint(body, problem)
		return p.failed(problem)
	}
	p.stage, p.id, p.problem = printing, c.id(), ""
	c.m.prints = append(slices.Clone(c.m.prints), pendingPrint{p.id, body, c.Now})
	c.do(Print{ID: p.id, Job: p.job})
	return p
}

// on takes the answers to the paper's own actions. One that comes after the
// kiosk gave up waiting counts all the same.
func (p paper) on(c *step, e Event) paper {
	switch e := e.(type) {
	case Signed:
		if p.stage == signing && e.ID == p.id {
			p.job.Code = e.Code
			return p.print(c)
		}
	case SignFailed:
		if p.stage == signing && e.ID == p.id {
			return p.failed(problemUnsigned)
		}
	case Printed:
		if p.sent() && e.ID == p.id {
			p.stage, p.problem = onPaper, ""
		}
	case PrintFailed:
		if p.sent() && e.ID == p.id {
			return p.failed(e.Problem)
		}
	}
	return p
}

// sent says whether the printer has the paper, or had.
func (p paper) sent() bool { return p.stage == printing || p.stage == unprinted && p.id != 0 }

func (p paper) failed(problem string) paper {
	p.stage, p.problem = unprinted, problem
	return p
}

// late gives up waiting for an answer.
func (p paper) late() paper {
	switch p.stage {
	case signing:
		return p.failed(problemUnsigned)
	case printing:
		return p.failed(problemLate)
	}
	return p
}

// retry prints a paper again that did not come out.
func (p paper) retry(c *step) paper {
	if p.stage != unprinted {
		return p
	}
	return p.start(c)
}

// busy says whether the paper waits for the signer or the printer.
func (p paper) busy() bool { return p.stage == signing || p.stage == printing }

// pendingPrint is a paper that the printer has not answered for. It holds
// no name: it outlives the screen that had it printed.
type pendingPrint struct {
	id   int // of the Print
	body record.Print
	at   time.Time
}

// printWait is how long a printer's answer is waited for before the print is
// recorded as one that came to nothing.
const printWait = 10 * time.Minute

// printed records a print by its outcome: "" where it is on paper.
func (c *step) printed(id int, problem string) {
	i := slices.IndexFunc(c.m.prints, func(p pendingPrint) bool { return p.id == id })
	if i < 0 {
		return
	}
	body := c.m.prints[i].body
	c.m.prints = slices.Delete(slices.Clone(c.m.prints), i, i+1)
	c.recordPrint(body, problem)
}

// recordPrint keeps how a print ended: copies only of what is on paper.
func (c *step) recordPrint(body record.Print, problem string) {
	if problem != "" {
		body.Copies, body.Failed = 0, problem
	}
	c.keep(body)
}

// expirePrints gives up on prints that the printer never answered for.
func (c *step) expirePrints() {
	for _, p := range c.m.prints {
		if c.Now.After(p.at.Add(printWait)) {
			c.printed(p.id, problemLate)
		}
	}
}
