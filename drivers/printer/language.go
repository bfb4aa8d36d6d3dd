package printer

import (
	"fmt"
	"io"
)

// language is how a kind of printer is spoken to.
type language interface {
	// encode makes a job of a page.
	encode(p *Page, o EncodeOptions) []byte
	// ask writes a query and reads the answer. It returns io.EOF or a time-out
	// where there is none.
	ask(rw io.ReadWriter) (Status, error)
	// settled waits until the printer has worked off what was written, so that
	// the next status speaks of the whole job; nil where ask tells Busy.
	settled(rw io.ReadWriter) error
	// abort takes back what the printer holds of jobs.
	abort() []byte
	// resync brings a printer that was left in the middle of a job back to the
	// beginning of a command; unsent is how much of the job it has not seen.
	resync(unsent int) []byte
}

var languages = map[string]language{"tspl": tspl{}, "zpl": zpl{}, "escpos": escpos{}}

// EncodeOptions say how a page becomes commands.
type EncodeOptions struct {
	Copies int // 0 is one
	// NativeCodes has the printer draw Code 128 and QR codes. Otherwise they
	// are sent as dots, which come out the same on every printer: printers
	// choose code sets, versions and masks of their own, and with them widths
	// that the layout does not know.
	NativeCodes bool
}

func (o EncodeOptions) copies() int { return max(o.Copies, 1) }

// Encode returns the commands that print a page, in "tspl", "zpl" or "escpos".
func Encode(language string, p *Page, o EncodeOptions) ([]byte, error) {
	l, ok := languages[language]
	if !ok {
		return nil, fmt.Errorf("no printer language %q; there are tspl, zpl and escpos", language)
	}
	return l.encode(p, o), nil
}
