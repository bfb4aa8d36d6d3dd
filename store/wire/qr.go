package wire

import (
	"encoding/base32"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
)

// A batch or a receipt can leave as a series of QR codes that a kiosk shows in
// turn. Each text is in the alphanumeric set, which QR codes pack best:
//
//	CHOT1/ID/INDEX/COUNT/DATA
//
// ID is the CRC-32 of the bytes in eight hexadecimal digits, INDEX counts from 1,
// DATA is base32 (RFC 4648) without padding. Codes may be read in any order and
// more than once.
const qrPrefix = "CHOT1/"

// MaxCodes is the most codes of a series.
const MaxCodes = 400

var qrText = base32.StdEncoding.WithPadding(base32.NoPadding)

// Codes splits the bytes of a batch into the texts of a series of QR codes, each
// of at most size characters.
func Codes(data []byte, size int) ([]string, error) {
	chunk := qrText.DecodedLen(size - len(qrPrefix) - len("01234567/400/400/"))
	if chunk < 16 {
		return nil, fmt.Errorf("making a series of codes: %d characters are too few for one", size)
	}
	count := (len(data) + chunk - 1) / chunk
	if count == 0 || count > MaxCodes {
		return nil, fmt.Errorf("making a series of codes: %d codes, not 1 to %d", count, MaxCodes)
	}
	texts := make([]string, count)
	for i := range texts {
		part := data[i*chunk : min((i+1)*chunk, len(data))]
		texts[i] = fmt.Sprintf("%s%08X/%d/%d/%s", qrPrefix, crc32.ChecksumIEEE(data), i+1, count, qrText.EncodeToString(part))
	}
	return texts, nil
}

// Series gathers the codes of one batch. The zero value is ready.
type Series struct {
	id    uint32
	parts [][]byte
	have  int
}

// ErrNoCode means that a text is not one of a series.
var ErrNoCode = errors.New("not a code of a series")

// code is one text of a series, its data not decoded yet.
type code struct {
	id           uint32
	index, count int
	data         string
}

func parseCode(text string) (c code, err error) {
	body, ok := strings.CutPrefix(text, qrPrefix)
	fields := strings.Split(body, "/")
	if !ok || len(fields) != 4 || len(fields[0]) != 8 {
		return c, ErrNoCode
	}
	if _, err := fmt.Sscanf(strings.Join(fields[:3], " "), "%08X %d %d", &c.id, &c.index, &c.count); err != nil {
		return c, ErrNoCode
	}
	if c.index < 1 || c.index > c.count || c.count > MaxCodes {
		return c, ErrNoCode
	}
	c.data = fields[3]
	return c, nil
}

// Follows reports whether a text is of the series that was begun, so that Add
// will not begin another.
func (s *Series) Follows(text string) bool {
	c, err := parseCode(text)
	return err == nil && s.id == c.id && len(s.parts) == c.count
}

// Add takes a text. When it is the last that was missing it returns the batch's
// bytes, and the series is ready for another. A code of another series discards
// the one that was begun.
func (s *Series) Add(text string) (data []byte, err error) {
	c, err := parseCode(text)
	if err != nil {
		return nil, err
	}
	part, err := qrText.DecodeString(c.data)
	if err != nil || len(part) == 0 {
		return nil, ErrNoCode
	}
	if s.id != c.id || len(s.parts) != c.count {
		*s = Series{id: c.id, parts: make([][]byte, c.count)}
	}
	if s.parts[c.index-1] == nil {
		s.parts[c.index-1] = part
		s.have++
	}
	if s.have < c.count {
		return nil, nil
	}
	for _, p := range s.parts {
		data = append(data, p...)
	}
	*s = Series{}
	if crc32.ChecksumIEEE(data) != c.id {
		return nil, fmt.Errorf("putting a series of codes together: its sum %08X does not hold", c.id)
	}
	return data, nil
}

// Missing is how many codes the series that was begun still lacks, of how many.
func (s *Series) Missing() (missing, count int) { return len(s.parts) - s.have, len(s.parts) }
