package card

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	qrcode "github.com/skip2/go-qrcode"

	"chot/deploy/testbed/harness"
)

// settings is the kiosk.toml that a technician puts on a card; the camera is the
// pictures of a folder on the card's data partition.
const settings = `updates = true
camera = "replay:/data/%s?fps=10&hold=20s"
[screen]
width = 1024
height = 600
fullscreen = true
`

// console has the kernel and the journal speak on the serial line. The kernel's
// tests of its own ciphers time out on a busy host, and it then loads no module.
const console = "cryptomgr.notests nowatchdog console=%s systemd.journald.forward_to_console=1 systemd.journald.max_level_console=info systemd.show_status=0"

// disk is a copy of the card, of 6 GB, with films on its data partition. The
// card that one buys is larger than the image, too.
type disk struct {
	t    *testing.T
	path string
}

func newDisk(t *testing.T, image, dir string, films map[string][]string) disk {
	t.Helper()
	d := disk{t, filepath.Join(dir, "card.img")}
	run(t, "cp", "--sparse=always", image, d.path)
	harness.Must(t, os.Truncate(d.path, 6<<30))
	tree := t.TempDir()
	harness.Must(t, os.Chmod(tree, 0o755))
	for film, codes := range films {
		harness.Must(t, os.Mkdir(filepath.Join(tree, film), 0o755))
		for i, code := range codes {
			d.picture(filepath.Join(tree, film, fmt.Sprintf("%02d.png", i)), code)
		}
	}
	from, size := d.partition(4)
	run(t, "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-L", "data", "-E", fmt.Sprintf("offset=%d,root_owner=0:0", from), "-d", tree, d.path, fmt.Sprintf("%dk", size>>10))
	return d
}

// partition says where one lies, in bytes.
func (d disk) partition(number int) (from, size int64) {
	d.t.Helper()
	file, err := os.Open(d.path)
	harness.Must(d.t, err)
	defer file.Close()
	var entry [16]byte
	_, err = file.ReadAt(entry[:], 446+16*int64(number-1))
	harness.Must(d.t, err)
	return 512 * int64(binary.LittleEndian.Uint32(entry[8:])), 512 * int64(binary.LittleEndian.Uint32(entry[12:]))
}

// set puts a kiosk.toml on the first partition, as a technician does.
func (d disk) set(film string) { d.put("kiosk.toml", fmt.Sprintf(settings, film)) }

func (d disk) put(name, text string) {
	d.t.Helper()
	file := filepath.Join(d.t.TempDir(), "file")
	harness.Must(d.t, os.WriteFile(file, []byte(text), 0o644))
	run(d.t, "mcopy", "-o", "-i", d.fat(), file, "::"+name)
}

// speak has the kernel speak on the serial line from now on.
func (d disk) speak() {
	d.t.Helper()
	file := filepath.Join(d.t.TempDir(), "grubenv")
	run(d.t, "mcopy", "-i", d.fat(), "::grub/grubenv", file)
	run(d.t, "grub-editenv", file, "set", "EXTRA="+fmt.Sprintf(console, computers[arch].console))
	run(d.t, "mcopy", "-o", "-i", d.fat(), file, "::grub/grubenv")
}

func (d disk) fat() string {
	from, _ := d.partition(1)
	return fmt.Sprintf("%s@@%d", d.path, from)
}

// picture is how a camera sees a code on paper; an empty hall for none.
func (d disk) picture(path, code string) {
	d.t.Helper()
	seen := image.NewPaletted(image.Rect(0, 0, 640, 480), color.Palette{color.Gray{Y: 228}, color.Gray{Y: 24}})
	if code != "" {
		q, err := qrcode.New(code, qrcode.Medium)
		harness.Must(d.t, err)
		draw.Draw(seen, image.Rect(110, 30, 530, 450), q.Image(420), image.Point{}, draw.Src)
	}
	file, err := os.Create(path)
	harness.Must(d.t, err)
	harness.Must(d.t, png.Encode(file, seen))
	harness.Must(d.t, file.Close())
}
