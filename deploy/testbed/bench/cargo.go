package main

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// withParent ends a child when this process dies.
var withParent = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}

// cargo is what goes into the machine for one run.
type cargo struct {
	dir  string
	init string // this program, which the machine starts first
	disk string // a tar of everything else, as a disk

	province *province
}

func (c cargo) close() {
	if c.province != nil {
		if err := c.province.close(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}
	_ = os.RemoveAll(c.dir) // a folder of our own below the temporary one
}

// loadCargo builds what is tested. The tests' binary and the first process run
// before there is a C library.
func loadCargo(ctx context.Context, out, tests string) (c cargo, err error) {
	if c.dir, err = os.MkdirTemp("", "chot-bench-"); err != nil {
		return c, fmt.Errorf("making a folder: %w", err)
	}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	c.init, c.disk = c.dir+"/init", c.dir+"/cargo.tar"
	aboard := c.dir + "/aboard"
	for _, build := range [][]string{
		{"build", "-o", c.init, "chot/deploy/testbed/bench"},
		{"build", "-o", aboard + "/kioskctl", "chot/deploy/kioskctl"},
		{"test", "-c", "-o", aboard + "/hardware.test", "chot/deploy/testbed/bench/hardware"},
	} {
		cmd := exec.CommandContext(ctx, "go", build...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		cmd.SysProcAttr = withParent
		if said, err := cmd.CombinedOutput(); err != nil {
			return c, fmt.Errorf("building: %w\n%s", err, said)
		}
	}
	if c.province, err = openProvince(ctx, c.dir, aboard); err != nil {
		return c, err
	}
	if err := os.WriteFile(aboard+"/run", []byte(tests), 0o644); err != nil {
		return c, fmt.Errorf("writing what to run: %w", err)
	}
	if err := pack(c.disk, os.DirFS(aboard)); err != nil {
		return c, fmt.Errorf("packing what goes into the machine: %w", err)
	}
	return c, nil
}

// pack writes a tar that a disk can hold: whole sectors.
func pack(path string, files fs.FS) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	w := tar.NewWriter(file)
	if err := w.AddFS(files); err != nil {
		return err
	}
	return w.Close() // 1,024 zeroes, after members of whole 512 bytes
}

// unpack reads such a tar into a folder.
func unpack(path, dir string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for r := tar.NewReader(file); ; {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(to, 0o755); err != nil {
				return err
			}
			continue
		}
		if err := unpackFile(to, fs.FileMode(h.Mode), r); err != nil {
			return err
		}
	}
}

func unpackFile(to string, mode fs.FileMode, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, from); err != nil {
		_ = file.Close() // the copy's error says more
		return err
	}
	return file.Close()
}
