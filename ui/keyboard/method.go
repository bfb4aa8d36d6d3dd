package keyboard

import "unicode"

// Method is a way of typing Vietnamese letters on a keyboard that lacks them.
type Method uint8

// The methods. Keys for accented letters and tones work beside either.
const (
	Telex Method = iota // aa aw dd ow, tones s f r x j, z takes the tone off
	VNI                 // a6 a8 d9 o7, tones 1 to 5, 0 takes the tone off
	Plain               // letters stand for themselves: other languages' names
)

// Next is the method after this one, round and round.
func (m Method) Next() Method { return (m + 1) % (Plain + 1) }

// effect is what a key does to a word besides standing for itself.
type effect struct {
	tone  Tone
	clear bool   // takes the tone off
	mark  mark   // puts this mark …
	onto  string // … on one of these letters
	lone  bool   // makes an ư where there is no vowel yet
}

var effects = [...]map[rune]effect{
	Telex: {
		's': {tone: Sac}, 'f': {tone: Huyen}, 'r': {tone: Hoi}, 'x': {tone: Nga}, 'j': {tone: Nang}, 'z': {clear: true},
		'a': {mark: circumflex, onto: "a"}, 'e': {mark: circumflex, onto: "e"}, 'o': {mark: circumflex, onto: "o"},
		'w': {mark: horn, onto: "uoa", lone: true},
		'd': {mark: stroke, onto: "d"},
	},
	VNI: {
		'1': {tone: Sac}, '2': {tone: Huyen}, '3': {tone: Hoi}, '4': {tone: Nga}, '5': {tone: Nang}, '0': {clear: true},
		'6': {mark: circumflex, onto: "aeo"},
		'7': {mark: horn, onto: "uo"},
		'8': {mark: breve, onto: "a"},
		'9': {mark: stroke, onto: "d"},
	},
	Plain: {},
}

// key lets a key act on the word. It is false where the key only stands for
// itself.
func (w *word) key(r rune, m Method) bool {
	e, special := effects[m][unicode.ToLower(r)]
	if !special || w.literal {
		return false
	}
	s, valid := w.parts()
	if !valid {
		return false
	}
	switch {
	case e.clear:
		done := w.tone != Level
		w.tone = Level
		return done
	case e.tone != Level:
		return w.setTone(e.tone, s, r)
	case e.mark == stroke:
		return w.setStroke(r)
	case e.mark == horn:
		return w.setHorn(e, s, r)
	default:
		return w.setMark(e, s, r)
	}
}

// undo ends the transformation of this word with the key standing for itself.
func (w *word) undo(r rune) bool {
	w.literal = true
	w.append(r)
	return true
}

func (w *word) append(r rune) {
	l, _ := split(r)
	w.letters = append(w.letters, l)
}

func (w *word) setTone(t Tone, s syllable, r rune) bool {
	switch {
	case s.nucleus == s.coda:
		return false
	case w.tone == t:
		w.tone = Level
		return w.undo(r)
	}
	w.tone = t
	return true
}

func (w *word) setStroke(r rune) bool {
	if len(w.letters) == 0 || w.letters[0].base != 'd' {
		return false
	}
	if w.letters[0].mark == stroke {
		w.letters[0].mark = plain
		return w.undo(r)
	}
	w.letters[0].mark = stroke
	return true
}

// setMark puts a circumflex or a breve on the last letter of the nucleus that
// takes it.
func (w *word) setMark(e effect, s syllable, r rune) bool {
	switch bases(w.letters[s.nucleus:s.coda]) {
	case "oa", "oe": // oao and oeo: the key is their third vowel
		if unicode.ToLower(r) == 'o' {
			return false
		}
	}
	for i := s.coda - 1; i >= s.nucleus; i-- {
		l := &w.letters[i]
		if !contains(e.onto, l.base) {
			continue
		}
		if l.mark == e.mark {
			l.mark = plain
			return w.undo(r)
		}
		w.plain(s)
		l.mark = e.mark
		return true
	}
	return false
}

// plain takes the marks off the nucleus: ươ becomes uô, not ưô.
func (w *word) plain(s syllable) {
	for i := s.nucleus; i < s.coda; i++ {
		w.letters[i].mark = plain
	}
	w.lone = 0
}

// setHorn serves the keys that make ơ and ư, and with Telex's w also ă.
func (w *word) setHorn(e effect, s syllable, r rune) bool {
	nucleus := w.letters[s.nucleus:s.coda]
	if len(nucleus) == 0 {
		if !e.lone || s.coda < len(w.letters) {
			return false
		}
		w.letters = append(w.letters, letter{base: 'u', mark: horn, upper: unicode.IsUpper(r)})
		w.lone = len(w.letters)
		return true
	}
	targets := hornTargets(bases(w.letters[:s.nucleus]), bases(nucleus), s.coda < len(w.letters), e.onto)
	if len(targets) == 0 {
		return false
	}
	done := true
	for _, t := range targets {
		done = done && nucleus[t.at].mark == t.mark
	}
	if done {
		if w.lone == s.nucleus+1 && len(nucleus) == 1 && s.coda == len(w.letters) { // ww is a w
			w.letters = w.letters[:s.nucleus]
			return w.undo(r)
		}
		w.plain(s)
		return w.undo(r)
	}
	w.plain(s)
	for _, t := range targets {
		nucleus[t.at].mark = t.mark
	}
	return true
}

type target struct {
	at   int // index in the nucleus
	mark mark
}

// hornTargets says which letters of a nucleus take a horn or a breve.
func hornTargets(onset, nucleus string, closed bool, onto string) []target {
	switch nucleus {
	case "uo":
		if !closed && (onset == "h" || onset == "th" || onset == "kh") { // huơ, thuở; hương when a coda follows
			return []target{{1, horn}}
		}
		return []target{{0, horn}, {1, horn}}
	case "uoi", "uou":
		return []target{{0, horn}, {1, horn}}
	case "ua", "uu", "ui", "u":
		return []target{{0, horn}}
	case "o", "oi":
		return []target{{0, horn}}
	case "a":
		if contains(onto, 'a') {
			return []target{{0, breve}}
		}
	case "oa":
		if contains(onto, 'a') {
			return []target{{1, breve}}
		}
	}
	return nil
}

// settle completes uơ to ươ once a letter follows: thuơ, thương.
func (w *word) settle() {
	s, valid := w.parts()
	if !valid || w.literal || s.coda-s.nucleus < 2 {
		return
	}
	nucleus := w.letters[s.nucleus:s.coda]
	follows := s.coda < len(w.letters) || len(nucleus) > 2
	if follows && nucleus[0] == (letter{'u', plain, nucleus[0].upper}) && nucleus[1].base == 'o' && nucleus[1].mark == horn {
		nucleus[0].mark = horn
	}
}

func contains(letters string, r rune) bool {
	for _, l := range letters {
		if l == r {
			return true
		}
	}
	return false
}
