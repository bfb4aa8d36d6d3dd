package printer_test

import (
	"bytes"
	"fmt"

	"chot/drivers/printer"
)

// A layout that is data becomes a page, and a page a printer's commands. A
// printer is given the page itself: Open("/dev/usb/lp*", "").Print(ctx, page, 1).
func Example() {
	layout, err := printer.ParseLayout([]byte(`{
		"form": "tag", "media": "30x15", "width": 30, "height": 15, "gap": 2,
		"elements": [
			{"kind": "text", "x": 1, "y": 1, "w": 15, "h": 5, "size": 4, "bold": true, "text": "{name}"},
			{"kind": "qr", "x": 17, "y": 1, "w": 12, "h": 12, "text": "{code}"}
		]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := printer.Render(layout, map[string]string{"name": "Ngọc", "code": "K07-0004127"}, 203)
	if err != nil {
		fmt.Println(err)
		return
	}
	job, err := printer.Encode("tspl", page, printer.EncodeOptions{Copies: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	lines := bytes.Split(job, []byte("\r\n"))
	fmt.Printf("%s\n%s\n", lines[0], lines[len(lines)-2])
	fmt.Println(page.Picture().Bounds().Size())
	// Output:
	// SIZE 30 mm,15 mm
	// PRINT 1,2
	// (240,120)
}
