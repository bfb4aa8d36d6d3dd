package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// initrd is the kernel's first file system: this program and the modules that
// mount the disk, as a cpio archive in the "newc" format
// (Documentation/driver-api/early-userspace/buffer-format.rst of Linux).
func initrd(init, modules string) ([]byte, error) {
	var b bytes.Buffer
	number := 0
	add := func(name string, mode int, data []byte) {
		number++
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
			number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name)+1, 0, name)
		b.Write(make([]byte, -b.Len()&3))
		b.Write(data)
		b.Write(make([]byte, -b.Len()&3))
	}
	for _, dir := range []string{"dev", "modules", "root"} {
		add(dir, 0o040755, nil)
	}
	program, err := os.ReadFile(init)
	if err != nil {
		return nil, fmt.Errorf("reading the first process: %w", err)
	}
	add("init", 0o100755, program)
	files, err := filepath.Glob(modules + "/*.ko*")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("there are no modules in %s to mount the disk with: remove the folder to have it made again", modules)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a module: %w", err)
		}
		add("modules/"+filepath.Base(file), 0o100644, data)
	}
	add("TRAILER!!!", 0, nil)
	return b.Bytes(), nil
}
