package camera

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// buffers asked of a device: two lent, one waiting to be taken, and three for
// the device to write to, so that it never runs dry.
const buffers = 6

// v4l2 is a device that streams into memory that it shares with us.
type v4l2 struct {
	fd      int
	wake    int // an eventfd that ends a poll
	name    string
	mode    mode
	copied  bool // too few buffers to lend any
	started uint32
	counted bool

	mu     sync.Mutex
	closed bool
	memory [][]byte // by buffer; nil once unmapped
	lent   []bool   // by buffer
	spares [][]byte // for formats that are not developed in place
}

func openV4L2(pattern string, o options) *live {
	return startLive(pattern, func() (stream, error) { return openFirst(pattern, o) })
}

// openFirst opens the first device of a pattern that delivers pictures. A
// webcam has several nodes, of which one does.
func openFirst(pattern string, o options) (*v4l2, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("reading the pattern: %w", err)
	}
	if len(paths) == 0 {
		return nil, explain(pattern, unix.ENOENT)
	}
	var failed error
	for _, path := range paths {
		d, err := openDevice(path, o)
		if err == nil {
			return d, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

func openDevice(path string, o options) (*v4l2, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, explain(path, err)
	}
	d := &v4l2{fd: fd, wake: -1}
	if err := d.prepare(path, o); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *v4l2) prepare(path string, o options) error {
	var c v4l2Capability
	if err := ioctl(d.fd, vidiocQueryCap, &c); err != nil {
		return fmt.Errorf("%s is no V4L2 device: %w", path, explain(path, err))
	}
	caps := c.capabilities
	if caps&capDeviceCaps != 0 {
		caps = c.deviceCaps
	}
	if caps&capVideoCapture == 0 || caps&capStreaming == 0 {
		return fmt.Errorf("%s delivers no pictures: %w", path, unix.ENODEV)
	}
	want, ok := choose(modes(d.fd, o), o)
	if !ok {
		return fmt.Errorf("%s has no picture format that this driver knows", path)
	}
	if err := d.setMode(want); err != nil {
		return fmt.Errorf("setting %s to %s %d×%d: %w", path, want.format.name, want.width, want.height, explain(path, err))
	}
	without := setControls(d.fd, o)
	if err := d.shareMemory(); err != nil {
		return fmt.Errorf("sharing memory with %s: %w", path, explain(path, err))
	}
	var err error
	if d.wake, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return fmt.Errorf("making an event: %w", err)
	}
	d.name = fmt.Sprintf("%s (%s) %d×%d %s %.3g/s", path, cString(c.card[:]),
		d.mode.width, d.mode.height, d.mode.format.name, d.mode.fps)
	if len(without) > 0 {
		d.name += ", without the set " + strings.Join(without, " and ")
	}
	kind := int32(bufTypeCapture)
	if err := ioctl(d.fd, vidiocStreamOn, &kind); err != nil {
		return fmt.Errorf("starting %s: %w", path, explain(path, err))
	}
	return nil
}

// setMode asks for a mode and keeps what the device made of it.
func (d *v4l2) setMode(want mode) error {
	f := v4l2Format{kind: bufTypeCapture}
	f.pix.width, f.pix.height = uint32(want.width), uint32(want.height)
	f.pix.pixelFormat = want.format.fourcc
	f.pix.field = 1 // progressive
	if err := ioctl(d.fd, vidiocSFmt, &f); err != nil {
		return err
	}
	if f.pix.pixelFormat != want.format.fourcc {
		return fmt.Errorf("the device insists on another format: %w", unix.EINVAL)
	}
	d.mode = mode{
		format: want.format, fps: want.fps,
		width: int(f.pix.width), height: int(f.pix.height),
		stride: max(int(f.pix.bytesPerLine), want.format.stride(int(f.pix.width))),
	}
	if want.fps > 0 {
		p := v4l2StreamParm{kind: bufTypeCapture, numerator: 1000, denominator: uint32(want.fps*1000 + 0.5)}
		if ioctl(d.fd, vidiocSParm, &p) == nil && p.numerator > 0 {
			d.mode.fps = float64(p.denominator) / float64(p.numerator)
		}
	}
	return nil
}

func (d *v4l2) shareMemory() error {
	req := v4l2RequestBuffers{count: buffers, kind: bufTypeCapture, memory: memoryMmap}
	if err := ioctl(d.fd, vidiocReqBufs, &req); err != nil {
		return err
	}
	d.copied = req.count < buffers-1
	for i := range req.count {
		b := v4l2Buffer{index: i, kind: bufTypeCapture, memory: memoryMmap}
		if err := ioctl(d.fd, vidiocQueryBuf, &b); err != nil {
			return err
		}
		m, err := unix.Mmap(d.fd, int64(b.offset), int(b.length), unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			return err
		}
		d.memory = append(d.memory, m)
		d.lent = append(d.lent, false)
		if err := ioctl(d.fd, vidiocQBuf, &b); err != nil {
			return err
		}
	}
	return nil
}

