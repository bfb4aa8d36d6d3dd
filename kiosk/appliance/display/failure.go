package display

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	qrcode "github.com/skip2/go-qrcode"

	"chot/ui/catalog"
)

// ShowFailure shows why the kiosk cannot start: in words for whoever stands there,
// in every language, and for the technician the error itself, with a code to read
// by phone. version is the program's.
func (d *Display) ShowFailure(err error, version string) {
	fyne.DoAndWait(func() { d.pictures.window.SetContent(failure(err, version)) })
}

// maxFailure bounds the error that is shown, in bytes: what is wrong stands at its
// end.
const maxFailure = 600

func failure(err error, version string) fyne.CanvasObject {
	text := strings.ToValidUTF8(err.Error(), "?")
	if len(text) > maxFailure {
		text = "…" + strings.ToValidUTF8(text[len(text)-maxFailure:], "")
	}
	lines := container.NewVBox()
	for _, l := range catalog.Languages() {
		title := canvas.NewText(l.Text("failure.title"), color.Black)
		title.TextSize, title.TextStyle.Bold = 34, true
		advice := widget.NewLabel(l.Text("failure.advice"))
		advice.Wrapping = fyne.TextWrapWord
		lines.Add(container.NewVBox(title, advice))
	}
	detail := widget.NewLabel(text)
	detail.Wrapping = fyne.TextWrapWord
	detail.TextStyle.Monospace = true
	lines.Add(detail)
	row := container.NewBorder(nil, nil, nil, failureCode("Chot "+version+"\n"+text), lines)
	page := container.NewStack(canvas.NewRectangle(color.White), container.NewPadded(container.NewPadded(row)))
	return container.NewThemeOverride(page, onWhite{theme.DefaultTheme()})
}

// onWhite is a theme whose letters are dark, whatever the system prefers,
// and large.
type onWhite struct{ fyne.Theme }

func (t onWhite) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return t.Theme.Color(name, theme.VariantLight)
}

func (t onWhite) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNameText {
		return 20 // read by people who stand
	}
	return t.Theme.Size(name)
}

// failureCode is the error as a QR code, or nothing if it does not fit one.
func failureCode(text string) fyne.CanvasObject {
	code, err := qrcode.New(text, qrcode.Low)
	if err != nil {
		return canvas.NewRectangle(color.White)
	}
	picture := canvas.NewImageFromImage(code.Image(-4))
	picture.FillMode, picture.ScaleMode = canvas.ImageFillContain, canvas.ImageScalePixels
	picture.SetMinSize(fyne.NewSquareSize(360))
	return container.NewCenter(picture)
}
