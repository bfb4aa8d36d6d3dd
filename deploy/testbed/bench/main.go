// Bench boots a machine that does not exist, with a camera, printers, a panel, a
// thermometer and scanners that do not exist either, and runs the drivers'
// hardware tests and the appliance itself against the kernel's real drivers.
//
//	make test-bench
//
// The machine is QEMU's, with Debian's own kernel; its root tree is made once
// from Debian packages (root.sh) and kept as a disk image under .cache/bench. It
// is emulated, without KVM, which a machine in a cloud may lack or have in parts.
// This program is both ends: on the host
// it makes the image, starts the machine and prints each test with its time; in
// the machine it is the first process, which loads the modules, runs the tests
// and powers off.
//
// The hardware is package virtual's, the tests are package hardware's. What the
// tests need of the host they ask for by lines on a serial port, see [desk].
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	if os.Getpid() == 1 {
		guest()
		return
	}
	cache := flag.String("cache", ".cache/bench", "folder that keeps the guest's root")
	out := flag.String("out", "build/bench", "folder for the logs and the pictures of the screen")
	tests := flag.String("run", "", "the tests to run, as go test takes them; all unless given")
	limit := flag.Duration("limit", 15*time.Minute, "how long the machine may run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := bench(ctx, *cache, *out, *tests, *limit)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, cache, out, tests string, limit time.Duration) error {
	if err := equipped(); err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("clearing the folder of the last run: %w", err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("making the folder for the logs: %w", err)
	}
	root, err := openRoot(ctx, cache)
	if err != nil {
		return err
	}
	start := time.Now()
	cargo, err := loadCargo(ctx, out, tests)
	if err != nil {
		return err
	}
	defer cargo.close()
	fmt.Printf("built what is tested in %.1fs\n", time.Since(start).Seconds())
	ctx, stop := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the machine ran for longer than %v", limit))
	defer stop()
	return runMachine(ctx, root, cargo, out)
}

// needs are the commands of the bench and the Debian packages that have them.
var needs = []struct{ command, debian string }{
	{"qemu-system-x86_64", "qemu-system-x86"},
	{"mmdebstrap", "mmdebstrap"},
	{"mke2fs", "e2fsprogs"},
	{"go", "golang"},
	{"gcc", "gcc"},
}

// equipped says what is missing and how to get it.
func equipped() error {
	var missing []string
	for _, n := range needs {
		if _, err := exec.LookPath(n.command); err != nil {
			if _, err := os.Stat(filepath.Join("/usr/sbin", n.command)); err != nil {
				missing = append(missing, n.debian)
			}
		}
	}
	if missing != nil {
		return fmt.Errorf("the virtual bench is not equipped: apt-get install %s", strings.Join(missing, " "))
	}
	return nil
}
