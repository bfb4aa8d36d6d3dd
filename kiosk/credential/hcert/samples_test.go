package hcert

import (
	"bytes"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"strings"
	"testing"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/credential/value"
	"chot/kiosk/internal/suite"
)

// TestSamplesAsIssued reads the pictures that countries published of their
// certificates. Their keys are not public, so that all are of unknown issuers.
func TestSamplesAsIssued(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "hcert/qa")
	for _, name := range suite.Files(t, folder, "*.png") {
		picture, format, err := image.Decode(bytes.NewReader(suite.Read(t, folder, name)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c, err := Family.Read(scan(picture), nil)
		country := strings.Split(name, "/")[0]
		if err != nil || c.Standing != credential.UnknownIssuer || c.Issuer.Country != country || len(c.Events) != 1 || c.Holder.Name == "" {
			t.Errorf("%s: %v, %v %q, %+v", name, err, c.Standing, c.Problem, c)
			continue
		}
		e := c.Events[0]
		kind, _, _ := strings.Cut(strings.TrimSuffix(name[strings.LastIndex(name, "/")+1:], ".png"), "_")
		if want := map[string]credential.EventKind{"VAC": credential.Dose, "TEST": credential.Test, "REC": credential.Recovery}[kind]; want != e.Kind || e.At.IsZero() {
			t.Errorf("%s: %+v", name, e)
		}
		dcc, _ := c.Payload.(*value.Object)
		t.Logf("%s (%s): %s, %s, %v", name, format, e.Kind, e.At.Format("2006-01-02"), violation((*value.Value)(dcc)))
	}
}
