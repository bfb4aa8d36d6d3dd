package camera

// modes lists what the device offers in formats that can be developed.
func modes(fd int, o options) []mode {
	var all []mode
	for i := range uint32(64) {
		desc := v4l2FmtDesc{index: i, kind: bufTypeCapture}
		if ioctl(fd, vidiocEnumFmt, &desc) != nil {
			break
		}
		for _, f := range formats {
			if f.fourcc == desc.pixelFormat && (o.format == "" || o.format == f.name) {
				all = append(all, sizes(fd, f, o)...)
			}
		}
	}
	return all
}

func sizes(fd int, f format, o options) []mode {
	var all []mode
	for i := range uint32(256) {
		size := v4l2FrmSizeEnum{index: i, pixelFormat: f.fourcc}
		if ioctl(fd, vidiocEnumFrameSizes, &size) != nil {
			break
		}
		v := size.values
		if size.kind == enumDiscrete {
			all = append(all, rates(fd, f, int(v[0]), int(v[1]))...)
			continue
		}
		w := step(o.width, int(v[0]), int(v[1]), int(v[2]))
		h := step(o.height, int(v[3]), int(v[4]), int(v[5]))
		return rates(fd, f, w, h)
	}
	if all == nil { // the device does not list its sizes: ask for one and see
		all = append(all, mode{format: f, width: o.width, height: o.height})
	}
	return all
}

// step is the value nearest to want that a range allows.
func step(want, least, most, by int) int {
	v := min(max(want, least), most)
	if by > 1 {
		v -= (v - least) % by
	}
	return v
}

func rates(fd int, f format, width, height int) []mode {
	var all []mode
	for i := range uint32(64) {
		ival := v4l2FrmIvalEnum{index: i, pixelFormat: f.fourcc, width: uint32(width), height: uint32(height)}
		if ioctl(fd, vidiocEnumFrameIntervals, &ival) != nil || ival.values[0] == 0 {
			break
		}
		all = append(all, mode{
			format: f, width: width, height: height,
			fps: float64(ival.values[1]) / float64(ival.values[0]), // of a range, the shortest time
		})
		if ival.kind != enumDiscrete {
			break
		}
	}
	if all == nil {
		all = append(all, mode{format: f, width: width, height: height})
	}
	return all
}
