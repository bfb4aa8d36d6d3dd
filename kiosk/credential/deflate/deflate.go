// Package deflate decompresses the content of codes (RFC 1951) within a limit,
// by klauspost's flate with readers that are used again.
package deflate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// ErrTooLong is returned for a stream that stands for more bytes than the caller
// allows: a code may be made to grow a thousandfold.
var ErrTooLong = errors.New("deflate: longer than allowed")

// decompressor is a reader with its window and tables, some 40 kB, and its input.
type decompressor struct {
	in  bytes.Reader
	out io.ReadCloser
}

var pool = sync.Pool{New: func() any {
	d := new(decompressor)
	d.out = flate.NewReader(&d.in)
	return d
}}

// Append appends to dst what the stream at the beginning of src stands for, at
// most limit bytes. What follows the stream's final block is not looked at: it is
// no part of the content, and issuers leave check sums there.
func Append(dst, src []byte, limit int) ([]byte, error) {
	d := pool.Get().(*decompressor)
	defer pool.Put(d)
	d.in.Reset(src)
	defer d.in.Reset(nil)
	if err := d.out.(flate.Resetter).Reset(&d.in, nil); err != nil {
		return dst, fmt.Errorf("decompressing: %w", err)
	}
	start := len(dst)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := d.out.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst)-start > limit:
			return dst[:start], ErrTooLong
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst[:start], fmt.Errorf("decompressing: %w", err)
		}
	}
}
