package hcert

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"path"
	"strings"
	"testing"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/internal/suite"
)

// TestSamplesAsIssued reads the pictures that countries published of their
// certificates. Their keys are not public, so that all are of unknown issuers. What
// is right the suite says by the folder of the country and, where it does, by the
// kind in the file's name.
func TestSamplesAsIssued(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "hcert/qa")
	var table suite.Table
	for _, name := range append(suite.Files(t, folder, "*.png"), suite.Files(t, folder, "*.jp*g")...) {
		picture, format, err := image.Decode(bytes.NewReader(suite.Read(t, folder, name)))
		if err != nil {
			table.Score("picture", name, false, "", "it is no picture: "+err.Error())
			continue
		}
		text := scan(picture)
		if !Family.Recognise(text) {
			table.Score("picture", name, text != "", fmt.Sprintf("%q", text), "") // of another family
			continue
		}
		c, _ := Family.Read(text, nil)
		country, _, _ := strings.Cut(name, "/")
		ok := c.Standing == credential.UnknownIssuer && len(c.Events) > 0 && c.Holder.Name != ""
		ok = ok && (len(country) != 2 || c.Issuer.Country == country)
		for _, e := range c.Events {
			ok = ok && !e.At.IsZero() && e.Unread == 0
			for mark, kind := range map[string]credential.EventKind{"VAC": credential.Dose, "TEST": credential.Test, "REC": credential.Recovery} {
				if strings.HasPrefix(strings.ToUpper(path.Base(name)), mark) {
					ok = ok && e.Kind == kind
				}
			}
		}
		table.Score("certificate ("+format+")", name, ok, fmt.Sprintf("%v %q, %+v", c.Standing, c.Problem, c.Events), "")
	}
	table.Report(t)
}
