package scanner

import (
	"cmp"
	"slices"

	"github.com/makiuchi-d/gozxing/common"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// reading is a format information that a code may have.
type reading struct {
	word   int // index in formatWords
	mirror bool
	score  float32 // agreement with the modules
}

// message decodes modules as they came from the equaliser.
type message struct {
	rs       reedSolomon
	bytes    []byte    // codewords as they stand in the symbol
	trust    []float32 // how clear the least clear bit of each was
	block    []byte
	places   []int32 // the codewords of one block
	erased   []int
	order    []int
	data     []byte
	readings []reading
}

// formats lists the likeliest format informations. All 32 words are compared
// with both copies at once, which stands more damage than correcting each
// copy's bits.
func (m *message) formats(l *layout, soft []float32) []reading {
	m.readings = m.readings[:0]
	n := l.n
	places := formatModules(n)
	for word, bits := range formatWords {
		for mirror := range 2 {
			var s float32
			for _, copy := range places {
				for i, at := range copy {
					if mirror == 1 {
						at = at%n*n + at/n
					}
					v := min(max(soft[at], -1.5), 1.5)
					if bits>>(14-i)&1 == 1 {
						s += v
					} else {
						s -= v
					}
				}
			}
			m.readings = append(m.readings, reading{word, mirror == 1, s})
		}
	}
	slices.SortFunc(m.readings, func(a, b reading) int { return cmp.Compare(b.score, a.score) })
	return m.readings[:2]
}

// decode turns equalised modules into the text that they carry.
func (m *message) decode(l *layout, soft []float32) (decoded, bool) {
	formats := m.formats(l, soft)
	for _, r := range formats {
		// 30 modules, about one each when all is clear, of which two words differ
		// in ten or more.
		if r.score < 9 || r.score < formats[0].score-10 {
			break
		}
		if result, raw, ok := m.read(l, soft, r); ok {
			return decoded{result: result, raw: raw, reading: r}, true
		}
	}
	return decoded{}, false
}

func (m *message) read(l *layout, soft []float32, r reading) (result *common.DecoderResult, raw []byte, ok bool) {
	m.codewords(l, soft, r)
	level, err := decoder.ErrorCorrectionLevel_ForBits(uint(r.word >> 3))
	if err != nil || !m.correct(l.version.GetECBlocksForLevel(level)) {
		return nil, nil, false
	}
	return text(m.data, l.version, level)
}

// codewords reads the bits in their order, undoing the mask.
func (m *message) codewords(l *layout, soft []float32, r reading) {
	total := l.version.GetTotalCodewords()
	m.bytes = slices.Grow(m.bytes[:0], total)[:total]
	m.trust = slices.Grow(m.trust[:0], total)[:total]
	n, mask := l.n, l.mask(r.word&7)
	for i := range total {
		var b byte
		clear := float32(10)
		for k, at := range l.order[i*8 : i*8+8] {
			s := soft[at]
			if r.mirror {
				s = soft[int(at)%n*n+int(at)/n]
			}
			if mask[at] {
				s = -s
			}
			if s > 0 {
				b |= 0x80 >> k
			}
			clear = min(clear, abs(s))
		}
		m.bytes[i], m.trust[i] = b, clear
	}
}

// correct repairs the blocks and fills m.data.
func (m *message) correct(blocks *decoder.ECBlocks) bool {
	check := blocks.GetECCodewordsPerBlock()
	count := blocks.GetNumBlocks()
	short := blocks.GetECBlocks()[0].GetDataCodewords()
	m.data = m.data[:0]
	total := len(m.bytes)
	longer := total - count*(short+check) // that many blocks have one more
	for b := range count {
		size := short
		if b >= count-longer {
			size++
		}
		m.places = m.places[:0]
		for i := range short {
			m.places = append(m.places, int32(i*count+b))
		}
		if size > short {
			m.places = append(m.places, int32(short*count+b-(count-longer)))
		}
		for i := range check {
			m.places = append(m.places, int32(short*count+longer+i*count+b))
		}
		m.block = m.block[:0]
		for _, at := range m.places {
			m.block = append(m.block, m.bytes[at])
		}
		if !m.repair(check) {
			return false
		}
		m.data = append(m.data, m.block[:size]...)
	}
	return true
}

// repair corrects m.block. Where that fails, the least clear codewords are
// taken as erased, two more at each try (Forney's generalised minimum distance):
// an erasure costs half an error.
func (m *message) repair(check int) bool {
	if m.rs.syndromes(m.block, check) {
		return true
	}
	// A block with few check symbols finds some neighbour too easily.
	spare := 0
	if check < 12 {
		spare = 1
	}
	if wrong, ok := m.rs.correct(m.block, check, spare, nil); ok {
		return wrong <= check/2
	}
	m.order = m.order[:0]
	for i := range m.block {
		m.order = append(m.order, i)
	}
	slices.SortFunc(m.order, func(a, b int) int {
		return cmp.Compare(m.trust[m.places[a]], m.trust[m.places[b]])
	})
	const confirm = 4 // check symbols left to say that the result is right
	for e := 2; e <= check-confirm; e += 2 {
		m.erased = append(m.erased[:0], m.order[:min(e, len(m.order))]...)
		if _, ok := m.rs.correct(m.block, check, confirm, m.erased); ok {
			return true
		}
	}
	return false
}
