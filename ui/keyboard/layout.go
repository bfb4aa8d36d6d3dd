package keyboard

// Kind says what a key does.
type Kind uint8

const (
	Letter    Kind = iota // types Rune
	ToneMark              // puts Tone on the word
	Delete                // takes the last letter away
	Shift                 // the next letter is a capital
	Space                 // types a space
	Symbols               // shows digits and punctuation
	Letters               // shows letters again
	Switch                // from Telex to VNI and back
	Languages             // the screen's next language
)

// Key is one key of a layout.
type Key struct {
	Kind Kind
	Rune rune // of a letter, in lower case
	Tone Tone // of a tone mark
	Span int  // width in columns
}

// Layout is rows of keys; the spans of every row add up to the same width, so
// that a panel's width divides into columns that a finger can hit.
type Layout [][]Key

// Columns is the width of the layout in columns.
func (l Layout) Columns() int {
	n := 0
	for _, k := range l[0] {
		n += k.Span
	}
	return n
}

// Wide has ten columns and five rows in the usual order of a keyboard, for
// panels that are wider than high.
var Wide = Pages{
	Letters: Layout{
		row(tones, "âêôơư"),
		row(nil, "qwertyuiop"),
		append(row(nil, "asdfghjkl"), Key{Kind: Delete, Span: 1}),
		append([]Key{{Kind: Shift, Span: 1}}, row(nil, "zxcvbnmăđ")...),
		{{Kind: Symbols, Span: 1}, {Kind: Switch, Span: 2}, {Kind: Space, Span: 5}, {Kind: Languages, Span: 2}},
	},
	Symbols: Layout{
		row(nil, "1234567890"),
		row(nil, "-/.,:;()+#"),
		append(row(nil, "@&'\"!?*_="), Key{Kind: Delete, Span: 1}),
		{{Kind: Letters, Span: 2}, {Kind: Space, Span: 6}, {Kind: Languages, Span: 2}},
	},
	VNI: Layout{
		row(nil, "1234567890"),
		row(nil, "qwertyuiop"),
		append(row(nil, "asdfghjkl"), Key{Kind: Delete, Span: 1}),
		append([]Key{{Kind: Shift, Span: 1}}, row(nil, "zxcvbnmăđ")...),
		{{Kind: Symbols, Span: 1}, {Kind: Switch, Span: 2}, {Kind: Space, Span: 5}, {Kind: Languages, Span: 2}},
	},
	Search: Layout{
		row(nil, "qwertyuiop"),
		append(row(nil, "asdfghjkl"), Key{Kind: Delete, Span: 1}),
		append(row(nil, "zxcvbnm"), Key{Kind: Space, Span: 2}, Key{Kind: Languages, Span: 1}),
	},
}

// Tall has six columns and eight rows in the order of the Vietnamese alphabet,
// for panels that are higher than wide, where ten columns would be too narrow
// for fingers.
var Tall = Pages{
	Letters: Layout{
		append(row(tones, ""), Key{Kind: Delete, Span: 1}),
		row(nil, "aăâbcd"),
		row(nil, "đeêfgh"),
		row(nil, "ijklmn"),
		row(nil, "oôơpqr"),
		row(nil, "stuưvw"),
		append(row(nil, "xyz"), Key{Kind: Shift, Span: 1}, Key{Kind: Symbols, Span: 1}, Key{Kind: Languages, Span: 1}),
		{{Kind: Switch, Span: 2}, {Kind: Space, Span: 4}},
	},
	Symbols: Layout{
		append(row(nil, "12345"), Key{Kind: Delete, Span: 1}),
		row(nil, "67890-"),
		row(nil, "/.,:;+"),
		row(nil, "()#@&'"),
		{{Kind: Letters, Span: 2}, {Kind: Space, Span: 2}, {Kind: Languages, Span: 2}},
	},
	VNI: Layout{
		append(row(nil, "12345"), Key{Kind: Delete, Span: 1}),
		row(nil, "67890x"),
		row(nil, "abcdef"),
		row(nil, "ghijkl"),
		row(nil, "mnopqr"),
		row(nil, "stuvwy"),
		append(row(nil, "zđ"), Key{Kind: Shift, Span: 1}, Key{Kind: Symbols, Span: 1}, Key{Kind: Languages, Span: 2}),
		{{Kind: Switch, Span: 2}, {Kind: Space, Span: 4}},
	},
	Search: Layout{
		row(nil, "abcdef"),
		row(nil, "ghijkl"),
		row(nil, "mnopqr"),
		row(nil, "stuvwx"),
		append(row(nil, "yz"), Key{Kind: Space, Span: 2}, Key{Kind: Delete, Span: 1}, Key{Kind: Languages, Span: 1}),
	},
}

// Digits is the pad for numbers: three columns, four rows. The language is
// changed beside it, where there is room.
var Digits = Layout{
	row(nil, "123"), row(nil, "456"), row(nil, "789"),
	{{Kind: Letter, Rune: '0', Span: 2}, {Kind: Delete, Span: 1}},
}

// Pages are the faces of a keyboard. VNI has the digits with which that method
// writes tones and marks. Search has plain letters alone, and so leaves room for
// what is found.
type Pages struct{ Letters, VNI, Symbols, Search Layout }

var tones = []Tone{Sac, Huyen, Hoi, Nga, Nang}

func row(tones []Tone, letters string) []Key {
	var keys []Key
	for _, t := range tones {
		keys = append(keys, Key{Kind: ToneMark, Tone: t, Span: 1})
	}
	for _, r := range letters {
		keys = append(keys, Key{Kind: Letter, Rune: r, Span: 1})
	}
	return keys
}
