package ui

import (
	"reflect"

	"chot/kiosk/checkpoint"
)

// drawings is the table of what draws each view of the checkpoint.
var drawings = map[reflect.Type]func(*page, checkpoint.View){}

// draws enters into the table what draws a view. It stands before the drawing,
// in the file of the screen.
func draws[V checkpoint.View](draw func(*page, V)) struct{} {
	drawings[reflect.TypeFor[V]()] = func(p *page, v checkpoint.View) { draw(p, v.(V)) }
	return struct{}{}
}

// draw puts the screen of a state on the page. It is true where the screen
// shows the camera's picture.
func (p *page) draw(s checkpoint.State) bool {
	if draw := drawings[reflect.TypeOf(s.View)]; draw != nil {
		draw(p, s.View)
	}
	return p.live
}
