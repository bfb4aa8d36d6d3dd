package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// runMachine boots the guest and serves it until it is off.
func runMachine(ctx context.Context, r root, c cargo, out string) error {
	first, err := initrd(c.init, r.modules)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.dir+"/initrd", first, 0o600); err != nil {
		return fmt.Errorf("writing the initial RAM disk: %w", err)
	}
	sockets, err := listen(c.dir, "desk", "qmp", "usb")
	if err != nil {
		return err
	}
	defer sockets.close()
	log, err := os.Create(filepath.Join(out, "guest.log"))
	if err != nil {
		return fmt.Errorf("opening the guest's log: %w", err)
	}
	defer log.Close()

	start := time.Now()
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", arguments(r, c, out)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = withParent
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting QEMU: %w", err)
	}
	d := &desk{out: out, log: log, report: os.Stdout, received: func(kind string) error { return c.province.received(ctx, kind) }}
	var rooms sync.WaitGroup
	rooms.Go(func() {
		if err := d.attend(sockets, &rooms); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	})
	err = cmd.Wait()
	sockets.close()
	rooms.Wait()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	switch {
	case err == nil && d.ended == "":
		err = errors.New("the machine went off before the tests ended")
	case err == nil && d.ended != "0":
		err = errors.New("tests failed: " + d.ended)
	}
	if err != nil {
		return fmt.Errorf("%w; see %s and %s", err, filepath.Join(out, "guest.log"), filepath.Join(out, "console.log"))
	}
	fmt.Printf("the bench ran for %.0fs, load %s\n", time.Since(start).Seconds(), load())
	return nil
}

// load is the host's load of the last minute: the machine's times depend on it.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(data), " ")
	return one
}

// arguments are QEMU's.
func arguments(r root, c cargo, out string) []string {
	socket := func(id string) string { return "socket,id=" + id + ",path=" + c.dir + "/" + id }
	return []string{
		"-accel", "tcg,thread=multi", "-cpu", "max,avx=off,avx2=off,fma=off,f16c=off", "-M", "q35", "-smp", "2", "-m", "1536", "-no-reboot", "-display", "none",
		"-kernel", r.kernel, "-initrd", c.dir + "/initrd",
		"-append", "console=ttyS0 quiet panic=-1 mitigations=off pci=nomsi", // QEMU 7.2 has fallen over writes to an MSI-X table
		"-drive", "file=" + r.image + ",format=raw,if=virtio,snapshot=on",
		"-drive", "file=" + c.disk + ",format=raw,if=virtio,readonly=on",
		"-serial", "file:" + filepath.Join(out, "console.log"),
		"-chardev", socket("desk"), "-serial", "chardev:desk",
		"-chardev", socket("qmp"), "-mon", "chardev=qmp,mode=control",
		"-nic", "user,model=virtio-net-pci",
		"-device", "virtio-vga,xres=1024,yres=600", "-device", "virtio-tablet-pci",
		"-device", "qemu-xhci", "-chardev", socket("usb"), "-device", "usb-serial,chardev=usb,id=serial",
	}
}

// sockets are where QEMU connects to.
type sockets struct {
	listeners map[string]net.Listener
	once      sync.Once
}

func listen(dir string, names ...string) (*sockets, error) {
	s := &sockets{listeners: map[string]net.Listener{}}
	for _, name := range names {
		l, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			s.close()
			return nil, fmt.Errorf("listening for QEMU: %w", err)
		}
		s.listeners[name] = l
	}
	return s, nil
}

func (s *sockets) close() {
	s.once.Do(func() {
		for _, l := range s.listeners {
			_ = l.Close() // the waiting is over
		}
	})
}

// attend takes QEMU's calls and serves the guest.
func (d *desk) attend(s *sockets, rooms *sync.WaitGroup) error {
	conns := map[string]net.Conn{}
	for _, name := range []string{"desk", "qmp", "usb"} { // in the order of QEMU's arguments
		conn, err := s.listeners[name].Accept()
		if err != nil {
			return nil // QEMU did not start, which is reported
		}
		defer conn.Close()
		conns[name] = conn
	}
	rooms.Go(func() {
		if err := serial(conns["usb"], d.out); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	})
	var err error
	if d.qmp, err = newQMP(conns["qmp"]); err != nil {
		return err
	}
	d.line = struct {
		io.Reader
		io.Writer
	}{conns["desk"], conns["desk"]}
	return d.serve()
}
