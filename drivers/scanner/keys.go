package scanner

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// keys turns key events of the Linux input layer into the text that a scanner
// types on a US keyboard.
//
// A keyboard has no key for most characters. Modules type those as Windows
// users do: Alt held, the character's number on the keypad, Alt released. The
// number is that of a byte in Windows-1252, of a byte in UTF-8 or, from 256 on,
// of the character in Unicode. Which one a module means shows when the code has
// ended: bytes that are UTF-8 together are UTF-8. Where a module can be set up,
// set it to "USB COM port" instead and use it as a serial module: no layout and
// no Alt codes come in between.
type keys struct {
	shift, alt, ctrl, caps bool
	number                 int // typed on the keypad while Alt is held, -1: none
	line                   []rune
	bytes                  bool // the line has characters from 0x80 to 0xff typed by number
}

// Key codes of linux/input-event-codes.h.
const (
	keyEnter, keyPadEnter        = 28, 96
	keyLeftShift, keyRightShift  = 42, 54
	keyLeftAlt, keyRightAlt      = 56, 100
	keyLeftCtrl, keyRightCtrl    = 29, 97
	keyCapsLock, keyTab          = 58, 15
	keyReleased, keyPressed, rep = 0, 1, 2
)

// usLayout is what a key types, alone and with Shift.
var usLayout = func() map[uint16][2]rune {
	m := map[uint16][2]rune{keyTab: {'\t', '\t'}}
	row := func(first uint16, plain, shifted string) {
		s := []rune(shifted)
		for i, r := range []rune(plain) {
			m[first+uint16(i)] = [2]rune{r, s[i]}
		}
	}
	row(2, "1234567890-=", "!@#$%^&*()_+")
	row(16, "qwertyuiop[]", "QWERTYUIOP{}")
	row(30, "asdfghjkl;'`", "ASDFGHJKL:\"~")
	row(43, "\\zxcvbnm,./", "|ZXCVBNM<>?")
	row(55, "*", "*")
	row(57, " ", " ")
	row(71, "789-456+1230.", "789-456+1230.")
	row(98, "/", "/")
	return m
}()

// press takes an event and returns a line when it is complete.
func (k *keys) press(code uint16, value int32) (line string, done bool) {
	down := value != keyReleased
	switch code {
	case keyLeftShift, keyRightShift:
		k.shift = down
		return "", false
	case keyLeftAlt, keyRightAlt:
		if down && value == keyPressed {
			k.alt, k.number = true, -1
		} else if !down && k.alt {
			k.alt = false
			return k.byNumber()
		}
		return "", false
	case keyLeftCtrl, keyRightCtrl:
		k.ctrl = down
		return "", false
	}
	if value != keyPressed {
		return "", false
	}
	switch code {
	case keyCapsLock:
		k.caps = !k.caps
	case keyEnter, keyPadEnter:
		return k.end()
	default:
		pair, ok := usLayout[code]
		if !ok {
			break
		}
		if k.alt {
			if d := pair[0]; d >= '0' && d <= '9' && k.number < utf8.MaxRune {
				k.number = max(k.number, 0)*10 + int(d-'0')
			}
			break
		}
		r := pair[0]
		letter := r >= 'a' && r <= 'z'
		if k.shift != (letter && k.caps) {
			r = pair[1]
		}
		if k.ctrl { // a control character, as modules frame codes with
			r = pair[0] & 0x1f
		}
		return k.add(r)
	}
	return "", false
}

// add adds a character; one that ends codes ends this one.
func (k *keys) add(r rune) (line string, done bool) {
	if r < utf8.RuneSelf && terminates(byte(r)) {
		return k.end()
	}
	if len(k.line) < longest {
		k.line = append(k.line, r)
	}
	return "", false
}

// byNumber adds the character whose number was typed.
func (k *keys) byNumber() (line string, done bool) {
	switch {
	case k.number < 0 || k.number > utf8.MaxRune || !utf8.ValidRune(rune(k.number)):
		return "", false
	case k.number >= 0x80 && k.number <= 0xff:
		k.bytes = true
	}
	return k.add(rune(k.number))
}

// end returns the line and begins the next.
func (k *keys) end() (string, bool) {
	if len(k.line) == 0 {
		return "", false
	}
	text := string(k.line)
	if raw, ok := narrow(text); ok && k.bytes {
		if utf8.Valid(raw) {
			text = string(raw)
		} else if s, err := charmap.Windows1252.NewDecoder().Bytes(raw); err == nil {
			text = string(s)
		}
	}
	k.line, k.bytes = k.line[:0], false
	return text, true
}
