package record

import (
	"fmt"
	"reflect"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// MaxPayload bounds an encoded body, in bytes. The largest that a kiosk makes, a
// health report with every condition set, takes less than a quarter of it.
const MaxPayload = 16 << 10

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxNestedLevels:  8,
		MaxArrayElements: 1024,
		MaxMapPairs:      256,
	}.DecMode())
)

func must[M any](mode M, err error) M {
	if err != nil {
		panic(err) // the options above contradict each other: a mistake in this file
	}
	return mode
}

// Encode writes a body. The same body always gives the same bytes.
func Encode(body Body) ([]byte, error) {
	payload, err := encoding.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encoding a record of kind %d: %w", body.Kind(), err)
	}
	if len(payload) > MaxPayload {
		return nil, fmt.Errorf("encoding a record of kind %d: %d bytes are more than %d", body.Kind(), len(payload), MaxPayload)
	}
	return payload, nil
}

// Decode reads what Encode wrote, perhaps in another version: keys that it does
// not know are skipped. A kind that it does not know is an [UnknownKind], so that
// a province can keep the bytes for later.
func Decode(kind Kind, at time.Time, payload []byte) (Record, error) {
	empty, ok := bodies[kind]
	if !ok {
		return Record{}, UnknownKind(kind)
	}
	if len(payload) > MaxPayload {
		return Record{}, fmt.Errorf("decoding a record of kind %d: %d bytes are more than %d", kind, len(payload), MaxPayload)
	}
	into := empty()
	if err := decoding.Unmarshal(payload, into); err != nil {
		return Record{}, fmt.Errorf("decoding a record of kind %d: %w", kind, err)
	}
	return Record{Time: at, Body: reflect.ValueOf(into).Elem().Interface().(Body)}, nil
}

// UnknownKind is the error for a record of a kind that this version does not know.
type UnknownKind Kind

func (k UnknownKind) Error() string {
	return fmt.Sprintf("decoding a record: kind %d is unknown to this version", uint8(k))
}
