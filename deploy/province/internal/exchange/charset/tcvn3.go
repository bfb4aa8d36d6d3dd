package charset

import (
	"errors"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// tcvn3 is the upper half of TCVN 5712:1993, VN3: one byte a letter. Capitals with
// a tone come from a second font and have the bytes of the small letters.
var errNotTCVN3 = errors.New("the text is not TCVN3")

var tcvn3 = func() (t [256]rune) {
	for i := range 128 {
		t[i] = rune(i)
	}
	t[0xa0] = '\u00a0'
	for from, letters := range map[int]string{
		0xa1: "ĂÂÊÔƠƯĐăâêôơưđ", // a1 to ae
		0xb5: "àảãáạ",          // b5 to b9
		0xbb: "ằẳẵắ",           // bb to be
		0xc6: "ặầẩẫấậè",        // c6 to cc
		0xce: "ẻẽéẹềểễếệì",     // ce to d7
		0xd8: "ỉ",
		0xdc: "ĩíịò",       // dc to df
		0xe1: "ỏõóọồổỗốộờ", // e1 to ea
		0xeb: "ởỡớợù",      // eb to ef
		0xf1: "ủũúụừửữứựỳ", // f1 to fa
		0xfb: "ỷỹýỵ",       // fb to fe
	} {
		at := from
		for _, r := range letters {
			t[at] = r
			at++
		}
	}
	return t
}()

func fromTCVN3(data []byte) (string, error) {
	var out strings.Builder
	out.Grow(len(data) * 2)
	for _, b := range data {
		r := tcvn3[b]
		if r == 0 && b != 0 {
			return "", errNotTCVN3
		}
		out.WriteRune(r)
	}
	return norm.NFC.String(out.String()), nil
}
