package scanner

import (
	"time"

	"chot/drivers/camera"
)

// Hint says why a code in view is not read, for the visitor.
type Hint string

const (
	NoHint   Hint = ""
	TooSmall Hint = "too-small" // come closer
	Blurred  Hint = "blurred"   // hold still, or further away
	Dark     Hint = "dark"      // too little light or contrast
	Glare    Hint = "glare"     // a reflection covers it
)

// leaves is how long a code stays unseen before it counts as gone: seen again
// after that, it is a new event.
const leaves = time.Second

// Stream reads a camera's frames one after the other and gives each code once.
// It is for one goroutine.
type Stream struct {
	scanner *Scanner
	present map[string]time.Time // text to the time when it was last seen
}

// NewStream returns a Stream.
func NewStream(opts Options) *Stream {
	return &Stream{scanner: New(opts), present: map[string]time.Time{}}
}

// Push looks at the next frame within the budget. It returns the codes that
// came into view, nearest to the centre first: the same code is one event until
// it has left for a second of the frames' time. The hint tells of a code that
// is seen and cannot be read yet.
func (s *Stream) Push(f camera.Frame) ([]Code, Hint) {
	var fresh []Code
	for _, c := range s.scanner.Still(f) {
		last, seen := s.present[c.Text]
		s.present[c.Text] = f.Time
		if !seen || f.Time.Sub(last) >= leaves {
			fresh = append(fresh, c)
		}
	}
	for text, last := range s.present {
		if f.Time.Sub(last) >= leaves {
			delete(s.present, text)
		}
	}
	return fresh, NoHint
}
