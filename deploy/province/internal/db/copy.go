package db

import (
	"encoding/binary"
	"fmt"
	"io"
	"reflect"

	"github.com/uptrace/bun/schema"
)

// copyReader writes rows in PostgreSQL's binary format of COPY (its documentation,
// SQL commands, COPY, binary format): a signature, for each row the number of its
// columns and for each of these a length and the bytes, and a trailer. The
// columns' types follow from the fields' by the conventions of this package:
// integers are as wide as in Go, times BIGINT.
type copyReader struct {
	table *schema.Table
	rows  *cursor
	left  []byte // of what is written, what has not been read
	room  []byte // nil before anything was written
	ended bool
}

var copySignature = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")

// full is how much is written before it is read, in bytes.
const full = 32 << 10

// Read implements io.Reader. It fills p: each Read becomes a message, for which
// the database is woken.
func (c *copyReader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(c.left) == 0 {
			if c.ended {
				return n, io.EOF
			}
			if err := c.fill(); err != nil {
				return n, err
			}
		}
		m := copy(p[n:], c.left)
		n, c.left = n+m, c.left[m:]
	}
	return n, nil
}

func (c *copyReader) fill() error {
	b := c.room[:0]
	if c.room == nil {
		b = append(b, copySignature...)
	}
	for c.rows.left > 0 && len(b) < full {
		row := c.rows.next()
		b = binary.BigEndian.AppendUint16(b, uint16(len(c.table.Fields)))
		for _, f := range c.table.Fields {
			var err error
			if b, err = appendField(b, f.Value(row)); err != nil {
				return fmt.Errorf("column %s: %w", f.Name, err)
			}
		}
	}
	if c.rows.left == 0 {
		b, c.ended = binary.BigEndian.AppendUint16(b, 0xffff), true
	}
	c.left, c.room = b, b
	return nil
}

var timeType = reflect.TypeFor[Time]()

func appendField(b []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.Int16:
		return binary.BigEndian.AppendUint16(append(b, 0, 0, 0, 2), uint16(v.Int())), nil
	case reflect.Int32:
		return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(v.Int())), nil
	case reflect.Int64:
		return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(v.Int())), nil
	case reflect.String:
		return append(binary.BigEndian.AppendUint32(b, uint32(v.Len())), v.String()...), nil
	case reflect.Slice:
		if v.IsNil() {
			return append(b, 0xff, 0xff, 0xff, 0xff), nil // NULL
		}
		return append(binary.BigEndian.AppendUint32(b, uint32(v.Len())), v.Bytes()...), nil
	}
	if v.Type() == timeType {
		return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(v.Interface().(Time).milli())), nil
	}
	return nil, fmt.Errorf("a %s cannot be copied", v.Type())
}
