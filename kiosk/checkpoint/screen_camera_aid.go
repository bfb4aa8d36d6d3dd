package checkpoint

// CameraAid shows the camera's picture with focus and exposure.
type CameraAid struct {
	Focus    int // 0 to 100
	Exposure int // mean grey, 0 to 255
	Advice   Hint
}

func (CameraAid) view() {}

// cameraAid helps to focus the camera.
type cameraAid struct {
	staffed
	seen FocusMeasured
}

var _ = register(taps[cameraAid]{
	TapBack: cameraAid.back,
}, CameraAid{})

func (cameraAid) screenID() string { return "camera" }
func (cameraAid) onExit(c *step)   { c.do(MeasureFocus{}) }

func (s cameraAid) view(*step) View {
	return CameraAid{Focus: s.seen.Focus, Exposure: s.seen.Exposure, Advice: s.seen.Advice}
}

func (s cameraAid) on(c *step, e Event) screen {
	if e, ok := e.(FocusMeasured); ok {
		s.seen = e
	}
	return s
}

func (s cameraAid) back(c *step, _ string) screen {
	s.onExit(c)
	return technical{}
}
