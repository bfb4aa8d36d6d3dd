package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// isPartition says whether a block device in sysfs is the partition that an MBR
// names so: the disk's signature and the number, "c407c407-02". Kernels before
// 6.9 do not say it themselves.
func isPartition(folder, id string) bool {
	number, err := os.ReadFile(filepath.Join(folder, "partition"))
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return false
	}
	disk, err := os.Open("/dev/" + filepath.Base(filepath.Dir(real)))
	if err != nil {
		return false
	}
	defer disk.Close()
	var mbr [512]byte
	if _, err := disk.ReadAt(mbr[:], 0); err != nil {
		return false
	}
	return name(mbr, strings.TrimSpace(string(number))) == id
}

// name is a partition's PARTUUID by its disk's first sector.
func name(mbr [512]byte, number string) string {
	if len(number) < 2 {
		number = "0" + number
	}
	return fmt.Sprintf("%08x-%s", binary.LittleEndian.Uint32(mbr[440:]), number)
}
