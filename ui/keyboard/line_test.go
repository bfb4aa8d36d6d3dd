package keyboard_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"chot/deploy/testbed/publicdata"
	"chot/ui/keyboard"
)

func typed(l *keyboard.Line, keys string) string {
	for _, k := range keys {
		l.Type(k)
	}
	return l.String()
}

func TestTelex(t *testing.T) {
	t.Parallel()
	cases := []struct{ keys, text string }{
		{"", ""},
		{"aa", "â"}, {"aw", "ă"}, {"ee", "ê"}, {"oo", "ô"}, {"ow", "ơ"}, {"uw", "ư"}, {"dd", "đ"},
		{"as", "á"}, {"af", "à"}, {"ar", "ả"}, {"ax", "ã"}, {"aj", "ạ"},
		{"uow", "ươ"}, {"uwow", "ươ"}, {"duongw", "dương"}, {"dduwowngf", "đường"}, {"dduongwf", "đường"},
		{"nguyeenx vawn an", "nguyễn văn an"}, {"Nguyeenx Thij Thuys", "Nguyễn Thị Thúy"},
		{"nguyenex", "nguyễn"}, {"hari duwowng", "hải dương"}, {"hair duong", "hải duong"},
		{"tuws kyf", "tứ kỳ"}, {"ddawk lawk", "đăk lăk"}, {"ddawks lawks", "đắk lắk"},
		{"w", "ư"}, {"tw", "tư"}, {"W", "Ư"}, {"nhwng", "nhưng"}, {"trwowngf", "trường"},
		{"DD", "Đ"}, {"Dd", "Đ"}, {"dD", "đ"}, {"DDOOF", "ĐỒ"}, {"dangd", "đang"}, {"did", "đi"},

		// A tone moves with the letters that follow.
		{"hoaf", "hòa"}, {"hoafn", "hoàn"}, {"hoafng", "hoàng"}, {"thuyr", "thủy"}, {"huynhf", "huỳnh"},
		{"khuyur", "khuỷu"}, {"toanf", "toàn"}, {"khoer", "khỏe"}, {"ngoeof", "ngoèo"}, {"xoayf", "xoày"},
		// Where it sits when there are two or three vowels.
		{"quys", "quý"}, {"quaf", "quà"}, {"gias", "giá"}, {"gif", "gì"}, {"ginf", "gìn"}, {"giuwx", "giữ"},
		{"mias", "mía"}, {"muaf", "mùa"}, {"muwas", "mứa"}, {"muaw", "mưa"}, {"cuwar", "cửa"},
		{"tieengs", "tiếng"}, {"yees", "yế"}, {"yeeus", "yếu"}, {"nguwowif", "người"}, {"nguoiwf", "người"},
		{"ruwowuj", "rượu"}, {"huouw", "hươu"}, {"luuw", "lưu"}, {"huwu", "hưu"}, {"khuyeens", "khuyến"}, {"khuya", "khuya"},
		{"giuongwf", "giường"}, {"giengs", "giéng"}, {"gieengs", "giếng"}, {"giang", "giang"},
		// uơ without a coda, ươ with one.
		{"thuowr", "thuở"}, {"huow", "huơ"}, {"thuowng", "thương"}, {"huowngs", "hướng"}, {"khuowts", "khướt"}, {"quow", "quơ"},
		{"hoawcj", "hoặc"}, {"xoawn", "xoăn"}, {"luaatj", "luật"}, {"tuaans", "tuấn"},
		// Typing the key again undoes it, and the word is then taken as typed.
		{"ass", "as"}, {"asss", "ass"}, {"aff", "af"}, {"aaa", "aa"}, {"aaaa", "aaa"}, {"eee", "ee"}, {"ooo", "oo"}, {"xooong", "xoong"},
		{"ddd", "dd"}, {"dddd", "ddd"}, {"aww", "aw"}, {"uww", "uw"}, {"ww", "w"}, {"www", "ww"}, {"uoww", "uow"}, {"WW", "W"},
		{"cofffee", "coffee"}, {"exxcel", "excel"}, {"ass as", "as á"},
		// Another tone or mark replaces the first; z takes the tone off.
		{"asf", "à"}, {"asz", "a"}, {"az", "az"}, {"aaw", "ă"}, {"awa", "â"}, {"uowo", "uô"}, {"uoow", "ươ"},
		// What is no syllable is left alone.
		{"s", "s"}, {"bs", "bs"}, {"windows", "ưindows"}, {"alex", "alex"}, {"0912", "0912"}, {"a1", "a1"}, {"f", "f"}, {"ssh", "ssh"},
		{"kroong", "krông"}, {"tehr", "tẻh"}, {"1as", "1á"}, {"a-s", "a-s"}, {"vaix, as", "vãi, á"},
	}
	for _, c := range cases {
		t.Run(c.keys, func(t *testing.T) {
			t.Parallel()
			if got := typed(&keyboard.Line{}, c.keys); got != c.text {
				t.Errorf("%q, want %q", got, c.text)
			}
		})
	}
}

