package hardware

import (
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"chot/deploy/testbed/bench/virtual"
	"chot/deploy/testbed/harness"
)

// vivid is the kernel's own test camera at /dev/video5.
func vivid(t *testing.T) {
	t.Helper()
	harness.Must(t, virtual.Load("vivid n_devs=1 node_types=0x1 input_types=0x0 num_inputs=1 vid_cap_nr=5"))
	harness.Until(t, "vivid", 10*time.Second, func() bool { _, err := os.Stat("/dev/video5"); return err == nil })
}

func TestCameraFormats(t *testing.T) {
	vivid(t)
	for _, format := range []string{"grey", "nv12", "yu12", "yuyv"} {
		t.Run(format, func(t *testing.T) {
			c := look(t, "/dev/video5?size=320x180&format="+format)
			f := next(t, c)
			if f.Width != 320 || f.Height != 180 {
				t.Errorf("it is %d by %d", f.Width, f.Height)
			}
			// vivid shows the bars of a television test, which fall from white to black.
			row := f.Pix[f.Height/2*f.Stride:]
			if left, right := row[10], row[f.Width-10]; left < right+60 {
				t.Errorf("the bars go from %d to %d", left, right)
			}
			second := next(t, c)
			if second.Seq <= f.Seq {
				t.Errorf("picture %d follows %d", second.Seq, f.Seq)
			}
			harness.Must(t, c.Halt())
		})
	}
	t.Run("controls", func(t *testing.T) {
		c := look(t, "/dev/video5?size=320x180&gain=77&focus=10")
		next(t, c)
		if got := control(t, 0x980913); got != 77 {
			t.Errorf("the gain is %d, want 77", got)
		}
		if got := control(t, 0x980912); got != 0 {
			t.Errorf("the gain is still automatic")
		}
		if !strings.HasSuffix(c.String(), "without the set focus") { // vivid has no lens
			t.Errorf("it calls itself %q", c)
		}
		harness.Must(t, c.Halt())
	})
	t.Run("busy", func(t *testing.T) {
		first := look(t, "/dev/video5?size=320x180")
		next(t, first)
		says(t, fails(t, look(t, "/dev/video5?size=320x180")), "/dev/video5", "another program uses the camera, end it")
		harness.Must(t, first.Halt())
	})
	harness.Must(t, virtual.Unload("vivid"))
}

// vivid's own controls (drivers/media/test-drivers/vivid/vivid-ctrls.c of Linux);
// all but the first are buttons.
const (
	vividDropped    = 0x00f0f000 + 64 + iota // VIVID_CID_PERC_DROPPED, in per cent
	vividDisconnect                          // VIVID_CID_DISCONNECT
	vividDamaged                             // VIVID_CID_DQBUF_ERROR: the next picture
	vividNoBuffers                           // VIVID_CID_QUEUE_SETUP_ERROR: at the next start
	vividUnprepared                          // VIVID_CID_BUF_PREPARE_ERROR: at the next hand-over
	vividNoStart                             // VIVID_CID_START_STR_ERROR: at the next start
	vividBroken                              // VIVID_CID_QUEUE_ERROR: at once
)

// A camera that loses pictures goes on with the others, and their numbers tell of
// the loss; one that loses all is reported.
func TestCameraDropsPictures(t *testing.T) {
	vivid(t)
	c := look(t, "/dev/video5?size=320x180&fps=30")
	next(t, c)
	setControl(t, vividDropped, 60)
	first := next(t, c)
	last := first
	const pictures = 20
	for range pictures {
		last = next(t, c)
	}
	if gone := int(last.Seq-first.Seq) - pictures; gone < pictures/4 {
		t.Errorf("%d pictures are missing between %d, want about %d", gone, pictures, pictures*3/2)
	} else {
		t.Logf("%d of %d pictures were lost", gone, gone+pictures)
	}
	setControl(t, vividDropped, 100)
	says(t, fails(t, c), "/dev/video5", "no picture for 2s")
	setControl(t, vividDropped, 0)
	back(t, "the camera", returns(t, c))
	harness.Must(t, c.Halt())
	harness.Must(t, virtual.Unload("vivid"))
}

// Each failure that a driver in the kernel can report in the middle of things: what
// costs a picture or a buffer is passed over, anything else is told and the camera
// is used again.
func TestCameraFailsWithinTheKernel(t *testing.T) {
	vivid(t)
	c := look(t, "/dev/video5?size=320x180")
	next(t, c)
	for name, control := range map[string]uint32{"a damaged picture": vividDamaged, "a buffer that is refused": vividUnprepared} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				setControl(t, control, 1)
				for range 5 {
					next(t, c)
				}
			}
		})
	}
	for name, at := range map[string]struct {
		control uint32
		says    string
	}{"a start": {vividNoStart, "starting"}, "no buffers": {vividNoBuffers, "sharing memory"}} {
		t.Run(name, func(t *testing.T) {
			// Read while the controls are set, since a failure is only told until
			// the next picture is there.
			told := make(chan error, 1)
			go func() {
				err := fails(t, c)
				if !strings.Contains(err.Error(), at.says) { // but that it broke
					err = fails(t, c)
				}
				told <- err
			}()
			setControl(t, at.control, 1)  // at the next start,
			setControl(t, vividBroken, 1) // which this brings about
			says(t, <-told, "/dev/video5", at.says)
			back(t, "the camera", returns(t, c))
		})
	}
	harness.Must(t, c.Halt())
	harness.Must(t, virtual.Unload("vivid"))
}

// A camera that is pulled out while it streams is reported, and used again when
// it is plugged in.
func TestCameraUnplugged(t *testing.T) {
	vivid(t)
	c := look(t, "/dev/video5?size=320x180")
	next(t, c)
	setControl(t, vividDisconnect, 1)
	says(t, fails(t, c), "/dev/video5", "unplugged")
	const driver = "/sys/bus/platform/drivers/vivid/"
	harness.Must(t, os.WriteFile(driver+"unbind", []byte("vivid.0"), 0))
	says(t, fails(t, c), "the camera is not there, plug it in")
	harness.Must(t, os.WriteFile(driver+"bind", []byte("vivid.0"), 0))
	back(t, "the camera", returns(t, c))
	harness.Must(t, c.Halt())
	harness.Must(t, virtual.Unload("vivid"))
}

type v4l2Control struct {
	id    uint32
	value int32
}

func controlCall(t *testing.T, number uintptr, c *v4l2Control) {
	t.Helper()
	file, err := os.OpenFile("/dev/video5", os.O_RDWR, 0)
	harness.Must(t, err)
	defer file.Close()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, file.Fd(), 3<<30|8<<16|'V'<<8|number, uintptr(unsafe.Pointer(c))); errno != 0 {
		t.Fatalf("control %#x: %v", c.id, errno)
	}
}

func control(t *testing.T, id uint32) int32 {
	t.Helper()
	c := v4l2Control{id: id}
	controlCall(t, 27, &c) // VIDIOC_G_CTRL
	return c.value
}

func setControl(t *testing.T, id uint32, value int32) {
	t.Helper()
	controlCall(t, 28, &v4l2Control{id, value}) // VIDIOC_S_CTRL
}