func (d *v4l2) String() string { return d.name }

func (d *v4l2) run(stop <-chan struct{}, offer func(shot)) error {
	ended := make(chan struct{})
	var waker sync.WaitGroup
	waker.Go(func() {
		select {
		case <-stop:
			_, _ = unix.Write(d.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		case <-ended:
		}
	})
	defer waker.Wait()
	defer close(ended)
	for {
		fds := []unix.PollFd{{Fd: int32(d.fd), Events: unix.POLLIN}, {Fd: int32(d.wake), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, int(silence.Milliseconds()))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("waiting for a picture: %w", err)
		case n == 0:
			return errSilent
		case fds[1].Revents != 0:
			return nil
		case fds[0].Revents&unix.POLLIN == 0:
			return fmt.Errorf("the camera was unplugged: %w", unix.ENODEV)
		}
		if err := d.dequeue(offer); err != nil {
			return err
		}
	}
}

// dequeue takes one buffer from the device and offers it, or hands it straight
// back where the device marks it as damaged.
func (d *v4l2) dequeue(offer func(shot)) error {
	b := v4l2Buffer{kind: bufTypeCapture, memory: memoryMmap}
	switch err := ioctl(d.fd, vidiocDQBuf, &b); err {
	case nil:
	case unix.EAGAIN:
		return nil
	case unix.ENODEV, unix.EIO:
		return fmt.Errorf("the camera was unplugged: %w", err)
	default:
		return fmt.Errorf("taking a picture: %w", err)
	}
	if b.flags&bufFlagError != 0 || b.bytesUsed == 0 {
		return d.enqueue(b.index)
	}
	if !d.counted {
		d.counted, d.started = true, b.sequence
	}
	s := shot{seq: uint64(b.sequence-d.started) + 1, time: time.Now().Add(-b.age())}
	data := d.memory[b.index][:min(int(b.bytesUsed), len(d.memory[b.index]))]
	if d.copied {
		data = append([]byte(nil), data...)
		if err := d.enqueue(b.index); err != nil {
			return err
		}
		s.release = func() {}
	} else {
		d.mu.Lock()
		d.lent[b.index] = true
		d.mu.Unlock()
		s.release = func() { d.giveBack(b.index) }
	}
	d.lend(&s, data)
	offer(s)
	return nil
}

// lend completes a shot with how it is developed; a plane made for it is used
// again after its release.
func (d *v4l2) lend(s *shot, data []byte) {
	var plane []byte
	s.develop = func() (f Frame, err error) {
		f, plane, err = d.mode.frame(data, d.spare())
		return f, err
	}
	release := s.release
	s.release = func() {
		release()
		if plane != nil {
			d.mu.Lock()
			d.spares = append(d.spares, plane)
			d.mu.Unlock()
		}
	}
}

func (d *v4l2) spare() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(d.spares)
	if n == 0 {
		return nil
	}
	s := d.spares[n-1]
	d.spares = d.spares[:n-1]
	return s
}

func (d *v4l2) enqueue(index uint32) error {
	b := v4l2Buffer{index: index, kind: bufTypeCapture, memory: memoryMmap}
	if err := ioctl(d.fd, vidiocQBuf, &b); err != nil {
		return fmt.Errorf("handing a buffer back: %w", err)
	}
	return nil
}

// giveBack ends the loan of a buffer: to the device, or after its end to the
// system. A device that refuses it will fail at the next picture and say why.
func (d *v4l2) giveBack(index uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lent[index] = false
	if d.closed {
		d.unmap(index)
		return
	}
	_ = d.enqueue(index)
}

func (d *v4l2) unmap(index uint32) {
	if m := d.memory[index]; m != nil {
		_ = unix.Munmap(m)
		d.memory[index] = nil
	}
}

// detach puts memory of our own in the place of a buffer that is lent: the
// picture turns black, and whoever looks at it does not fall over. Mapped any
// longer, it would keep the name of a camera that was unplugged from being given
// to it again. Where that fails, the buffer stays as it is.
func (d *v4l2) detach(index uint32) {
	m := d.memory[index]
	_, _ = unix.MmapPtr(-1, 0, unsafe.Pointer(&m[0]), uintptr(len(m)), unix.PROT_READ,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED)
}

func (d *v4l2) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	kind := int32(bufTypeCapture)
	_ = ioctl(d.fd, vidiocStreamOff, &kind)
	for i := range d.memory {
		if d.lent[i] {
			d.detach(uint32(i))
		} else {
			d.unmap(uint32(i))
		}
	}
	_ = unix.Close(d.fd)
	if d.wake >= 0 {
		_ = unix.Close(d.wake)
	}
}
