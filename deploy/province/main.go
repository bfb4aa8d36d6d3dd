// Province is the provincial server: it enrols kiosks, takes in what they
// record, publishes what they need, and shows officers what happens.
//
//	province account --dir DIR --name admin --role province --area 30 < password
//	province serve --dir DIR --listen :8443 --page :8444
//	province token --dir DIR --kiosk hall-1 --site S1 --area 30/298/11194
//
// It starts alone on an SQLite file in its folder. Outgrown, the same program
// runs as many instances on one PostgreSQL, by --database and a copy of the
// folder keys/; see package internal/keys for what lies there and package
// internal/db for the schema.
//
// What a command has to say stands on standard output as one line of JSON; the
// log, without personal data, goes to standard error.
//
// # As a cluster
//
// Any number of instances, each with its own --dir that holds a copy of keys/,
// name one database: --database
// "postgres://chot@/province?host=a,b&target_session_attrs=read-write". They keep
// nothing else, so any balancer in front will do that passes TLS through to the
// kiosks' port. Give PostgreSQL a synchronous replica (synchronous_standby_names)
// and leave synchronous_commit on: a receipt is signed when the commit returns.
//
// # Packages
//
//	internal/keys        the private keys and the certificate authority
//	internal/db          schema, rows, areas, bulk writing; internal/dbtest, databases that fail
//	internal/datakeys    encryption at rest and keyed hashes
//	internal/kioskapi    the kiosks' listener       internal/est          enrolment
//	internal/intake      batches to receipts        internal/person       look-up, erasure, retention
//	internal/exchange    what laboratories and vaccination sites state
//	internal/lab         sampling and results       internal/vaccine      doses and invitations
//	internal/lookup      what kiosks ask about a person
//	internal/export      FHIR, CSV and XLSX for other systems
//	internal/fleet       the register of kiosks     internal/arrivals     what just arrived
//	internal/tufserver   the TUF repository, served tufpublish            the same, for publishers
//	internal/account     officers, sessions, roles, the audit log
//	internal/ratelimit   counts of attempts
//	internal/web         the page's frame           internal/dashboard    its first section
//	internal/report      daily figures, campaigns   internal/api          the same as JSON
//	internal/simulate, internal/cluster, load       kiosks and PostgreSQL for tests and measurements
//
// # Adding a service
//
// A service is a package below internal that is named in parts.go and takes part by
// the interfaces that it implements:
//
//   - intake.Projector writes its tables in the transaction that commits the
//     records; a migration in internal/db/migrations makes them
//   - person.Forgetter and person.Eraser erase what the tables hold of people; a
//     projector of personal records that is no Forgetter is refused at the start
//   - web.Sectioner brings its pages and templates, api.Operator its operations;
//     texts stand in ui/catalog
//
// deploy/kind_test.go does so with a toy. Every query for an officer takes the
// account's area; every action of an officer is written to the audit log.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/keys"
	"chot/ui/catalog"
)

// cli is the command line.
type cli struct {
	Config kong.ConfigFlag `help:"TOML file with the flags' values, by their names." placeholder:"FILE"`

	Serve   serveCmd   `cmd:"" help:"Run the server."`
	Token   tokenCmd   `cmd:"" help:"Make a token with which one kiosk can enrol once."`
	Revoke  revokeCmd  `cmd:"" help:"Refuse a kiosk from now on."`
	Account accountCmd `cmd:"" help:"Make an officer's account, or give it a new password, role and area. The password is read from standard input."`
}

// home is where the server keeps what it owns; all commands share it.
type home struct {
	Dir      string `required:"" help:"Folder of the server: keys, and the database unless --database names another." placeholder:"DIR"`
	Database string `help:"PostgreSQL URL, which may name several hosts. Default: an SQLite file in the folder." placeholder:"URL"`
	Province string `default:"Province" help:"Name of the province in its certificate authority; used when the keys are made."`
}

// open returns the keys and the database of the folder, which are made where
// there are none.
func (h home) open(ctx context.Context) (*keys.Set, *bun.DB, error) {
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("making the server's folder: %w", err)
	}
	set, err := keys.Open(filepath.Join(h.Dir, "keys"), h.Province, rand.Reader, time.Now())
	if err != nil {
		return nil, nil, err
	}
	place := h.Database
	if place == "" {
		place = filepath.Join(h.Dir, "province.db")
	}
	d, err := db.Open(ctx, place)
	if err != nil {
		return nil, nil, err
	}
	// Keys and database belong together: the bodies, the receipts and the
	// kiosks' certificates are worth nothing under other keys.
	if err := db.Claim(ctx, d, "certificate authority", fmt.Sprintf("%x", set.CA.Pin())); err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	return set, d, nil
}

// console is what a command may touch of the world outside its arguments.
type console struct {
	in  io.Reader
	out *json.Encoder
	log *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

const (
	exitUsage   = 64
	exitFailure = 70
)

// run is main with its world handed in.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	con := &console{in: in, out: json.NewEncoder(out), log: slog.New(slog.NewTextHandler(errs, nil))}
	con.out.SetEscapeHTML(false)
	status := -1
	parser, err := kong.New(&cli{}, kong.Name("province"),
		kong.Description("The provincial server of QR check-in kiosks."),
		kong.Vars{"language": catalog.Default, "languages": strings.Join(catalog.Codes(), ",")},
		kong.Writers(out, errs), kong.Exit(func(n int) { status = n }), kong.Configuration(loadTOML),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(con))
	if err != nil {
		fmt.Fprintln(errs, "province:", err)
		return exitFailure
	}
	line, err := parser.Parse(args)
	if status >= 0 { // help was asked for and given
		return status
	}
	if err != nil {
		fmt.Fprintln(errs, "province:", err)
		return exitUsage
	}
	if err := line.Run(); err != nil {
		fmt.Fprintln(errs, "province:", err)
		return exitFailure
	}
	return 0
}
