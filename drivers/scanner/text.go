package scanner

import (
	"slices"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/common"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"golang.org/x/text/encoding/charmap"
)

// latin takes every byte as the character of the same number.
var latin = map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_CHARACTER_SET: charmap.ISO8859_1}

// text turns a QR code's data codewords into text.
//
// Byte segments without a declared character set are UTF-8 if they are valid
// UTF-8 all together, whatever its normal form and wherever an encoder has cut
// it into segments. If not, gozxing's guess between Latin-1 and Shift JIS
// decides; the bytes themselves are kept beside the text. A declared character
// set (ECI) is obeyed.
func text(data []byte, v *decoder.Version, level decoder.ErrorCorrectionLevel) (result *common.DecoderResult, raw []byte, ok bool) {
	plain, err := decoder.DecodedBitStreamParser_Decode(data, v, level, latin)
	if err != nil {
		return nil, nil, false
	}
	if declared := plain.GetSymbologyModifier()%2 == 0; declared {
		return plain, []byte(plain.GetText()), true
	}
	raw, bytes := narrow(plain.GetText())
	if bytes && utf8.Valid(raw) {
		return withText(plain, string(raw)), raw, true
	}
	if !bytes {
		raw = []byte(plain.GetText())
	}
	if len(plain.GetByteSegments()) == 0 {
		return plain, raw, true
	}
	guess, err := decoder.DecodedBitStreamParser_Decode(data, v, level, nil)
	if err != nil || !utf8.ValidString(guess.GetText()) {
		return plain, raw, true
	}
	return guess, raw, true
}

// narrow returns the characters as bytes if all of them are.
func narrow(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, true
}

func withText(r *common.DecoderResult, s string) *common.DecoderResult {
	return common.NewDecoderResultWithParams(r.GetRawBytes(), s, r.GetByteSegments(), r.GetECLevel(),
		r.GetStructuredAppendSequenceNumber(), r.GetStructuredAppendParity(), r.GetSymbologyModifier())
}

// segments joins the byte segments of a result.
func segments(r *common.DecoderResult) []byte { return slices.Concat(r.GetByteSegments()...) }