func TestVNI(t *testing.T) {
	t.Parallel()
	cases := []struct{ keys, text string }{
		{"a6", "â"}, {"a8", "ă"}, {"e6", "ê"}, {"o6", "ô"}, {"o7", "ơ"}, {"u7", "ư"}, {"d9", "đ"}, {"D9", "Đ"},
		{"a1", "á"}, {"a2", "à"}, {"a3", "ả"}, {"a4", "ã"}, {"a5", "ạ"}, {"a10", "a"},
		{"nguye6n4", "nguyễn"}, {"nguyen64", "nguyễn"}, {"uo7", "ươ"}, {"d9uo7ng2", "đường"}, {"duong97", "đương"},
		{"ha3i du7o7ng", "hải dương"}, {"thuo73", "thuở"}, {"tu71 ky2", "tứ kỳ"}, {"hoa82c", "hoằc"}, {"a87", "ă7"},
		{"a11", "a1"}, {"a66", "a6"}, {"d99", "d9"}, {"o77", "o7"}, {"u77", "u7"}, {"a00", "a00"}, {"a111", "a11"},
		{"1", "1"}, {"0912345678", "0912345678"}, {"so1 12", "só 12"}, {"aw", "aw"}, {"as", "as"},
	}
	for _, c := range cases {
		t.Run(c.keys, func(t *testing.T) {
			t.Parallel()
			if got := typed(&keyboard.Line{Method: keyboard.VNI}, c.keys); got != c.text {
				t.Errorf("%q, want %q", got, c.text)
			}
		})
	}
}

func TestTheTwoStylesDifferInOpenOaOeUy(t *testing.T) {
	t.Parallel()
	cases := []struct{ keys, old, modern string }{
		{"hoaf", "hòa", "hoà"}, {"khoer", "khỏe", "khoẻ"}, {"thuys", "thúy", "thuý"}, {"hoafn", "hoàn", "hoàn"},
		{"quys", "quý", "quý"}, {"muaf", "mùa", "mùa"}, {"loaij", "loại", "loại"}, {"huynhf", "huỳnh", "huỳnh"},
	}
	for _, c := range cases {
		if got := typed(&keyboard.Line{}, c.keys); got != c.old {
			t.Errorf("%s in the old style: %q, want %q", c.keys, got, c.old)
		}
		if got := typed(&keyboard.Line{Modern: true}, c.keys); got != c.modern {
			t.Errorf("%s in the modern style: %q, want %q", c.keys, got, c.modern)
		}
	}
}

func TestKeysForLettersAndTones(t *testing.T) {
	t.Parallel()
	var l keyboard.Line
	steps := []struct {
		do   func()
		text string
	}{
		{func() { typed(&l, "Nguyên") }, "Nguyên"},
		{func() { l.Tone(keyboard.Nga) }, "Nguyễn"},
		{func() { l.Tone(keyboard.Sac) }, "Nguyến"},
		{func() { l.Tone(keyboard.Sac) }, "Nguyên"},
		{func() { typed(&l, " Đưc") }, "Nguyên Đưc"},
		{func() { l.Tone(keyboard.Sac) }, "Nguyên Đức"},
		{func() { l.Backspace() }, "Nguyên Đứ"},
		{func() { l.Backspace() }, "Nguyên Đ"},
		{func() { l.Tone(keyboard.Sac) }, "Nguyên Đ"},
		{func() { typed(&l, "ươngf") }, "Nguyên Đường"},
		{func() { typed(&l, " x") }, "Nguyên Đường x"},
		{func() { l.Tone(keyboard.Level) }, "Nguyên Đường x"},
	}
	for i, s := range steps {
		s.do()
		if got := l.String(); got != s.text {
			t.Fatalf("step %d: %q, want %q", i, got, s.text)
		}
	}
}

func TestTextThatCameFromElsewhereStaysAsItIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Nguyễn Thuý", "Hoà", "áá", "Zoë", "Müller", "ngúyen", "", " ", "日本"} {
		var l keyboard.Line
		l.Set(text)
		if got := l.String(); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	var l keyboard.Line
	l.Set("Nguyễn Thuý")
	if got := typed(&l, "f Linh"); got != "Nguyễn Thùy Linh" {
		t.Errorf("%q", got)
	}
}

