package charset

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

const sentence = "Họ và tên,Kết quả\nNguyễn Thị Thử,Âm tính\nĐỗ Hữu Dũng,Dương tính\n"

func wideBytes(text string, little, mark bool) []byte {
	var out []byte
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		if little {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return out
}

// cp1258 is the sentence as a Vietnamese Windows writes it: tones are bytes of
// their own.
const cp1258 = "Ho\xf2 va\xcc t\xean,K\xea\xect qua\xd2\nNguy\xea\xden Thi\xf2 Th\xfd\xd2,\xc2m ti\xecnh\n\xd0\xf4\xde H\xfd\xfeu Du\xdeng,D\xfd\xf5ng ti\xecnh\n"

// tcvn is the sentence in TCVN3.
const tcvn = "H\xe4 v\xb5 t\xaan,K\xd5t qu\xb6\nNguy\xd4n Th\xde Th\xf6,\xa2m t\xddnh\n\xa7\xe7 H\xf7u D\xf2ng,D\xad\xacng t\xddnh\n"

func TestEveryEncodingIsTold(t *testing.T) {
	t.Parallel()
	from1258 := strings.ReplaceAll(cp1258, "H\xfd\xfeu", "H\xfd\xdeu")
	as1252 := func(raw string) []byte {
		text, err := charmap.Windows1252.NewDecoder().String(raw)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(text)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"UTF-8":                    {[]byte(sentence), UTF8},
		"UTF-8 with a mark":        {[]byte("\xef\xbb\xbf" + sentence), UTF8},
		"decomposed":               {[]byte(norm.NFD.String(sentence)), UTF8},
		"UTF-16LE":                 {wideBytes(sentence, true, true), UTF16LE},
		"UTF-16BE":                 {wideBytes(sentence, false, true), UTF16BE},
		"UTF-16LE without a mark":  {wideBytes("tube,result\n"+sentence, true, false), UTF16LE},
		"UTF-16BE without a mark":  {wideBytes("tube,result\n"+sentence, false, false), UTF16BE},
		"windows-1258":             {[]byte(from1258), Windows1258},
		"TCVN3":                    {[]byte(tcvn), TCVN3},
		"1258 taken for 1252":      {as1252(from1258), Windows1258},
		"UTF-8 taken for 1252":     {as1252(strings.NewReplacer("ỗ", "ô", "ử", "ư", "Đ", "D").Replace("Âm tính,Kêt\n")), UTF8},
		"plain ASCII is UTF-8 too": {[]byte("tube,result\n"), UTF8},
	} {
		text, encoding, err := Decode(c.data, "")
		want := sentence
		switch {
		case strings.Contains(name, "without a mark"):
			want = "tube,result\n" + sentence
		case strings.Contains(name, "ASCII"):
			want = "tube,result\n"
		case name == "UTF-8 taken for 1252":
			want = "Âm tính,Kêt\n"
		}
		if err != nil || encoding != c.want || text != want {
			t.Errorf("%s: %q as %s, %v", name, text, encoding, err)
		}
	}
}

func TestWhatCannotBeToldIsRefused(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"bytes of no table":       "K\x81\x8d\x9d\xff\xfe\x01",
		"letters of other people": "M\xfcller,Gr\xf6\xdfe,\xc5ngstr\xf6m",
	} {
		if text, encoding, err := Decode([]byte(data), ""); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %q as %s, %v", name, text, encoding, err)
		}
	}
	if _, _, err := Decode([]byte(sentence), "KOI8-R"); err == nil {
		t.Error("an encoding that is not listed is taken")
	}
	if _, _, err := Decode([]byte("\xff"), UTF8); err == nil {
		t.Error("bytes that are not UTF-8 are taken for it")
	}
	for _, name := range Names {
		if _, _, err := Decode([]byte("ab"), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{sentence, cp1258, tcvn, "\xff\xfea\x00", "\xc3\x82m"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, name, err := Decode(data, "")
		if err == nil && (!utf8.ValidString(text) || name == "" || strings.ContainsRune(text, utf8.RuneError) && !strings.Contains(string(data), "\xef\xbf\xbd") && name == UTF8) {
			t.Fatalf("%q as %s", text, name)
		}
	})
}
