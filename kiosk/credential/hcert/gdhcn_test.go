package hcert

import (
	"strings"
	"testing"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/internal/suite"
)

// TestGDHCN reads the HC1 texts that WHO's network publishes.
func TestGDHCN(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "gdhcn")
	families := map[string]credential.FamilyID{"EU": credential.EUDCC, "WHO": credential.WHODDCC, "DVC": credential.WHODVC}
	for _, name := range suite.Files(t, folder, "*.txt") {
		text := strings.TrimRight(string(suite.Read(t, folder, name)), "\r\n")
		if !Family.Recognise(text) {
			continue
		}
		// One file is two texts run together, the second of which expires at
		// "not a number": a time that proves nothing.
		if i := strings.LastIndex(text, prefix); i > 0 {
			if second, err := Family.Read(text[i:], nil); err != nil || second.Problem != credential.Malformed {
				t.Errorf("%s, the second text: %v %q", name, second.Standing, second.Problem)
			}
			text = text[:i]
		}
		c, err := Family.Read(text, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for prefix, family := range families {
			if strings.HasPrefix(name, prefix) && c.Family != family {
				t.Errorf("%s is taken for %s", name, c.Family)
			}
		}
		if c.Standing != credential.UnknownIssuer || c.Holder.Name == "" || c.Holder.Birth.Year == 0 || len(c.Events) != 1 || c.Events[0].At.IsZero() {
			t.Errorf("%s: %v %q %+v %+v", name, c.Standing, c.Problem, c.Holder, c.Events)
		}
	}
}
