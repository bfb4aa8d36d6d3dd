package store

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// tailOf returns the tail with its key as the transaction sees it, nil if the
// file has no tail.
func tailOf(tx *bbolt.Tx) (k, v []byte) {
	cursor := tx.Bucket(bucketMeta).Cursor()
	for k, v = cursor.First(); k != nil && len(k) != keySize; {
		k, v = cursor.Next()
	}
	return k, v
}

// cursor goes over all chunks in the order of their keys: those of the entries,
// and then the tail, whose key is the highest.
type cursor struct {
	entries *bbolt.Cursor
	key     []byte // of the tail; nil if there is no tail
	tail    []byte
	at      where
}

type where int

const (
	inEntries where = iota
	atTail
	atEnd
)

func newCursor(tx *bbolt.Tx) *cursor {
	k, v := tailOf(tx)
	return &cursor{entries: tx.Bucket(bucketEntries).Cursor(), key: k, tail: v}
}

// seek goes to the first chunk whose key is not before this one.
func (c *cursor) seek(key []byte) (k, v []byte) {
	c.at = inEntries
	if k, v = c.entries.Seek(key); k != nil {
		return k, v
	}
	c.at = atEnd
	if bytes.Compare(c.key, key) < 0 {
		return nil, nil
	}
	return c.prev()
}

func (c *cursor) next() (k, v []byte) {
	if c.at != inEntries {
		c.at = atEnd
		return nil, nil
	}
	if k, v = c.entries.Next(); k != nil {
		return k, v
	}
	c.at = atEnd
	if c.key == nil {
		return nil, nil
	}
	return c.prev()
}

func (c *cursor) prev() (k, v []byte) {
	switch {
	case c.at == atEnd && c.key != nil:
		c.at = atTail
		return c.key, c.tail
	case c.at != inEntries:
		c.at = inEntries
		return c.entries.Last()
	}
	return c.entries.Prev()
}
