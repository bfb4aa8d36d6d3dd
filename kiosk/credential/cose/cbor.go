package cose

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"chot/kiosk/credential/value"
)

// Limits of what is decoded. The largest real certificates have some 100 items
// and nest 6 deep.
const (
	MaxDepth = 16
	MaxItems = 384

	maxMembers = 64 // of an object
)

// ErrMalformed is returned for bytes that are not the CBOR asked for.
var ErrMalformed = errors.New("cose: malformed CBOR")

// Major types, RFC 8949 section 3.1.
const (
	unsigned = iota
	negative
	byteString
	textString
	array
	mapping
	tag
	simple
)

const indefinite = 31 // additional information, and with the simple type the break

// reader is a position in CBOR. T is string where decoded texts are to share
// the memory of the input.
type reader[T string | []byte] struct {
	data  T
	pos   int
	items int // left
}

type head struct {
	major byte
	info  byte   // additional information
	arg   uint64 // its argument
}

func (h head) indefinite() bool { return h.info == indefinite }

// head reads the first byte of an item and its argument.
func (r *reader[T]) head() (h head, ok bool) {
	if r.pos >= len(r.data) || r.items <= 0 {
		return h, false
	}
	r.items--
	b := r.data[r.pos]
	r.pos++
	h.major, h.info = b>>5, b&31
	if h.info < 24 {
		h.arg = uint64(h.info)
		return h, true
	}
	if h.info > 27 {
		return h, h.info == indefinite && h.major != unsigned && h.major != negative && h.major != tag
	}
	n := 1 << (h.info - 24)
	if len(r.data)-r.pos < n {
		return h, false
	}
	for _, b := range []byte(r.data[r.pos : r.pos+n]) {
		h.arg = h.arg<<8 | uint64(b)
	}
	r.pos += n
	return h, true
}

