package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed root.sh modules
var sources embed.FS

// suite is the Debian release that the guest runs. What is tested is built on
// the host, whose C library must not be newer.
const suite = "bookworm"

// packages is all that the guest has besides Debian's minimum.
var packages = []string{
	"linux-image-amd64", "linux-headers-amd64", "make", "xz-utils", "kmod", "iproute2",
	// A display with its touch panel and what the kiosk's window is linked to.
	"xserver-xorg-core", "xserver-xorg-input-evdev", "libgl1-mesa-dri", "libgl1", "libegl1", "libgles2", "libx11-6", "libxcursor1", "libxrandr2",
	"libxinerama1", "libxi6", "libxxf86vm1", "libxkbcommon0",
}

// root is a guest's disk and kernel, ready to boot.
type root struct {
	image   string // ext4; never written to
	kernel  string
	modules string // folder of the modules that mount the disk, in the order of their names
}

// openRoot returns the cached root, and makes it where it is missing or made
// from other sources than today's.
func openRoot(ctx context.Context, cache string) (root, error) {
	recipe := sha256.New()
	fmt.Fprintln(recipe, suite, packages)
	err := fs.WalkDir(sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := sources.ReadFile(path)
		fmt.Fprintf(recipe, "%s %x\n", path, sha256.Sum256(data))
		return err
	})
	if err != nil {
		return root{}, fmt.Errorf("reading the recipe of the root: %w", err)
	}
	dir, err := filepath.Abs(filepath.Join(cache, hex.EncodeToString(recipe.Sum(nil)[:6])))
	if err != nil {
		return root{}, fmt.Errorf("looking for the cache: %w", err)
	}
	r := root{image: dir + "/root.ext4", kernel: dir + "/vmlinuz", modules: dir + "/modules"}
	if _, err := os.Stat(dir); err == nil {
		return r, nil
	}
	start := time.Now()
	fmt.Println("making the guest's root from Debian packages, once; this takes some minutes")
	work := dir + ".part"
	if err := makeRoot(ctx, work); err != nil {
		return root{}, fmt.Errorf("making the guest's root (log in %s): %w", work+"/log", err)
	}
	if err := os.Rename(work, dir); err != nil {
		return root{}, fmt.Errorf("keeping the guest's root: %w", err)
	}
	fmt.Printf("made the guest's root in %.0fs\n", time.Since(start).Seconds())
	return r, nil
}

// makeRoot has mmdebstrap make the tree, and root.sh the rest while mmdebstrap
// has it open. Installing packages takes root's rights.
func makeRoot(ctx context.Context, work string) error {
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := os.MkdirAll(work+"/modules", 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(work+"/sources", sources); err != nil {
		return err
	}
	log, err := os.Create(work + "/log")
	if err != nil {
		return err
	}
	defer log.Close()
	command := []string{
		"mmdebstrap", "--format=null", "--variant=minbase", "--include=" + strings.Join(packages, ","),
		"--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
		"--customize-hook=sh '" + work + "/sources/root.sh' \"$1\" '" + work + "'",
		suite,
	}
	if os.Geteuid() != 0 {
		command = append([]string{"sudo"}, command...)
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "INITRD=No") // nothing boots from this tree's own
	cmd.SysProcAttr = withParent
	return cmd.Run()
}
