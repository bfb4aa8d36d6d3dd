package keyboard

import "strings"

// word is the word that is being typed: its letters, its one tone, and whether
// the keys still transform it.
type word struct {
	letters []letter
	tone    Tone
	// literal is set once a transformation has been undone by typing its key
	// twice: the rest of the word is taken as typed.
	literal bool
	// lone is the index + 1 of an ư that a single w has made, 0: there is no such ư.
	lone int
}

// syllable says which letters of a word are its onset, nucleus and coda.
type syllable struct{ nucleus, coda int } // index of the first letter of each

// codas are those of Vietnamese and of the highland languages whose names are
// on identity cards (Đắk Lắk, Đạ Tẻh, KMăl).
var codas = map[string]bool{
	"": true, "c": true, "ch": true, "h": true, "k": true, "l": true, "m": true,
	"n": true, "ng": true, "nh": true, "p": true, "t": true,
}

func bases(letters []letter) string {
	var b strings.Builder
	for _, l := range letters {
		b.WriteRune(l.base)
	}
	return b.String()
}

// parts finds onset, nucleus and coda; ok where these letters can make a
// syllable, or the beginning of one. Any consonants may be an onset (Krông).
func (w *word) parts() (s syllable, ok bool) {
	n := len(w.letters)
	for s.nucleus < n && !w.letters[s.nucleus].vowel() {
		s.nucleus++
	}
	// The u of qu and the i of gi before a vowel belong to the onset.
	if s.nucleus > 0 && s.nucleus+1 < n && w.letters[s.nucleus+1].vowel() && w.letters[s.nucleus].mark == plain {
		switch bases(w.letters[s.nucleus-1 : s.nucleus+1]) {
		case "qu":
			s.nucleus++
		case "gi":
			if s.nucleus == 1 {
				s.nucleus++
			}
		}
	}
	s.coda = s.nucleus
	for s.coda < n && w.letters[s.coda].vowel() {
		s.coda++
	}
	ok = codas[bases(w.letters[s.coda:])] && s.coda-s.nucleus <= 3
	for i, l := range w.letters {
		ok = ok && (i == 0 || l.mark != stroke)
	}
	return s, ok
}

// seat is the index of the letter that carries the tone, -1 where none can.
// The two styles differ in oa, oe and uy at the end of a word: hóa or hoá.
func (w *word) seat(modern bool) int {
	s, _ := w.parts()
	nucleus := w.letters[s.nucleus:s.coda]
	switch len(nucleus) {
	case 0:
		return w.lastVowel()
	case 1:
		return s.nucleus
	}
	for i := len(nucleus) - 1; i >= 0; i-- {
		if nucleus[i].mark != plain {
			return s.nucleus + i
		}
	}
	closed := s.coda < len(w.letters)
	if closed || len(nucleus) > 2 {
		return s.nucleus + 1
	}
	switch bases(nucleus) {
	case "oa", "oe", "uy":
		if modern {
			return s.nucleus + 1
		}
	}
	return s.nucleus
}

func (w *word) lastVowel() int {
	for i := len(w.letters) - 1; i >= 0; i-- {
		if w.letters[i].vowel() {
			return i
		}
	}
	return -1
}

// text is the word as it is written.
func (w *word) text(modern bool) string {
	seat := -1
	if w.tone != Level {
		seat = w.seat(modern)
	}
	var b strings.Builder
	for i, l := range w.letters {
		if i == seat {
			b.WriteString(l.compose(w.tone))
		} else {
			b.WriteString(l.compose(Level))
		}
	}
	return b.String()
}

// parse reads a written word back. A word with several tones, or with its tone
// where neither style puts it, is no Vietnamese: ok is false.
func parse(text string) (w word, ok bool) {
	for _, r := range text {
		l, tone := split(r)
		if tone != Level {
			if w.tone != Level {
				return word{}, false
			}
			w.tone = tone
		}
		w.letters = append(w.letters, l)
	}
	return w, w.text(false) == text || w.text(true) == text
}
