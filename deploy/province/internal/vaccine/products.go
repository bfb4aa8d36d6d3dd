package vaccine

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"chot/deploy/province/internal/exchange"
)

//go:embed vaccines.json
var vaccinesJSON []byte

// vaccines are the products that Vietnam has used, with the parts of their names by
// which they are recognised however they are spelt, and their codes (CVX, the EU's
// register, ICD-11).
var vaccines = func() (all []struct {
	Name                string
	Parts, Words, Codes []string
}) {
	if err := json.Unmarshal(vaccinesJSON, &all); err != nil {
		panic(err) // the file is compiled in
	}
	return all
}()

// product is the name of the vaccine that a statement names, false where none or
// more than one is named.
func product(d exchange.Dose) (string, bool) {
	var found []string
	add := func(name string) {
		if !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	texts := []string{d.Product}
	for _, c := range d.Codes {
		texts = append(texts, c.Text)
		for _, v := range vaccines {
			if slices.Contains(v.Codes, c.Code) {
				add(v.Name)
			}
		}
	}
	for _, text := range texts {
		plain := strings.ReplaceAll(exchange.Plain(text), "-", "")
		for _, v := range vaccines {
			named := slices.ContainsFunc(v.Parts, func(part string) bool { return strings.Contains(plain, part) })
			if named || slices.Contains(v.Words, plain) || slices.Contains(v.Codes, text) {
				add(v.Name)
			}
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}
