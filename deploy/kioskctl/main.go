// Kioskctl is the technician's and the operator's command line: it reads
// pictures of codes, checks credentials, looks into journals, carries batches
// on a stick, prints labels, and prepares and publishes what kiosks need.
//
// Results go to standard output, one JSON object a line, or to a person at a
// terminal a line for each of its members unless --json is given; what went wrong
// and questions go to standard error. Exit status 0 is success,
// the commands' own are listed in their help, 64 is a command line that cannot
// be understood, and 70 an internal error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"chot/drivers/printer"
)

const (
	exitUsage   = 64
	exitFailure = 70
)

// cli is the command line. Each field is one command.
type cli struct {
	Scan     scanCmd     `cmd:"" help:"Read the codes in pictures; a JSON line per picture."`
	Check    checkCmd    `cmd:"" help:"Check credentials against a trust directory; a JSON line per text. Exit 0 green, 1 amber, 2 red, 3 no credential; of several, the highest."`
	Trust    trustCmd    `cmd:"" help:"Look after trust data."`
	Publish  publishCmd  `cmd:"" help:"Publish what kiosks need: trust lists, rules, forms, content, releases."`
	Label    labelCmd    `cmd:"" help:"Write what a printer is sent for a label or a slip."`
	Selftest selftestCmd `cmd:"" help:"Try the parts of this kiosk: a JSON line per part. Exit 0 all work, 1 some do not."`
	Journal  journalCmd  `cmd:"" help:"Show what a journal file holds, without reading what is sealed."`
	Export   exportCmd   `cmd:"" help:"Write what a kiosk's journal has waiting to a stick, sealed as it is, or as pictures of codes. The kiosk may be running."`
	Import   importCmd   `cmd:"" help:"Bring batches from sticks, or from pictures of codes, to the province; receipts take their place. Exit 1 where some were refused."`
	Relay    relayCmd    `cmd:"" help:"Leave a stick's batches of other kiosks, and its receipts, to this kiosk's forwarder, and take receipts for the others along. The kiosk may be running."`
	Sheet    sheetCmd    `cmd:"" help:"Make the printed sheets that new kiosks are provisioned with, of the province's tokens."`

	Completion completionCmd `cmd:"" help:"Print what completes this command line in a shell."`
	Man        manCmd        `cmd:"" help:"Print the manual page."`
	Complete   completeCmd   `cmd:"" hidden:"" passthrough:""`

	JSON bool `name:"json" help:"Results as JSON, at a terminal too."`
}

// console is what a command may touch of the world outside its arguments.
type console struct {
	in       io.Reader
	out, err io.Writer
	results  output
}

// print writes one result.
func (c *console) print(v any) error {
	if err := c.results.write(v); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// exit is an error that carries the status to leave with; its text may be empty
// where the output has already said everything.
type exit struct {
	status int
	text   string
}

func (e exit) Error() string { return e.text }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is main with its world handed in.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	con := &console{in: in, out: out, err: errs}
	var line cli
	status := -1
	parser, err := kong.New(&line, kong.Name("kioskctl"),
		kong.Description("Read codes, check credentials, look after kiosks."),
		kong.Writers(out, errs), kong.Exit(func(n int) { status = n }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(con),
		kong.Vars{"printer_languages": strings.Join(printer.LanguageNames(), ",")})
	if err != nil {
		fmt.Fprintln(errs, "kioskctl:", err)
		return exitFailure
	}
	parsed, err := parser.Parse(args)
	if status >= 0 { // help was asked for and given
		return status
	}
	if err != nil {
		fmt.Fprintln(errs, "kioskctl:", err)
		return exitUsage
	}
	con.results = output{w: out, plain: forPeople(out) && !line.JSON}
	err = parsed.Run(parser)
	var leave exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &leave):
		if leave.text != "" {
			fmt.Fprintln(errs, "kioskctl:", leave.text)
		}
		return leave.status
	default:
		fmt.Fprintln(errs, "kioskctl:", err)
		return exitFailure
	}
}
