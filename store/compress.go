package store

import (
	"bytes"
	_ "embed" // for the dictionary
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// MaxPayload is the largest payload in bytes that Append takes.
const MaxPayload = 64 << 10

// The first byte of what is sealed says how the rest is packed. Values are
// written to disk and never reused.
const (
	packedPlain byte = 0 // as it is
	packedDict1 byte = 1 // a zstd frame with dictionary 1, without its magic number
)

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// dictionary1 is trained on invented records, which are as short as sentences: by
// themselves they hardly compress.
//
//go:generate go test -count=1 -run TestTrainDictionary -train .
//go:embed dictionary1.zdict
var dictionary1 []byte

// The levels and the other options only weigh time against size: any reader of
// the format reads what any of them makes. A frame of one segment bears its
// length, and no sum: the seal around it is stronger than one.
var encoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderDict(dictionary1), zstd.WithEncoderCRC(false),
		zstd.WithSingleSegment(true), zstd.WithEncoderConcurrency(0), zstd.WithNoEntropyCompression(true), zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(MaxPayload), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		panic(err) // the dictionary is part of the program
	}
	return e
})

var decoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(MaxPayload), zstd.WithDecoderConcurrency(0),
		zstd.WithDecoderLowmem(true), zstd.WithDecoderDicts(dictionary1))
	if err != nil {
		panic(err) // the dictionary is part of the program
	}
	return d
})

// compress packs a payload for sealing: by zstd (RFC 8878) where that makes it
// smaller.
func compress(payload []byte) []byte {
	packed := encoder().EncodeAll(payload, make([]byte, 0, len(payload)+64))
	if packed = packed[min(len(packed), len(zstdMagic)):]; len(packed) == 0 || len(packed) >= len(payload) {
		return append([]byte{packedPlain}, payload...)
	}
	return append([]byte{packedDict1}, packed...)
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
	case packedDict1:
		payload, err := decoder().DecodeAll(append(bytes.Clone(zstdMagic), body...), []byte{})
		if err != nil {
			return nil, fmt.Errorf("decompressing: %w", err)
		}
		return payload, nil
	default:
		return nil, fmt.Errorf("packed in a way that this version does not know (%d)", packed[0])
	}
}
