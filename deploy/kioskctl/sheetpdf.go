package main

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
	qrcode "github.com/skip2/go-qrcode"
)

// The paper: A4, four tickets, in millimetres.
const (
	sheetMargin  = 12.0
	ticketHeight = 68.0
	ticketsAPage = 4
	codeSize     = 62.0
)

// hanoi is the time zone that people in Vietnam read expiry times in.
var hanoi = time.FixedZone("+07", 7*3600)

// printTickets draws the tickets as a PDF.
func printTickets(tickets []ticket) ([]byte, error) {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes("sans", "", liberationsansregular.TTF)
	pdf.AddUTF8FontFromBytes("sans", "B", liberationsansbold.TTF)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetTitle("Chốt", true)
	for i, t := range tickets {
		if i%ticketsAPage == 0 {
			pdf.AddPage()
		}
		if err := t.draw(pdf, sheetMargin, sheetMargin+float64(i%ticketsAPage)*ticketHeight); err != nil {
			return nil, fmt.Errorf("drawing the sheet of %s: %w", t.sheet.Kiosk, err)
		}
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("writing the PDF: %w", err)
	}
	return out.Bytes(), nil
}

// draw puts a ticket on the page, its upper left corner at x, y.
func (t ticket) draw(pdf *fpdf.Fpdf, x, y float64) error {
	width, _ := pdf.GetPageSize()
	width -= 2 * sheetMargin
	pdf.SetDrawColor(150, 150, 150)
	pdf.SetDashPattern([]float64{1, 1}, 0)
	pdf.Rect(x, y, width, ticketHeight-2, "D")
	if err := drawCode(pdf, t.code, x+2, y+2, codeSize); err != nil {
		return err
	}
	left := x + codeSize + 6
	at := y + 3
	text := func(style string, size, height float64, line string) {
		pdf.SetFont("sans", style, size)
		pdf.SetXY(left, at)
		pdf.CellFormat(x+width-left-2, height, line, "", 0, "L", false, 0, "")
		at += height
	}
	pair := func(name, value string) {
		if value == "" {
			return
		}
		pdf.SetFont("sans", "", 8)
		pdf.SetXY(left, at)
		pdf.CellFormat(34, 4.6, name, "", 0, "L", false, 0, "")
		pdf.SetFont("sans", "B", 9)
		pdf.CellFormat(x+width-left-36, 4.6, value, "", 0, "L", false, 0, "")
		at += 4.6
	}
	text("B", 15, 7, t.sheet.Kiosk)
	wifi := ""
	if t.sheet.WiFi != nil {
		wifi = t.sheet.WiFi.SSID
	}
	pair("Điểm / Site", t.sheet.Site)
	pair("Đơn vị / Unit", t.sheet.Unit)
	pair("Nhiệm vụ / Role", t.sheet.Role)
	pair("Máy chủ / Server", t.sheet.Server)
	pair("Wi-Fi", wifi)
	pair("Dùng đến / Valid until", t.until.In(hanoi).Format("15:04 02/01/2006"))
	pair("Phiếu số / Sheet", t.number)
	pair("Khóa ký / Signed by", grouped(t.signer))
	at = y + ticketHeight - 21
	for _, line := range []string{
		"1. Cắm điện, chờ màn hình “Đưa phiếu cài đặt vào khung hình”.  Plug in, wait for the set-up screen.",
		"2. Đưa mã này trước camera.  Hold this code before the camera.",
		"3. So khóa ký trên màn hình với phiếu này.  Compare the key on the screen with this one.",
		"4. Chờ mọi mục xanh, rồi hủy phiếu này.  When every part is green, destroy this sheet.",
	} {
		text("", 7.5, 3.9, line)
	}
	return pdf.Error()
}

// drawCode draws a QR code as squares, which stay sharp on any printer.
func drawCode(pdf *fpdf.Fpdf, text string, x, y, size float64) error {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("making the code: %w", err)
	}
	code.DisableBorder = true
	rows := code.Bitmap()
	const quiet = 4 // modules of white around a code, ISO/IEC 18004
	module := size / float64(len(rows)+2*quiet)
	pdf.SetFillColor(0, 0, 0)
	for i, row := range rows {
		for from := 0; from < len(row); {
			to := from
			for to < len(row) && row[to] {
				to++
			}
			if to > from { // a run of black modules at once: no hairlines between them
				pdf.Rect(x+float64(from+quiet)*module, y+float64(i+quiet)*module, float64(to-from)*module, module*1.01, "F")
			}
			from = to + 1
		}
	}
	return nil
}

// grouped sets a hexadecimal id in groups of four, which people compare.
func grouped(id string) string {
	var b bytes.Buffer
	for i, c := range id {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
