package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// output is how results are written: to a person at a terminal as lines of
// "name  value", to anything else, or by --json, one JSON object a line.
type output struct {
	w     io.Writer
	plain bool
}

// forPeople says whether w is a terminal.
func forPeople(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (o output) write(v any) error {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	if o.plain {
		text, err := readable(line.Bytes())
		if err != nil {
			return err
		}
		line.Reset()
		line.WriteString(text)
	}
	_, err := o.w.Write(line.Bytes())
	return err
}

// readable writes the members of a JSON object one a line, in their order, with
// an empty line after the object.
func readable(object []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return string(object), err
	}
	var text strings.Builder
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return "", err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return "", err
		}
		shown := string(value)
		if text := ""; json.Unmarshal(value, &text) == nil {
			shown = text
		}
		fmt.Fprintf(&text, "%-12s %s\n", name, shown)
	}
	text.WriteByte('\n')
	return text.String(), nil
}
