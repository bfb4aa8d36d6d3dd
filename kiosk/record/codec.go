package record

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
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
//
// A NUL in a text, which PostgreSQL cannot store (its manual, 8.3), is read as
// U+FFFD: a record that arrived is always one that can be kept and found.
func Decode(kind Kind, at time.Time, payload []byte) (Record, error) {
	decode := kinds[kind].decode
	if decode == nil {
		return Record{}, UnknownKind(kind)
	}
	if len(payload) > MaxPayload {
		return Record{}, fmt.Errorf("decoding a record of kind %d: %d bytes are more than %d", kind, len(payload), MaxPayload)
	}
	body, err := decode(payload)
	if err != nil {
		return Record{}, fmt.Errorf("decoding a record of kind %d: %w", kind, err)
	}
	if bytes.IndexByte(payload, 0) >= 0 {
		mended := reflect.New(reflect.TypeOf(body)).Elem()
		mended.Set(reflect.ValueOf(body))
		replaceNUL(mended)
		body = mended.Interface().(Body)
	}
	return Record{Time: at, Body: body}, nil
}

// replaceNUL replaces NULs in all texts of a value.
func replaceNUL(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if text := v.String(); strings.IndexByte(text, 0) >= 0 {
			v.SetString(withoutNUL(text))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				replaceNUL(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			replaceNUL(v.Index(i))
		}
	case reflect.Map: // of texts by texts: bodies have no other
		if v.IsNil() {
			return
		}
		mended := make(map[string]string, v.Len())
		for key, value := range v.Interface().(map[string]string) {
			mended[withoutNUL(key)] = withoutNUL(value)
		}
		v.Set(reflect.ValueOf(mended))
	}
}

func withoutNUL(text string) string { return strings.ReplaceAll(text, "\x00", "\uFFFD") }

// UnknownKind is the error for a record of a kind that this version does not know.
type UnknownKind Kind

func (k UnknownKind) Error() string {
	return fmt.Sprintf("decoding a record: kind %d is unknown to this version", uint8(k))
}
