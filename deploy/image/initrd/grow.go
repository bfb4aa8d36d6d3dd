package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// grow lets the disk's last partition, the data, reach to the disk's end: the
// image is made for the smallest card. It is written before anything is mounted,
// in the one sector that holds the table; the file system follows when it is
// mounted (x-systemd.growfs in fstab).
func grow(partition string) error {
	folder, err := filepath.EvalSymlinks("/sys/class/block/" + filepath.Base(partition))
	if err != nil {
		return fmt.Errorf("looking for the disk of %s: %w", partition, err)
	}
	disk, err := os.OpenFile("/dev/"+filepath.Base(filepath.Dir(folder)), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("opening the disk: %w", err)
	}
	defer disk.Close()
	size, err := disk.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("measuring the disk: %w", err)
	}
	var mbr [512]byte
	if _, err := disk.ReadAt(mbr[:], 0); err != nil {
		return fmt.Errorf("reading the partitions: %w", err)
	}
	if !stretch(&mbr, size/512) {
		return nil
	}
	_, err = disk.WriteAt(mbr[:], 0)
	if err := errors.Join(err, disk.Sync()); err != nil {
		return fmt.Errorf("writing the partitions: %w", err)
	}
	if err := unix.IoctlSetInt(int(disk.Fd()), unix.BLKRRPART, 0); err != nil {
		return fmt.Errorf("having the partitions read again: %w", err)
	}
	return nil
}

// What a table of partitions has where (UEFI specification 2.10, section 5.2.1).
const (
	lastEntry = 446 + 3*16
	entryType = 4  // one byte, 0 for an unused entry
	entryFrom = 8  // first sector
	entrySize = 12 // sectors
	entryEnd  = 16
)

// stretch changes the fourth entry to end with the disk of so many sectors, and
// says whether it changed anything. What is less than 1 MiB short is left alone.
func stretch(mbr *[512]byte, sectors int64) bool {
	entry := mbr[lastEntry : lastEntry+entryEnd]
	if mbr[510] != 0x55 || mbr[511] != 0xaa || entry[entryType] == 0 {
		return false
	}
	from := int64(binary.LittleEndian.Uint32(entry[entryFrom:]))
	has := int64(binary.LittleEndian.Uint32(entry[entrySize:]))
	room := min(sectors, 1<<32-1) - from
	if room-has < 2048 {
		return false
	}
	binary.LittleEndian.PutUint32(entry[entrySize:], uint32(room))
	return true
}
