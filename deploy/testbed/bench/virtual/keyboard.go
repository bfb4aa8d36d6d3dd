package virtual

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Keyboard is a scanner module that types what it reads, as a USB keyboard does
// (linux/uhid.h).
type Keyboard struct {
	file *os.File
	Path string // of its input device
}

// bootKeyboard is the report descriptor of a keyboard's boot protocol (Device
// Class Definition for HID 1.11, appendix B.1), without its lamps.
var bootKeyboard = []byte{
	0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, // generic desktop, keyboard, application
	0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, // modifiers
	0x95, 0x01, 0x75, 0x08, 0x81, 0x03, // a byte that is reserved
	0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, // six keys
	0xc0,
}

// NewKeyboard plugs the scanner in.
func NewKeyboard(name string) (*Keyboard, error) {
	if err := Load("uhid", "hid-generic", "evdev"); err != nil {
		return nil, err
	}
	if err := appeared("/dev/uhid"); err != nil {
		return nil, err
	}
	file, err := os.OpenFile("/dev/uhid", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening uhid: %w", err)
	}
	// struct uhid_create2_req behind the type: name, place, serial number, then
	// numbers and the descriptor.
	event := make([]byte, 4+128+64+64+2+2+4*4+4096)
	binary.LittleEndian.PutUint32(event, 11) // UHID_CREATE2
	copy(event[4:], name)
	at := 4 + 128 + 64 + 64
	binary.LittleEndian.PutUint16(event[at:], uint16(len(bootKeyboard)))
	binary.LittleEndian.PutUint16(event[at+2:], 3)      // USB
	binary.LittleEndian.PutUint32(event[at+4:], 0x0525) // of the kernel's own gadgets
	binary.LittleEndian.PutUint32(event[at+8:], 0xa4ac)
	copy(event[at+20:], bootKeyboard)
	if _, err := file.Write(event); err != nil {
		return nil, errors.Join(fmt.Errorf("making a keyboard: %w", err), file.Close())
	}
	path, err := Input(name)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Keyboard{file, path}, nil
}

// Input waits for the input device of a name and returns its path.
func Input(name string) (string, error) {
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		files, err := filepath.Glob("/sys/class/input/event*/device/name")
		if err != nil || time.Now().After(end) {
			return "", fmt.Errorf("the input device %q did not appear", name)
		}
		for _, file := range files {
			if said, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(said)) == name {
				path := "/dev/input/" + filepath.Base(filepath.Dir(filepath.Dir(file)))
				return path, appeared(path)
			}
		}
	}
}

// Type types digits, letters and hyphens, and Enter, with so long between two
// keys: a full-speed USB keyboard reports each millisecond at most.
func (k *Keyboard) Type(text string, pause time.Duration) error {
	for _, r := range text + "\n" {
		modifier, usage := byte(0), byte(0)
		switch {
		case r >= 'a' && r <= 'z':
			usage = byte(r-'a') + 0x04
		case r >= 'A' && r <= 'Z':
			modifier, usage = 0x02, byte(r-'A')+0x04
		case r >= '1' && r <= '9':
			usage = byte(r-'1') + 0x1e
		case r == '0':
			usage = 0x27
		case r == '-':
			usage = 0x2d
		case r == '\n':
			usage = 0x28
		default:
			return fmt.Errorf("there is no key for %q", r)
		}
		if err := errors.Join(k.report(modifier, usage), k.report(0, 0)); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return nil
}

func (k *Keyboard) report(modifier, usage byte) error {
	event := []byte{12, 0, 0, 0, 8, 0, modifier, 0, usage, 0, 0, 0, 0, 0} // UHID_INPUT2
	if _, err := k.file.Write(event); err != nil {
		return fmt.Errorf("typing: %w", err)
	}
	return nil
}

// Close pulls the scanner out.
func (k *Keyboard) Close() error { return k.file.Close() }
