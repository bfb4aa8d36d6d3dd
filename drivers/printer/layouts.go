package printer

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed layouts/*.json
var builtin embed.FS

// Layouts is a collection of layouts by form and media.
type Layouts map[[2]string]Layout

// Builtin returns the layouts that every kiosk has.
func Builtin() Layouts {
	all, err := LoadLayouts(builtin, "layouts/*.json")
	if err != nil {
		panic(err) // a test loads them
	}
	return all
}

// LoadLayouts reads the files that match a pattern, one layout each.
func LoadLayouts(files fs.FS, pattern string) (Layouts, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, fmt.Errorf("listing layouts: %w", err)
	}
	all := Layouts{}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("opening a layout: %w", err)
		}
		l, err := ParseLayout(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[[2]string{l.Form, l.Media}] = l
	}
	return all, nil
}

// With returns the layouts with those of more in place of their namesakes.
func (l Layouts) With(more Layouts) Layouts {
	all := Layouts{}
	for _, from := range []Layouts{l, more} {
		for k, v := range from {
			all[k] = v
		}
	}
	return all
}

// Find returns the layout of a form for a media.
func (l Layouts) Find(form, media string) (Layout, error) {
	if found, ok := l[[2]string{form, media}]; ok {
		return found, nil
	}
	var has []string
	for k := range l {
		if k[0] == form {
			has = append(has, k[1])
		}
	}
	slices.Sort(has)
	return Layout{}, fmt.Errorf("no layout of form %q for media %q; there are %q", form, media, has)
}
