package device

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"sync"
	"time"
)

// note is one tone of a signal; a rest where its pitch is 0.
type note struct {
	pitch float64 // Hz
	long  time.Duration
}

// signals are what is heard without a recorded prompt. They differ in
// number, pitch and direction, so that they are told apart by those who hear
// only low or only high tones.
var signals = map[string][]note{
	"shown.green": {{659, 120 * time.Millisecond}, {880, 200 * time.Millisecond}},
	"shown.amber": {{587, 160 * time.Millisecond}, {0, 80 * time.Millisecond}, {587, 160 * time.Millisecond}},
	"shown.red":   {{440, 250 * time.Millisecond}, {330, 250 * time.Millisecond}, {247, 400 * time.Millisecond}},
	"away":        {{784, 100 * time.Millisecond}, {0, 100 * time.Millisecond}, {784, 100 * time.Millisecond}, {0, 100 * time.Millisecond}, {784, 100 * time.Millisecond}},
	"unchecked":   {{523, 300 * time.Millisecond}},
	"test":        {{440, 200 * time.Millisecond}, {554, 200 * time.Millisecond}, {659, 200 * time.Millisecond}},
}

// toneOf is the WAV file of a prompt's signal; a slip's is that of its colour.
// Other screens are silent.
func toneOf(prompt string) []byte {
	if colour, ok := strings.CutPrefix(prompt, "slip."); ok {
		prompt = "shown." + colour
	}
	return tones()[prompt]
}

var tones = sync.OnceValue(func() map[string][]byte {
	all := map[string][]byte{}
	for prompt, notes := range signals {
		all[prompt] = wave(notes)
	}
	return all
})

const sampleRate = 22050 // Hz

// wave renders notes as a WAV file of one channel with 16 bits.
func wave(notes []note) []byte {
	const (
		loud = 0.6 * math.MaxInt16
		fade = sampleRate / 200 // samples over which a note comes and goes: no click
	)
	var samples []int16
	for _, n := range notes {
		count := int(n.long.Seconds() * sampleRate)
		for i := range count {
			edge := min(1, float64(min(i, count-1-i))/fade)
			samples = append(samples, int16(loud*edge*math.Sin(2*math.Pi*n.pitch*float64(i)/sampleRate)))
		}
	}
	size := uint32(2 * len(samples))
	var out bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&out, binary.LittleEndian, v) // to memory, of fixed sizes
		}
	}
	put([]byte("RIFF"), 36+size, []byte("WAVEfmt "), uint32(16))
	put(uint16(1), uint16(1), uint32(sampleRate), uint32(2*sampleRate), uint16(2), uint16(16)) // PCM, mono, 16 bits
	put([]byte("data"), size, samples)
	return out.Bytes()
}
