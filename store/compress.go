package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// MaxPayload is the largest payload in bytes that Append takes.
const MaxPayload = 64 << 10

// The first byte of what is sealed says how the rest is packed. Values are
// written to disk and never reused.
const (
	packedPlain byte = 0 // as it is
	packedZstd  byte = 1 // a zstd frame without its magic number
)

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

var encoder = func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithSingleSegment(true))
	if err != nil {
		panic(err)
	}
	return e
}()

var decoder = func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(MaxPayload), zstd.WithDecoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	return d
}()

// compress packs a payload for sealing: by zstd where that makes it smaller.
func compress(payload []byte) []byte {
	frame := encoder.EncodeAll(payload, make([]byte, 0, len(payload)+32))
	frame = bytes.TrimPrefix(frame, zstdMagic)
	if len(frame) < len(payload) {
		return append([]byte{packedZstd}, frame...)
	}
	return append([]byte{packedPlain}, payload...)
}

// decompress undoes compress. It never returns more than [MaxPayload] bytes,
// whatever the frame claims.
func decompress(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, errors.New("nothing is sealed")
	}
	switch body := packed[1:]; packed[0] {
	case packedPlain:
		return body, nil
	case packedZstd:
		payload, err := decoder.DecodeAll(append(bytes.Clone(zstdMagic), body...), []byte{})
		if err != nil {
			return nil, fmt.Errorf("decompressing: %w", err)
		}
		return payload, nil
	default:
		return nil, fmt.Errorf("packed in a way that this version does not know (%d)", packed[0])
	}
}
