package card

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
)

// computer is what QEMU emulates for an architecture's card.
type computer struct {
	program  string // of QEMU
	firmware string // UEFI's two files, up to what tells them apart
	console  string // what Linux calls the serial line
	args     []string
}

var computers = map[string]computer{
	"amd64": {"qemu-system-x86_64", "/usr/share/OVMF/OVMF_", "ttyS0",
		[]string{"-machine", "q35", "-cpu", "max,la57=off", "-device", "virtio-vga,xres=1024,yres=600"}},
	"arm64": {"qemu-system-aarch64", "/usr/share/AAVMF/AAVMF_", "ttyAMA0",
		[]string{"-machine", "virt", "-cpu", "cortex-a72", "-device", "virtio-gpu-pci,xres=1024,yres=600"}},
}

// machine is an emulated computer that runs from a card.
type machine struct {
	t      *testing.T
	dir    string // for its sockets
	serial string // file that its console is kept in
	disk   *harness.Process
	cpu    *harness.Process
	qmp    net.Conn
	answer *json.Decoder
	began  time.Time
}

// powerOn starts the machine from a card.
func powerOn(t *testing.T, card, serial string) *machine {
	t.Helper()
	dir, err := os.MkdirTemp("", "card-") // a socket's path must be short
	harness.Must(t, err)
	m := &machine{t: t, dir: dir, serial: serial, began: time.Now()}
	t.Cleanup(func() { m.cut(); harness.Must(t, os.RemoveAll(dir)) })
	m.disk = launch(t, true, "nbdkit", "--foreground", "--exit-with-parent", "--unix", dir+"/disk", "--filter=cache", "file", card, "cache=writeback")
	harness.Until(t, "the disk", 10*time.Second, func() bool { _, err := os.Stat(dir + "/disk"); return err == nil })
	c := computers[arch]
	vars, err := os.ReadFile(c.firmware + "VARS.fd")
	harness.Must(t, err)
	harness.Must(t, os.WriteFile(dir+"/vars", vars, 0o600))
	m.cpu = launch(t, false, c.program, append(slices.Clone(c.args), "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024",
		"-drive", "if=pflash,format=raw,readonly=on,file="+c.firmware+"CODE.fd", "-drive", "if=pflash,format=raw,file="+dir+"/vars",
		"-drive", "file=nbd+unix:///?socket="+dir+"/disk,format=raw,if=virtio", "-device", "virtio-rng-pci",
		"-device", "qemu-xhci", "-device", "usb-tablet", "-display", "none",
		"-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,id=cable",
		"-serial", "file:"+serial, "-qmp", "unix:"+dir+"/qmp,server=on,wait=off")...)
	harness.Until(t, "QEMU", 20*time.Second, func() bool { m.qmp, err = net.Dial("unix", dir+"/qmp"); return err == nil })
	m.answer = json.NewDecoder(m.qmp)
	var greeting json.RawMessage
	harness.Must(t, m.answer.Decode(&greeting))
	m.do("qmp_capabilities", nil)
	return m
}

// cut takes the power away: what the disk had in its cache is lost.
func (m *machine) cut() {
	if m.disk != nil {
		m.disk.End(syscall.SIGKILL)
	}
	if m.cpu != nil {
		m.cpu.End(syscall.SIGKILL)
	}
	if m.qmp != nil {
		_ = m.qmp.Close() // QEMU is gone
	}
	m.disk, m.cpu, m.qmp = nil, nil, nil
}

// do has QEMU do something (docs/interop/qmp-spec.rst of QEMU).
func (m *machine) do(command string, arguments map[string]any) {
	m.t.Helper()
	if arguments == nil {
		arguments = map[string]any{}
	}
	ask, err := json.Marshal(map[string]any{"execute": command, "arguments": arguments})
	harness.Must(m.t, err)
	_, err = m.qmp.Write(ask)
	harness.Must(m.t, err)
	for {
		var a struct {
			Return json.RawMessage
			Error  *struct{ Desc string }
		}
		harness.Must(m.t, m.answer.Decode(&a))
		if a.Error != nil {
			m.t.Fatalf("QEMU's %s: %s", command, a.Error.Desc)
		}
		if a.Return != nil {
			return
		}
	}
}

// shoot keeps a picture of the screen, once there is something on it: a ground
// without anything is a PNG of some hundred bytes.
func (m *machine) shoot(path string) {
	m.t.Helper()
	harness.Until(m.t, "something on the screen", 2*time.Minute, func() bool {
		m.do("screendump", map[string]any{"filename": path, "format": "png"})
		picture, err := os.Stat(path)
		return err == nil && picture.Size() > 8<<10
	})
	m.t.Logf("%5.0fs after power on: screen %s", time.Since(m.began).Seconds(), filepath.Base(path))
}

// tap touches the screen, at fractions of its width and height.
func (m *machine) tap(x, y float64) {
	m.t.Helper()
	position := func(axis string, at float64) map[string]any {
		return map[string]any{"type": "abs", "data": map[string]any{"axis": axis, "value": int(at * 0x7fff)}}
	}
	button := func(down bool) map[string]any {
		return map[string]any{"type": "btn", "data": map[string]any{"button": "left", "down": down}}
	}
	for _, events := range [][]any{{position("x", x), position("y", y)}, {button(true)}, {button(false)}} {
		m.do("input-send-event", map[string]any{"events": events})
		time.Sleep(300 * time.Millisecond) // a finger; the machine is slow
	}
}

// cable plugs the network in or out.
func (m *machine) cable(in bool) {
	m.t.Helper()
	m.do("set_link", map[string]any{"name": "cable", "up": in})
}

// said returns the console's lines that contain all of some texts.
func (m *machine) said(texts ...string) (found []string) {
	m.t.Helper()
	console, err := os.ReadFile(m.serial)
	harness.Must(m.t, err)
lines:
	for line := range strings.Lines(string(console)) {
		for _, text := range texts {
			if !strings.Contains(line, text) {
				continue lines
			}
		}
		found = append(found, strings.TrimSpace(line))
	}
	return found
}

// hears waits until the console says all of some texts in one line, and tells
// when it did.
func (m *machine) hears(limit time.Duration, texts ...string) {
	m.t.Helper()
	harness.Until(m.t, "the console to say "+strings.Join(texts, " … "), limit, func() bool {
		select {
		case <-m.cpu.Ended():
			m.t.Fatal("QEMU ended")
		default:
		}
		return len(m.said(texts...)) > 0
	})
	m.t.Logf("%5.0fs after power on: %s", time.Since(m.began).Seconds(), strings.Join(texts, " … "))
}

// run runs a program to its end and returns what it printed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, errs.String())
	}
	return string(out)
}

// launch starts a program that gives way to others.
func launch(t *testing.T, quiet bool, name string, args ...string) *harness.Process {
	t.Helper()
	return harness.Launch(t, harness.Program{Name: filepath.Base(name), Path: "nice", Args: append([]string{"-n", "5", name}, args...), Quiet: quiet})
}
