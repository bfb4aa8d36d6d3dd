// Package ui draws what a checkpoint shows and sends back what people touch. It
// decides nothing: every screen is one type of checkpoint.View, redrawn from
// the state each time that anything but the time of it changes.
//
//	u := ui.New(window, send, ui.Options{})
//	u.Render(state) // after every step, from any goroutine but the drawing one
//
// # Looks
//
// Sizes and colours are those of package ui/theme, for eyes and hands that are
// not young: the main sentence fills the angle that the standard asks for, what
// can be tapped is 15 mm wide, colour never stands alone. Screens are cut out of
// the panel's rectangle ([rect]); nothing scrolls, since a tap inside a scroll
// container is lost when the finger moves a little. What is too long has pages.
//
// Words are in package ui/catalog by key and language; codes from the checkpoint
// are the last part of their keys.
package ui
