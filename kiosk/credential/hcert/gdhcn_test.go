package hcert

import (
	"fmt"
	"strings"
	"testing"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/internal/suite"
)

// TestGDHCN reads the HC1 texts that WHO's network publishes. What is right the
// suite says by the kind of certificate that a file's name begins with; their keys
// are not in it. Some files are several texts run together, of which one at least
// must be a certificate.
func TestGDHCN(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "gdhcn")
	families := map[string]credential.FamilyID{"EU": credential.EUDCC, "WHO": credential.WHODDCC, "DVC": credential.WHODVC, "ICVP": credential.WHODVC}
	var table suite.Table
	for _, name := range suite.Files(t, folder, "*.txt") {
		text := strings.TrimRight(string(suite.Read(t, folder, name)), "\r\n")
		if !Family.Recognise(text) {
			continue
		}
		whole, detail := false, ""
		for _, part := range strings.SplitAfter(strings.ReplaceAll(text, prefix, "\n"+prefix), "\n") {
			if part = strings.TrimSuffix(part, "\n"); part == "" {
				continue
			}
			c, err := Family.Read(part, nil)
			ok := err == nil && c.Standing == credential.UnknownIssuer && (c.Link != nil || c.Holder.Name != "" && len(c.Events) > 0)
			for kind, family := range families {
				ok = ok && (!strings.HasPrefix(name, kind) || c.Family == family)
			}
			for _, e := range c.Events {
				ok = ok && !e.At.IsZero() && e.Disease != ""
			}
			whole = whole || ok
			if c.Standing == credential.Forged || c.Standing == credential.Signed {
				t.Errorf("%s: %v without a key", name, c.Standing)
			}
			detail += fmt.Sprintf("%s, %v %q, %+v; ", c.Family, c.Standing, c.Problem, c.Events)
		}
		table.Score("text", name, whole, detail, "")
	}
	table.Report(t)
}
