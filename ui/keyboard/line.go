// Package keyboard is the kiosk's on-screen keyboard without its looks: what
// keys there are ([Layout]) and what text typing them makes ([Line]).
//
// Vietnamese has 89 letters that no ordinary keyboard has. A line takes them in
// four ways at once, so that no one has to be told which one is active: Telex
// or VNI sequences ("nguyeenx", "nguye6n4"), keys for the letters ă â đ ê ô ơ ư,
// keys for the five tones, and letters that come composed from elsewhere.
// Typing a transforming key twice undoes it and leaves the rest of the word as
// typed ("xx" for x), as people who type Vietnamese expect.
package keyboard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Line is one line of text that is being typed at its end. The zero value is an
// empty line that takes Telex, writes tones in the old style (hóa) and is not
// limited.
type Line struct {
	Method Method
	Modern bool // tones in the style of the 1984 reform: hoá, thuý
	Limit  int  // most runes; 0 for no limit

	before string // what stands before the current word
	kept   string // the current word as it came, until a key is to act on it
	word   word   // the current word where kept is empty
}

// String is the text so far, in Unicode's composed form.
func (l *Line) String() string {
	return l.before + l.kept + l.word.text(l.Modern)
}

// Set replaces the text.
func (l *Line) Set(text string) {
	text = norm.NFC.String(strings.ToValidUTF8(text, ""))
	start := len(text)
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:start])
		if !inWord(r) {
			break
		}
		start -= size
	}
	l.before, l.kept, l.word = text[:start], text[start:], word{}
}

// Type types one key: a letter, a digit, a space, or a letter that is composed
// already.
func (l *Line) Type(r rune) {
	if !unicode.IsPrint(r) || r == utf8.RuneError || unicode.Is(unicode.M, r) {
		return
	}
	before := *l
	before.word.letters = append([]letter(nil), l.word.letters...)
	l.typed(r)
	if l.Limit > 0 && utf8.RuneCountInString(l.String()) > l.Limit {
		*l = before
	}
}

func (l *Line) typed(r rune) {
	if !l.open() {
		l.Set(l.String() + string(r))
		return
	}
	if l.word.key(r, l.Method) {
		return
	}
	letter, tone := split(r)
	if !inWord(r) || tone != Level && l.word.tone != Level { // a word has but one tone
		l.Set(l.String() + string(r))
		return
	}
	l.word.letters = append(l.word.letters, letter)
	if tone != Level {
		l.word.tone = tone
	}
	l.word.settle()
}

// open makes the current word's letters those of the text that was kept, and
// is false where that is no Vietnamese, which no key transforms.
func (l *Line) open() bool {
	if l.kept == "" {
		return true
	}
	w, ok := parse(l.kept)
	if ok {
		l.kept, l.word = "", w
	}
	return ok
}

// Tone puts a tone on the current word, or takes it off again if it has it.
func (l *Line) Tone(t Tone) {
	if !isTone(t) || !l.open() || l.word.lastVowel() < 0 {
		return
	}
	if l.word.tone == t {
		t = Level
	}
	l.word.tone = t
}

// Backspace takes the last letter away, with its tone.
func (l *Line) Backspace() {
	if text := []rune(l.String()); len(text) > 0 {
		l.Set(string(text[:len(text)-1]))
	}
}

// AtWordStart says whether the next letter begins a word, for capitals in
// names.
func (l *Line) AtWordStart() bool {
	text := l.String()
	return text == "" || strings.HasSuffix(text, " ")
}
