package printer

import (
	"bytes"
	"fmt"
	"io"
)

// escpos is Epson's language for receipt printers, as its imitations speak it.
type escpos struct{}

var _ = register(Language{Name: "escpos", Aliases: []string{"ESC/POS", "ESCPOS", "EPSON"}, speaks: escpos{}})

const (
	esc = 0x1b
	gs  = 0x1d
	dle = 0x10
	eot = 0x04

	// bandRows is what cheap printers have memory for.
	bandRows = 128
)

func (escpos) encode(p *Page, o EncodeOptions) []byte {
	var b bytes.Buffer
	for range o.copies() {
		b.Write([]byte{esc, '@'})
		y := 0
		if o.NativeCodes && p.layout.Height == 0 {
			y = escposNative(&b, p)
		}
		escposRaster(&b, p.raster(true), y, p.h)
		// Feed to the knife, and cut but for one point.
		b.Write([]byte{gs, 'V', 'B', 0})
	}
	return b.Bytes()
}

// escposNative prints all down to the last code, the codes by the printer
// itself, and returns the row after it. On a slip nothing stands beside a
// code.
func escposNative(b *bytes.Buffer, p *Page) (y int) {
	all := p.raster(false)
	for _, it := range p.items {
		if it.code == nil {
			continue
		}
		escposRaster(b, all, y, it.y)
		b.Write([]byte{esc, 'a', 1})
		if it.code.kind == Code128Element {
			escposCode128(b, it.code)
		} else {
			escposQR(b, it.code)
		}
		b.Write([]byte{esc, 'a', 0})
		y = it.y + it.code.h
	}
	return y
}

// escposRaster prints rows as GS v 0, in bands.
func escposRaster(b *bytes.Buffer, bits *bitmap, y, end int) {
	for ; y < end; y += bandRows {
		band := bits.rows(y, min(y+bandRows, end))
		b.Write([]byte{gs, 'v', '0', 0, byte(band.stride), byte(band.stride >> 8), byte(band.h), byte(band.h >> 8)})
		b.Write(band.bits)
	}
}

// escposCode128 is GS k 73 in code set B, with the module as the width of bars
// and no text below.
func escposCode128(b *bytes.Buffer, c *symbol) {
	b.Write([]byte{gs, 'h', byte(min(c.h, 255)), gs, 'w', byte(min(max(c.module, 2), 6)), gs, 'H', 0})
	data := "{B"
	for _, r := range c.text {
		if r == '{' {
			data += "{"
		}
		data += string(r)
	}
	b.Write([]byte{gs, 'k', 73, byte(len(data))})
	b.WriteString(data)
}

// escposQR is GS ( k: model 2, size of the module, error correction, store,
// print.
func escposQR(b *bytes.Buffer, c *symbol) {
	function := func(fn byte, args ...byte) {
		n := len(args) + 2
		b.Write([]byte{gs, '(', 'k', byte(n), byte(n >> 8), '1', fn})
		b.Write(args)
	}
	function('A', '2', 0)
	function('C', byte(min(c.module, 16)))
	function('E', map[string]byte{"L": '0', "M": '1', "Q": '2', "H": '3'}[c.ecc])
	function('P', append([]byte{'0'}, c.text...)...)
	function('Q', '0')
}

// ask sends DLE EOT 1 to 4, each answered at once with one byte. Fixed bits
// tell an answer from noise.
func (escpos) ask(rw io.ReadWriter) (Status, error) {
	var s Status
	for n, bits := range [][8]Status{
		0: {3: Offline},
		1: {2: HeadOpen, 5: PaperOut},
		2: {3: Jammed, 5: Offline, 6: Overheated},
		3: {2: PaperLow, 3: PaperLow, 5: PaperOut, 6: PaperOut},
	} {
		answer, err := query(rw, string([]byte{dle, eot, byte(n + 1)}), 1)
		if err != nil {
			return 0, err
		}
		if answer[0]&0x93 != 0x12 {
			return 0, fmt.Errorf("the printer answered %#02x to DLE EOT %d", answer[0], n+1)
		}
		for i, bit := range bits {
			if answer[0]&(1<<i) != 0 {
				s |= bit
			}
		}
	}
	if s&(PaperOut|HeadOpen) != 0 {
		s &^= Offline // which only repeats it
	}
	return s, nil
}

// settled sends GS r 1, which unlike DLE EOT waits in the buffer behind the
// job.
func (escpos) settled(rw io.ReadWriter) error {
	_, err := query(rw, string([]byte{gs, 'r', 1}), 1)
	return err
}

// abort sends DLE ENQ 2: recover, and clear the buffers.
func (escpos) abort() []byte { return []byte{dle, 0x05, 2} }

// resync ends what may have been a picture with white.
func (escpos) resync(unsent int) []byte {
	return append(make([]byte, unsent), dle, 0x05, 2, esc, '@')
}
