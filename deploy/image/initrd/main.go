// Initrd is the first program of the SD-card image: it loads the modules that
// the root lies behind, waits for the root, lets the data partition fill the
// card, and hands over to systemd on the root.
//
//	root=PARTUUID=… is named by GRUB, which chose between the two
//
// It is all of the initrd but the modules, which lie in /modules in the order in
// which they are to be loaded. It returns only where it failed: the kernel then
// panics and, with panic=10, starts again, for GRUB to choose the other root.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	fmt.Fprintln(os.Stderr, "initrd:", start())
	time.Sleep(time.Second) // for the console to show it
	os.Exit(1)
}

// start becomes systemd, or says why not.
func start() error {
	for _, m := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}} {
		if err := errors.Join(os.MkdirAll(m.at, 0o755), unix.Mount(m.kind, m.at, m.kind, 0, "")); err != nil {
			return fmt.Errorf("mounting %s: %w", m.at, err)
		}
	}
	if err := load(); err != nil {
		return err
	}
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return fmt.Errorf("reading the kernel's command line: %w", err)
	}
	part, err := partition(string(line))
	if err != nil {
		return err
	}
	device, err := find(part, 30*time.Second)
	if err != nil {
		return err
	}
	if err := grow(device); err != nil {
		fmt.Fprintln(os.Stderr, "initrd:", err) // a small data partition is better than none
	}
	if device, err = find(part, 30*time.Second); err != nil { // its node may be a new one
		return err
	}
	return handOver(device)
}

// load loads every module. One that this machine has no use for may refuse.
func load() error {
	modules, err := filepath.Glob("/modules/*.ko")
	if err != nil {
		return err
	}
	for _, path := range modules {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("opening a module: %w", err)
		}
		if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil && !errors.Is(err, unix.EEXIST) {
			fmt.Fprintf(os.Stderr, "initrd: %s: %v\n", filepath.Base(path), err)
		}
		f.Close()
	}
	return nil
}

// partition is the PARTUUID that the command line names as the root.
func partition(line string) (string, error) {
	for word := range strings.FieldsSeq(line) {
		if id, found := strings.CutPrefix(word, "root=PARTUUID="); found {
			return strings.ToLower(id), nil
		}
	}
	return "", errors.New("the kernel's command line names no root")
}

// find waits until a partition appears, and returns its device.
func find(id string, patience time.Duration) (string, error) {
	for began := time.Now(); time.Since(began) < patience; time.Sleep(50 * time.Millisecond) {
		events, err := filepath.Glob("/sys/class/block/*/uevent")
		if err != nil {
			return "", err
		}
		for _, path := range events {
			text, err := os.ReadFile(path)
			if err == nil && strings.Contains(strings.ToLower(string(text)), "partuuid="+id+"\n") {
				return "/dev/" + filepath.Base(filepath.Dir(path)), nil
			}
			if err == nil && isPartition(filepath.Dir(path), id) {
				return "/dev/" + filepath.Base(filepath.Dir(path)), nil
			}
		}
	}
	return "", fmt.Errorf("the partition %s did not appear", id)
}

// handOver makes a device the root and systemd the first program.
func handOver(device string) error {
	const at = "/root"
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(device, at, "squashfs", unix.MS_RDONLY, ""); err != nil {
		return fmt.Errorf("mounting the root %s: %w", device, err)
	}
	for _, m := range []string{"/dev", "/sys", "/proc"} {
		if err := unix.Mount(m, at+m, "", unix.MS_MOVE, ""); err != nil {
			return fmt.Errorf("moving %s: %w", m, err)
		}
	}
	if err := os.Chdir(at); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("moving the root: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return fmt.Errorf("entering the root: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	return fmt.Errorf("starting systemd: %w", unix.Exec("/usr/lib/systemd/systemd", []string{"/sbin/init"}, os.Environ()))
}
