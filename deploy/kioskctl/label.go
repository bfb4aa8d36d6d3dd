package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"chot/drivers/printer"
)

type labelCmd struct {
	Form     string `default:"sample" help:"What to print: sample, slip, result or test."`
	Size     string `default:"50x25" help:"Paper: of labels width by height in mm, such as 50x25; of receipts the width, 58 or 80."`
	Language string `default:"tspl" enum:"${printer_languages}" help:"The printer's language: ${enum}."`
	DPI      int    `name:"dpi" default:"203" enum:"203,300" help:"The printer's dots an inch: ${enum}."`
	Copies   int    `default:"1" help:"How many of it."`
	Native   bool   `help:"Have the printer draw the codes, instead of sending them as dots."`
	Layout   string `type:"existingfile" help:"A layout in place of the built-in one of that form and size."`
	PNG      bool   `name:"png" help:"Write the picture of it instead, one pixel a dot."`
	Out      string `short:"o" help:"File to write to; standard output unless given." placeholder:"FILE"`
	Fields   string `arg:"" name:"fields.json" help:"What stands on it: a JSON object of texts; - for standard input."`
}

// labelLine is what label prints where the label itself goes to a file.
type labelLine struct {
	File  string `json:"file"`
	Bytes int    `json:"bytes"`
}

// Run draws one label as a kiosk would, and writes what the printer is sent.
func (c *labelCmd) Run(con *console) error {
	layout, err := c.layout()
	if err != nil {
		return err
	}
	fields, err := c.fields(con.in, layout)
	if err != nil {
		return err
	}
	page, err := printer.Render(layout, fields, c.DPI)
	if err != nil {
		return fmt.Errorf("drawing the label: %w", err)
	}
	var data []byte
	if c.PNG {
		var b bytes.Buffer
		err, data = png.Encode(&b, page.Picture()), b.Bytes()
	} else {
		data, err = printer.Encode(c.Language, page, printer.EncodeOptions{Copies: c.Copies, NativeCodes: c.Native})
	}
	if err != nil {
		return fmt.Errorf("encoding the label: %w", err)
	}
	if c.Out == "" {
		_, err = con.out.Write(data)
	} else {
		err = os.WriteFile(c.Out, data, 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing the label: %w", err)
	}
	if c.Out == "" {
		return nil
	}
	return con.print(labelLine{c.Out, len(data)})
}

func (c *labelCmd) layout() (printer.Layout, error) {
	if c.Layout == "" {
		return printer.Builtin().Find(c.Form, c.Size)
	}
	data, err := os.ReadFile(c.Layout)
	if err != nil {
		return printer.Layout{}, fmt.Errorf("opening the layout: %w", err)
	}
	return printer.ParseLayout(data)
}

// maxFields bounds the file of fields, in bytes.
const maxFields = 1 << 20

// fields reads what stands on the label. A field that the form does not have is
// refused: it would be left out in silence.
func (c *labelCmd) fields(in io.Reader, layout printer.Layout) (map[string]string, error) {
	if c.Fields != "-" {
		file, err := os.Open(c.Fields)
		if err != nil {
			return nil, fmt.Errorf("opening the fields: %w", err)
		}
		defer file.Close()
		in = file
	}
	var fields map[string]string
	if err := json.NewDecoder(io.LimitReader(in, maxFields)).Decode(&fields); err != nil {
		return nil, fmt.Errorf("reading the fields from %s: %w", c.Fields, err)
	}
	known := layout.Fields() // and what the form has in other sizes, which this one may leave out
	for _, l := range printer.Builtin() {
		if l.Form == layout.Form {
			known = append(known, l.Fields()...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("the %s for %s has no field %q; it has %s", layout.Form, layout.Media, name, strings.Join(layout.Fields(), ", "))
		}
	}
	return fields, nil
}
