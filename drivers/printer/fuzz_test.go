package printer

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode"
)

// FuzzLayout draws what a layout from the network asks for, and has a printer of
// each language work it off.
func FuzzLayout(f *testing.F) {
	f.Add([]byte(`{"form":"f","media":"m","width":20,"height":20,"elements":[{"kind":"qr","x":1,"y":1,"w":18,"h":18,"text":"{code}"}]}`), "K07-1")
	f.Add([]byte(`{"form":"f","media":"58","width":48,"elements":[{"kind":"text","w":48,"text":"{name}","size":4,"lines":2,"align":"center"},{"kind":"code128","w":48,"h":9,"text":"{code}"}]}`), "Ỷ")
	f.Fuzz(func(t *testing.T, data []byte, value string) {
		l, err := ParseLayout(data)
		if err != nil {
			return
		}
		fields := map[string]string{}
		for _, name := range l.Fields() {
			fields[name] = value
		}
		p, err := Render(l, fields, 203)
		if err != nil {
			return // a code that does not fit
		}
		for _, it := range p.items {
			if it.x < 0 || it.y < 0 || it.x+it.bits.w > p.w+1 || it.y+it.bits.h > p.h+1 {
				t.Errorf("%d×%d dots at %d,%d are off a page of %d×%d", it.bits.w, it.bits.h, it.x, it.y, p.w, p.h)
			}
		}
		for name := range simulated {
			if _, s := runJob(t, name, p, EncodeOptions{}); len(s.strange) > 0 {
				t.Errorf("%s: the printer found strange: %q", name, s.strange)
			}
		}
	})
}

// FuzzAnswer has printers answer anything to a question for their state.
func FuzzAnswer(f *testing.F) {
	f.Add("zpl", []byte("\x02030,0,0,0255,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,1,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"))
	f.Add("tspl", []byte{0x05})
	f.Add("escpos", []byte{0x16, 0x12, 0x32, 0x12, 0x72})
	f.Fuzz(func(t *testing.T, language string, answer []byte) {
		l, known := FindLanguage(language)
		if !known {
			return
		}
		s, err := l.speaks.ask(struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(answer), io.Discard})
		if err == nil && len(answer) == 0 {
			t.Errorf("%s takes silence for %q", language, s)
		}
	})
}

// FuzzDeviceID reads what USB printers say of themselves.
func FuzzDeviceID(f *testing.F) {
	f.Add("MFG:Zebra;MDL:ZD220;CMD:ZPL;CLS:PRINTER;")
	f.Add("MANUFACTURER:TSC\n;MODEL:\x00TE210;COMMAND SET:TSPL2")
	f.Fuzz(func(t *testing.T, text string) {
		id := parseDeviceID(text)
		if strings.ContainsFunc(id.String(), unicode.IsControl) {
			t.Errorf("%q would be shown as %q", text, id)
		}
		if l, known := id.language(); known && l.speaks == nil {
			t.Errorf("%q speaks %q, which is not spoken here", text, l.Name)
		}
	})
}
