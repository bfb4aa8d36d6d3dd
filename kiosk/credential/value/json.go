package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// FromJSON reads JSON. Of members of the same name the last one counts.
func FromJSON(data []byte) (*Value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("reading JSON: text follows its end")
	}
	return new(Arena).fromJSON(v), nil
}

func (a *Arena) fromJSON(v any) *Value {
	switch v := v.(type) {
	case bool:
		return a.Bool(v)
	case string:
		return a.Text(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return a.Int(n)
		}
		f, _ := v.Float64() // beyond its range it is infinite
		return a.Float(f)
	case []any:
		all := a.List()
		var last *Value
		for _, item := range v {
			next := a.fromJSON(item)
			all.Append(last, "", next)
			last = next
		}
		return all
	case map[string]any:
		all := a.Object()
		var last *Value
		for key, item := range v {
			next := a.fromJSON(item)
			all.Append(last, key, next)
			last = next
		}
		return all
	}
	return a.Null()
}