// take is the next n bytes.
func (r *reader[T]) take(n uint64) (s T, ok bool) {
	if n > uint64(len(r.data)-r.pos) {
		return s, false
	}
	s = r.data[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return s, true
}

// more says whether a map or array goes on, n entries of which have been read.
func (r *reader[T]) more(h head, n int) bool {
	if !h.indefinite() {
		return uint64(n) < h.arg
	}
	if r.pos < len(r.data) && r.data[r.pos] == 0xFF {
		r.pos++
		return false
	}
	return true
}

// skip passes over one item.
func (r *reader[T]) skip(depth int) bool {
	h, ok := r.head()
	if !ok || depth > MaxDepth {
		return false
	}
	switch h.major {
	case byteString, textString:
		if h.indefinite() {
			_, ok = r.chunks(h.major)
		} else {
			_, ok = r.take(h.arg)
		}
		return ok
	case array, mapping:
		for n := 0; r.more(h, n); n++ {
			if !r.skip(depth+1) || h.major == mapping && !r.skip(depth+1) {
				return false
			}
		}
	case tag:
		return r.skip(depth + 1)
	case simple:
		return !h.indefinite()
	}
	return true
}

// chunks reads the pieces of a string of indefinite length.
func (r *reader[T]) chunks(major byte) (string, bool) {
	var b strings.Builder
	for n := 0; r.more(head{info: indefinite}, n); n++ {
		h, ok := r.head()
		if !ok || h.major != major || h.indefinite() {
			return "", false
		}
		piece, ok := r.take(h.arg)
		if !ok {
			return "", false
		}
		b.WriteString(string(piece))
	}
	return b.String(), true
}

// Decode reads one item. Tags fall away, byte strings become texts, and keys that
// are whole numbers their decimal text. A text that is not UTF-8 is mended: a
// name cut in the middle of a letter proves no less.
//
// A key that comes twice is an error, as are bytes behind the item.
func Decode(data []byte) (*value.Value, error) {
	d := decoder{reader: reader[string]{data: string(data), items: MaxItems}}
	v := d.item(0)
	if v == nil || d.pos != len(d.data) {
		return nil, ErrMalformed
	}
	return v, nil
}

// decoder makes values.
type decoder struct {
	reader[string]
	value.Arena
}

// short reads a text of up to 23 bytes, as most keys and values are, in one step.
func (d *decoder) short() (s string, ok bool) {
	if d.pos >= len(d.data) || d.items <= 0 {
		return "", false
	}
	n := int(d.data[d.pos]) - textString<<5
	if n < 0 || n > 23 || n >= len(d.data)-d.pos {
		return "", false
	}
	s = d.data[d.pos+1 : d.pos+1+n]
	if !utf8.ValidString(s) {
		return "", false
	}
	d.items--
	d.pos += 1 + n
	return s, true
}

// item reads the next item, nil if it is not one.
func (d *decoder) item(depth int) *value.Value {
	if s, ok := d.short(); ok && depth <= MaxDepth {
		return d.Text(s)
	}
	h, ok := d.head()
	if !ok || depth > MaxDepth {
		return nil
	}
	switch h.major {
	case unsigned, negative:
		return d.number(h)
	case byteString, textString:
		s, ok := d.string(h)
		if !ok {
			return nil
		}
		return d.Text(s)
	case array, mapping:
		return d.container(h, depth)
	case tag:
		return d.item(depth + 1)
	default:
		return d.simple(h)
	}
}

func (d *decoder) number(h head) *value.Value {
	if h.arg > math.MaxInt64 {
		f := float64(h.arg)
		if h.major == negative {
			f = -1 - f
		}
		return d.Float(f)
	}
	if h.major == negative {
		return d.Int(-1 - int64(h.arg))
	}
	return d.Int(int64(h.arg))
}

func (d *decoder) string(h head) (s string, ok bool) {
	if h.indefinite() {
		s, ok = d.chunks(h.major)
	} else {
		s, ok = d.take(h.arg)
	}
	if h.major == textString && !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s, ok
}

// container reads a list or an object.
func (d *decoder) container(h head, depth int) *value.Value {
	var all *value.Value
	if h.major == mapping {
		all = d.Object()
	} else {
		all = d.List()
	}
	var last *value.Value
	for n := 0; d.more(h, n); n++ {
		var key string
		if h.major == mapping {
			var ok bool
			if key, ok = d.key(); !ok || n == maxMembers || all.Get(key) != nil {
				return nil
			}
		}
		v := d.item(depth + 1)
		if v == nil {
			return nil
		}
		all.Append(last, key, v)
		last = v
	}
	return all
}

func (d *decoder) key() (string, bool) {
	if s, ok := d.short(); ok {
		return s, true
	}
	h, ok := d.head()
	switch {
	case !ok:
		return "", false
	case h.major == textString, h.major == byteString:
		return d.string(h)
	case h.major == negative && h.arg == 259: // the claim of health certificates
		return "-260", true
	case h.major == unsigned:
		return strconv.FormatUint(h.arg, 10), true
	case h.major == negative && h.arg < math.MaxInt64:
		return strconv.FormatInt(-1-int64(h.arg), 10), true
	}
	return "", false
}

func (d *decoder) simple(h head) *value.Value {
	switch h.info {
	case 20, 21:
		return d.Bool(h.info == 21)
	case 22, 23: // null, undefined
		return d.Null()
	}
	f, ok := h.float()
	if !ok {
		return nil
	}
	return d.Float(f)
}

// float is the value of a floating-point number, RFC 8949 section 3.3.
func (h head) float() (float64, bool) {
	switch h.info {
	case 25:
		return half(uint16(h.arg)), true
	case 26:
		return float64(math.Float32frombits(uint32(h.arg))), true
	case 27:
		return math.Float64frombits(h.arg), true
	}
	return 0, false
}

// half widens a 16-bit floating-point number, RFC 8949 appendix D.
func half(b uint16) float64 {
	exp, mant := int(b>>10&0x1F), float64(b&0x3FF)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(mant, -24)
	case 31:
		f = math.Inf(1)
		if mant != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(mant+1024, exp-25)
	}
	if b&0x8000 != 0 {
		f = -f
	}
	return f
}

// appendHead appends the head of an item in its shortest form.
func appendHead(dst []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg < 24:
		return append(dst, major|byte(arg))
	case arg <= math.MaxUint8:
		return append(dst, major|24, byte(arg))
	case arg <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(arg))
	case arg <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(arg))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), arg)
}

func appendBytes(dst, b []byte) []byte {
	return append(appendHead(dst, byteString, uint64(len(b))), b...)
}
