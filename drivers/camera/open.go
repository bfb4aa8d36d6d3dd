package camera

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Open returns the camera that spec names. It does not wait for the device:
// where one is missing, [Camera.Next] says so and goes on when it appears.
//
//	/dev/video0            a V4L2 device; a pattern such as /dev/video* takes the
//	                       first that delivers pictures
//	rpicam                 the Raspberry Pi's own camera through rpicam-vid
//	replay:deck            the pictures of a folder, in the order of their names;
//	                       also a list of files: replay:a.png,b.jpg
//	replay:film.yuv        raw video without a header
//
// Options follow a question mark, as in a URL:
//
//	size=1280x720          pixels; the largest size that is looked for, the size of raw video
//	fps=30                 pictures a second
//	format=yuyv            V4L2: take this format (grey, nv12, yu12, yuyv, mjpeg);
//	                       raw video: grey, nv12, yu12 or yuyv
//	exposure=auto|N        V4L2: in units of 100 µs
//	focus=auto|N  gain=auto|N   V4L2: in the device's own units
//	mains=50               V4L2: the mains' frequency in Hz, against flicker
//	hold=2s                replay: how long each picture is held up
//	once=1                 replay: end with ErrReplayOver instead of starting again
func Open(spec string) (Camera, error) {
	head, query, _ := strings.Cut(spec, "?")
	o, err := parseOptions(query)
	if err != nil {
		return nil, fmt.Errorf("camera %q: %w", spec, err)
	}
	var c Camera
	switch {
	case head == "rpicam":
		c = openPiped(rpicamCommand(o), o)
	case strings.HasPrefix(head, "replay:"):
		c, err = openReplay(strings.TrimPrefix(head, "replay:"), o)
	case strings.HasPrefix(head, "/"):
		c = openV4L2(head, o)
	default:
		err = fmt.Errorf("neither a device path, nor rpicam, nor replay:…")
	}
	if err != nil {
		return nil, fmt.Errorf("camera %q: %w", spec, err)
	}
	return c, nil
}

// options is what may follow the question mark of a spec.
type options struct {
	width, height         int
	fps                   float64 // 0 where the camera decides
	format                string
	exposure, focus, gain control
	mains                 int // Hz
	hold                  time.Duration
	once                  bool
}

// control is a camera's setting: automatic, or a value in the device's units.
type control struct {
	fixed bool
	value int32
}

func parseOptions(query string) (options, error) {
	o := options{width: 1280, height: 720, mains: 50}
	values, err := url.ParseQuery(query)
	if err != nil {
		return o, fmt.Errorf("reading the options: %w", err)
	}
	for key := range values {
		text := values.Get(key)
		var err error
		switch key {
		case "size":
			o.width, o.height, err = parseSize(text)
		case "fps":
			o.fps, err = strconv.ParseFloat(text, 64)
			if err == nil && !(o.fps > 0 && o.fps <= 1000) {
				err = fmt.Errorf("not between 0 and 1000")
			}
		case "format":
			o.format = strings.ToLower(text)
			if _, known := formatNamed(o.format); !known {
				err = fmt.Errorf("unknown")
			}
		case "exposure":
			o.exposure, err = parseControl(text)
		case "focus":
			o.focus, err = parseControl(text)
		case "gain":
			o.gain, err = parseControl(text)
		case "mains":
			o.mains, err = strconv.Atoi(text)
		case "hold":
			o.hold, err = time.ParseDuration(text)
		case "once":
			o.once, err = strconv.ParseBool(text)
		default:
			err = fmt.Errorf("no such option")
		}
		if err != nil {
			return o, fmt.Errorf("option %s=%s: %w", key, text, err)
		}
	}
	return o, nil
}

func parseSize(text string) (width, height int, err error) {
	w, h, found := strings.Cut(text, "x")
	if !found {
		return 0, 0, fmt.Errorf("not of the form 1280x720")
	}
	if width, err = strconv.Atoi(w); err == nil {
		height, err = strconv.Atoi(h)
	}
	if err == nil && (width < 16 || height < 16 || width > 16384 || height > 16384) {
		err = fmt.Errorf("not a size of a picture")
	}
	return width, height, err
}

func parseControl(text string) (control, error) {
	if text == "auto" {
		return control{}, nil
	}
	v, err := strconv.ParseInt(text, 10, 32)
	return control{fixed: true, value: int32(v)}, err
}