func TestBackspaceLetsOneTypeOn(t *testing.T) {
	t.Parallel()
	var l keyboard.Line
	typed(&l, "hoafn")
	l.Backspace()
	if got := l.String(); got != "hoà" && got != "hòa" {
		t.Errorf("%q", got)
	}
	if got := typed(&l, "ng"); got != "hoàng" {
		t.Errorf("%q", got)
	}
	typed(&l, "ass")
	l.Backspace()
	for range 20 {
		l.Backspace()
	}
	if l.String() != "" {
		t.Errorf("%q is left", l.String())
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	l := keyboard.Line{Limit: 4}
	if got := typed(&l, "nghieeng"); got != "nghi" {
		t.Errorf("%q", got)
	}
	if got := typed(&l, "s"); got != "nghí" {
		t.Errorf("a tone takes no room: %q", got)
	}
}

func TestAtWordStart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": true, "a": false, "a ": true, "a-": false, "Đ": false} {
		var l keyboard.Line
		l.Set(text)
		if got := l.AtWordStart(); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// keys spells a text as one would type it in a method: marks behind their
// letter, the tone at the end of the word.
func keys(text string, m keyboard.Method) string {
	marks := map[rune]string{'\u0302': "", '\u0306': "w", '\u031B': "w"}
	tones := map[rune]string{'\u0301': "s", '\u0300': "f", '\u0309': "r", '\u0303': "x", '\u0323': "j"}
	if m == keyboard.VNI {
		marks = map[rune]string{'\u0302': "6", '\u0306': "8", '\u031B': "7"}
		tones = map[rune]string{'\u0301': "1", '\u0300': "2", '\u0309': "3", '\u0303': "4", '\u0323': "5"}
	}
	var b strings.Builder
	tone := ""
	var last rune
	for _, r := range norm.NFD.String(text) {
		switch mark, isMark := marks[r]; {
		case tones[r] != "":
			tone = tones[r]
		case isMark && mark == "":
			b.WriteRune(unicode.ToLower(last))
		case isMark:
			b.WriteString(mark)
		case r == 'đ' || r == 'Đ':
			b.WriteRune(map[rune]rune{'đ': 'd', 'Đ': 'D'}[r])
			b.WriteString(map[keyboard.Method]string{keyboard.Telex: "d", keyboard.VNI: "9"}[m])
		default:
			if !unicode.IsLetter(r) {
				b.WriteString(tone)
				tone = ""
			}
			b.WriteRune(r)
			last = r
		}
	}
	return b.String() + tone
}

// Names of Vietnam's provinces, districts and communes can be typed without
// knowing when to undo; the few that cannot are of highland languages (Ea Kar,
// Boòng), for which there are the keys for letters and tones.
func TestEveryPlaceNameCanBeTyped(t *testing.T) {
	t.Parallel()
	names := placeNames(t)
	for _, m := range []keyboard.Method{keyboard.Telex, keyboard.VNI} {
		t.Run(fmt.Sprint("method ", m), func(t *testing.T) {
			t.Parallel()
			wrong := 0
			for name := range names {
				if m == keyboard.VNI && strings.ContainsAny(name, "0123456789") {
					continue
				}
				got, modern := typed(&keyboard.Line{Method: m}, keys(name, m)), typed(&keyboard.Line{Method: m, Modern: true}, keys(name, m))
				if !sameWords(name, got, modern) {
					if wrong++; wrong < 20 {
						t.Logf("%s typed as %s: %q or %q", name, keys(name, m), got, modern)
					}
				}
			}
			t.Logf("%d of %d names typed", len(names)-wrong, len(names))
			if wrong*100 > len(names) {
				t.Errorf("%d of %d names cannot be typed", wrong, len(names))
			}
		})
	}
}

// sameWords compares word by word, since names mix the two styles.
func sameWords(name, old, modern string) bool {
	a, b, c := strings.Fields(name), strings.Fields(old), strings.Fields(modern)
	if len(a) != len(b) || len(a) != len(c) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && a[i] != c[i] {
			return false
		}
	}
	return true
}

func placeNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, file := range publicdata.Glob(t, "vn/units-*.tsv") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if fields := strings.Split(line, "\t"); len(fields) > 3 && utf8.RuneCountInString(fields[3]) > 1 {
				names[norm.NFC.String(fields[3])] = true
			}
		}
	}
	if len(names) < 1000 {
		t.Fatalf("only %d names found", len(names))
	}
	return names
}

func FuzzLine(f *testing.F) {
	for _, keys := range []string{"nguyeenx vawn a", "d9uo7ng2", "uoww\bdd", "ÁÀ\x01s", "ww wW"} {
		f.Add(keys, uint8(0))
		f.Add(keys, uint8(1))
	}
	f.Fuzz(func(t *testing.T, keys string, method uint8) {
		l := keyboard.Line{Method: keyboard.Method(method % 2), Modern: method&2 != 0}
		n := 0
		for _, k := range keys {
			if k == '\b' {
				l.Backspace()
				continue
			}
			n++
			l.Type(k)
			text := l.String()
			if !utf8.ValidString(text) || !norm.NFC.IsNormalString(text) {
				t.Fatalf("after %q: %q is not composed UTF-8", k, text)
			}
			if got := utf8.RuneCountInString(text); got > n {
				t.Fatalf("%d keys made %d letters: %q", n, got, text)
			}
		}
		text := l.String()
		l.Set(text)
		if l.String() != text {
			t.Fatalf("set to %q it says %q", text, l.String())
		}
	})
}

func BenchmarkType(b *testing.B) {
	for b.Loop() {
		typed(&keyboard.Line{}, "Nguyeenx Thij Thuyf Dduowng")
	}
}

func ExampleLine() {
	var l keyboard.Line
	for _, key := range "Tuws Kyf" {
		l.Type(key)
	}
	fmt.Println(&l)
	// Output: Tứ Kỳ
}
