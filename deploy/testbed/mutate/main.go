// Command mutate measures how much of a package's behaviour its tests notice. It
// changes one place of the source at a time, a mutant, and runs the tests: a
// mutant that no test fails on has survived, and says what the tests do not
// check.
//
//	make mutate PKG=kiosk/policy SEED=7 N=100
//
// The sample is drawn by the seed, as many of each of the five [kind]s as there
// are, so that a package with long tables of constants is not measured by those
// alone. The score is what was killed or timed out, of all that were tried;
// mutants that behave as the source does are named in equivalent.toml, with the
// reason, and are not tried.
//
// The source tree is never touched: a mutant is compiled by means of the go
// command's -overlay. It is type-checked before, so that no build is spent on one
// that does not compile. A test package runs only where it reaches the changed
// line, as its coverage without a mutant says; [beside] names the tests of other
// packages that count. Tests run in a process group of their own, which is killed
// when they take five times as long as without a mutant and ten seconds more.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	var o options
	o.root, o.out, o.grace = ".", os.Stdout, 10*time.Second
	flag.Uint64Var(&o.seed, "seed", 1, "draws the sample")
	flag.IntVar(&o.n, "n", 100, "mutants of each package")
	flag.IntVar(&o.jobs, "jobs", 2, "mutants tried at a time")
	flag.StringVar(&o.only, "file", "", "draw from files whose name has this in it alone")
	flag.BoolVar(&o.list, "list", false, "print the sample without trying it")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "mutate [-seed S] [-n N] [-jobs J] [-file TEXT] [-list] PACKAGE…\n\nPACKAGE is a folder of the module, as kiosk/policy.")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// What is measured must not take the machine from whoever works on it.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 10)
	for _, pkg := range flag.Args() {
		if err := measure(ctx, strings.TrimSuffix(strings.TrimPrefix(pkg, "./"), "/"), o); err != nil {
			fmt.Fprintln(os.Stderr, "mutate:", err)
			os.Exit(1)
		}
	}
}

type options struct {
	root string // of the module
	out  io.Writer

	grace time.Duration // for a test that takes longer by a mutant, see the package's words
	seed  uint64
	n     int
	jobs  int
	only  string
	list  bool
}

// measure tries a sample of a package's mutants and prints what became of them.
func measure(ctx context.Context, pkg string, o options) error {
	source, err := load(ctx, o.root, pkg)
	if err != nil {
		return err
	}
	known, err := readEquivalents(equivalentFile)
	if err != nil {
		return err
	}
	all, equivalent := known.without(source.mutants(o.only))
	sample := source.sample(all, o.seed, o.n)
	if o.list {
		for _, m := range sample {
			fmt.Fprintln(o.out, m)
		}
		fmt.Fprintf(o.out, "%s: %d of %d mutants, seed %d, %d equivalent ones left out\n", pkg, len(sample), len(all), o.seed, equivalent)
		return nil
	}
	lab, err := newLab(ctx, o.root, pkg, o.grace)
	if err != nil {
		return err
	}
	defer lab.close()
	start := time.Now()
	outcomes := make([]outcome, len(sample))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(o.jobs, 1))
	for i, m := range sample {
		group.Go(func() (err error) {
			outcomes[i], err = lab.try(ctx, i, m)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	counts := map[outcome]int{}
	byKind := map[kind][2]int{}
	for i, m := range sample {
		counts[outcomes[i]]++
		of := byKind[m.kind]
		of[1]++
		if outcomes[i].noticed() {
			of[0]++
		} else {
			fmt.Fprintf(o.out, "%-11s %s\n", outcomes[i], m)
		}
		byKind[m.kind] = of
	}
	noticed := counts[killed] + counts[timedOut]
	fmt.Fprintf(o.out, "%s, seed %d: %d of %d mutants in %v: %d killed, %d timed out, %d survived (%d of them in lines that no test reaches); %d equivalent ones left out\n",
		pkg, o.seed, len(sample), len(all), time.Since(start).Round(time.Second), counts[killed], counts[timedOut],
		counts[survived]+counts[unreached], counts[unreached], equivalent)
	for _, k := range kinds {
		fmt.Fprintf(o.out, "  %-10s %d of %d\n", k, byKind[k][0], byKind[k][1])
	}
	if len(sample) == 0 {
		return errors.New(pkg + ": nothing to mutate")
	}
	fmt.Fprintf(o.out, "%s score %d %%\n", pkg, 100*noticed/len(sample))
	return nil
}
