package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// aboard is where the cargo is unpacked.
const aboard = "/run/bench"

// deskPort is the serial port to the host's desk. The first one is the kernel's.
const deskPort = "/dev/ttyS1"

// guest is the first process of the machine: it comes up once from the initial
// RAM disk, mounts the real one, and once from there.
func guest() {
	err := rise()
	if err != nil {
		fmt.Println("bench: the machine cannot go on:", err)
	}
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

func rise() error {
	if _, err := os.Stat("/modules"); err == nil {
		return mountDisk()
	}
	return runTests()
}

// mountDisk loads the modules, and starts this program again on the disk.
func mountDisk() error {
	files, err := filepath.Glob("/modules/*")
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := loadModule(name); err != nil {
			return err
		}
	}
	if err := unix.Mount("dev", "/dev", "devtmpfs", 0, ""); err != nil {
		return fmt.Errorf("mounting /dev: %w", err)
	}
	if err := unix.Mount("/dev/vda", "/root", "ext4", 0, ""); err != nil {
		return fmt.Errorf("mounting the disk: %w", err)
	}
	program, err := os.ReadFile("/init")
	if err != nil {
		return err
	}
	if err := os.WriteFile("/root/bench-init", program, 0o755); err != nil {
		return err
	}
	for _, step := range []error{
		os.Chdir("/root"), unix.Mount("/dev", "dev", "", unix.MS_MOVE, ""), unix.Mount(".", "/", "", unix.MS_MOVE, ""),
		unix.Chroot("."), os.Chdir("/"),
	} {
		if step != nil {
			return fmt.Errorf("changing to the disk: %w", step)
		}
	}
	return unix.Exec("/bench-init", []string{"/bench-init"}, nil)
}

// loadModule loads a module. One that the hardware does without refuses, and
// what depends on it says so.
func loadModule(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	const compressed = 4 // MODULE_INIT_COMPRESSED_FILE
	flags := 0
	if !strings.HasSuffix(name, ".ko") {
		flags = compressed
	}
	if err := unix.FinitModule(int(file.Fd()), "", flags); err != nil && err != unix.EEXIST && err != unix.ENODEV {
		return fmt.Errorf("loading %s: %w", name, err)
	}
	return nil
}

// runTests brings the system up and runs the tests, their words going to the
// host's desk.
func runTests() error {
	for _, m := range [][2]string{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"tmpfs", "/run"}, {"tmpfs", "/tmp"}, {"devpts", "/dev/pts"}, {"tmpfs", "/dev/shm"},
	} {
		if err := os.MkdirAll(m[1], 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m[0], m[1], m[0], 0, ""); err != nil {
			return fmt.Errorf("mounting %s: %w", m[1], err)
		}
	}
	env := []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp", "CHOT_BENCH_DESK=" + deskPort}
	for _, line := range []string{
		"modprobe configfs", "mount -t configfs configfs /sys/kernel/config", "mount -t debugfs debugfs /sys/kernel/debug",
		"ip link set lo up", "modprobe virtio_net", "ip addr add 10.0.2.15/24 dev eth0", "ip link set eth0 up",
	} {
		words := strings.Fields(line)
		cmd := exec.Command("/usr/bin/env", words...)
		cmd.Env = env
		if said, err := cmd.CombinedOutput(); err != nil {
			fmt.Printf("bench: %s: %v: %s\n", line, err, said)
		}
	}
	if err := unpack("/dev/vdb", aboard); err != nil {
		return fmt.Errorf("unpacking the cargo: %w", err)
	}
	port, err := os.ReadFile(aboard + "/port")
	if err != nil {
		return err
	}
	if err := relay(string(port)); err != nil {
		return err
	}
	desk, err := openDesk()
	if err != nil {
		return err
	}
	which, err := os.ReadFile(aboard + "/run")
	if err != nil {
		return err
	}
	cmd := exec.Command(aboard+"/hardware.test", "-test.v", "-test.timeout=14m", "-test.run="+string(which))
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = env, aboard, desk, desk
	status := "0"
	if err := cmd.Run(); err != nil {
		status = err.Error()
	}
	_, err = fmt.Fprintln(desk, askDone, status)
	return err
}

// openDesk opens the serial port as it is: no echo, no line ends of its own.
func openDesk() (*os.File, error) {
	desk, err := os.OpenFile(deskPort, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the line to the host: %w", err)
	}
	t, err := unix.IoctlGetTermios(int(desk.Fd()), unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("setting the line to the host: %w", err)
	}
	t.Iflag, t.Oflag, t.Lflag = unix.IGNBRK, 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(int(desk.Fd()), unix.TCSETS, t); err != nil {
		return nil, fmt.Errorf("setting the line to the host: %w", err)
	}
	return desk, nil
}
