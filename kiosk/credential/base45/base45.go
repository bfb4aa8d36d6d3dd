// Package base45 is the encoding of bytes that suits the alphanumeric mode of a
// QR code: two bytes become three of its 45 characters, a last single byte two
// (RFC 9285). HC1 certificates and the slips of a kiosk are written in it.
//
// Decoding is strict, as the RFC asks: a character outside the alphabet, a
// dangling character and a group that stands for more than its bytes can hold
// are errors, so that no two texts decode to the same bytes.
package base45

import "errors"

// ErrInvalid is returned for a text that is not base45.
var ErrInvalid = errors.New("base45: invalid text")

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// value of each character, none for those outside the alphabet.
var value = func() (v [256]uint32) {
	for i := range v {
		v[i] = none
	}
	for i, c := range []byte(alphabet) {
		v[c] = uint32(i)
	}
	return v
}()

// none is so large that a group holding one exceeds every limit.
const none = 1 << 20

// EncodedLen is the number of characters that n bytes take.
func EncodedLen(n int) int { return n/2*3 + n%2*2 }

// DecodedLen is the number of bytes that n characters stand for.
func DecodedLen(n int) int { return n/3*2 + n%3/2 }

// AppendEncode appends the text of src to dst.
func AppendEncode(dst, src []byte) []byte {
	for ; len(src) >= 2; src = src[2:] {
		n := uint32(src[0])<<8 | uint32(src[1])
		dst = append(dst, alphabet[n%45], alphabet[n/45%45], alphabet[n/(45*45)])
	}
	if len(src) == 1 {
		dst = append(dst, alphabet[src[0]%45], alphabet[src[0]/45])
	}
	return dst
}

// AppendDecode appends the bytes that the text stands for to dst. On an error
// what was appended is meaningless.
func AppendDecode[T string | []byte](dst []byte, text T) ([]byte, error) {
	if len(text)%3 == 1 {
		return dst, ErrInvalid
	}
	i := 0
	for ; i+3 <= len(text); i += 3 {
		n := value[text[i]] + 45*value[text[i+1]] + 45*45*value[text[i+2]]
		if n > 0xFFFF {
			return dst, ErrInvalid
		}
		dst = append(dst, byte(n>>8), byte(n))
	}
	if i < len(text) {
		n := value[text[i]] + 45*value[text[i+1]]
		if n > 0xFF {
			return dst, ErrInvalid
		}
		dst = append(dst, byte(n))
	}
	return dst, nil
}
