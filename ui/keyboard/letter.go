package keyboard

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Tone is one of the five tone marks; the level tone has none.
type Tone rune

// The tones, as the combining marks that write them.
const (
	Level Tone = 0
	Sac   Tone = '\u0301' // á
	Huyen Tone = '\u0300' // à
	Hoi   Tone = '\u0309' // ả
	Nga   Tone = '\u0303' // ã
	Nang  Tone = '\u0323' // ạ
)

// mark is what makes another letter of a letter: ă, â, ơ, đ.
type mark rune

const (
	plain      mark = 0
	circumflex mark = '\u0302' // â ê ô
	breve      mark = '\u0306' // ă
	horn       mark = '\u031B' // ơ ư
	stroke     mark = 'đ'      // has no combining form
)

// letter is one letter of a word without its tone, which belongs to the word.
type letter struct {
	base  rune // lower case
	mark  mark
	upper bool
}

// split takes a composed rune apart.
func split(r rune) (letter, Tone) {
	l := letter{upper: unicode.IsUpper(r)}
	switch unicode.ToLower(r) {
	case 'đ':
		l.base, l.mark = 'd', stroke
		return l, Level
	}
	tone := Level
	for i, part := range []rune(norm.NFD.String(string(r))) {
		switch {
		case i == 0:
			l.base = unicode.ToLower(part)
		case mark(part) == circumflex, mark(part) == breve, mark(part) == horn:
			l.mark = mark(part)
		case isTone(Tone(part)):
			tone = Tone(part)
		default: // a letter that Vietnamese does not have: leave it whole
			return letter{base: r}, Level
		}
	}
	return l, tone
}

func isTone(t Tone) bool {
	return t == Sac || t == Huyen || t == Hoi || t == Nga || t == Nang
}

// compose puts a letter and a tone together as one rune, or several where
// Unicode has no single one.
func (l letter) compose(t Tone) string {
	base := l.base
	if l.mark == stroke {
		base = 'đ'
	}
	if l.upper {
		base = unicode.ToUpper(base)
	}
	s := string(base)
	if l.mark != plain && l.mark != stroke {
		s += string(l.mark)
	}
	if t != Level {
		s += string(t)
	}
	return norm.NFC.String(s)
}

func (l letter) vowel() bool {
	switch l.base {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// inWord says whether a rune can be part of a Vietnamese word.
func inWord(r rune) bool {
	l, _ := split(r)
	return l.base >= 'a' && l.base <= 'z'
}
