package trust

import "bytes"

// Index compiles identifiers as ImportRevocations does those of lists.
func Index(kind, key string, ids [][]byte) ([]byte, error) {
	b := builder{}
	for _, id := range ids {
		b.add(kind, key, id, 0)
	}
	var out bytes.Buffer
	err := b.writeTo(&out)
	return out.Bytes(), err
}
