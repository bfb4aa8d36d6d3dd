// Package deploy_test holds the house to its plan: which package may import
// which.
package deploy_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// plan lists, for each package of the module, which others it may import
// directly. A pattern is a path.Match pattern below the module; the first
// pattern that fits a package counts. An import that no pattern allows fails
// the test, and so does a package that the plan does not know.
var plan = []struct{ pkg, may string }{
	{"drivers/camera", ""},
	{"drivers/scanner", "drivers/camera"},
	{"drivers/*", ""},
	{"store", ""},
	{"store/wire", "store"},
	{"store/*", "store store/wire"},
	{"kiosk/certlogic", ""},
	{"kiosk/record", ""},
	{"kiosk/credential", ""},
	{"kiosk/credential/families", "kiosk/credential kiosk/credential/*"},
	{"kiosk/credential/*", "kiosk/credential kiosk/credential/*"},
	{"kiosk/credential/*/*", "kiosk/credential kiosk/credential/*"},
	{"kiosk/internal/*", "kiosk/credential"}, // for tests alone
	{"kiosk/trust", "kiosk/credential kiosk/credential/*"},
	{"kiosk/internal/suite", "kiosk/credential"},
	{"kiosk/policy", "kiosk/credential kiosk/credential/* kiosk/certlogic"},
	{"kiosk/declaration", "kiosk/credential kiosk/record kiosk/policy"},
	{"kiosk/sampling", "kiosk/credential kiosk/record"},
	{"kiosk/bundle", ""},
	{"kiosk/enrol", ""},
	{"kiosk/enquiry", "kiosk/record"},
	{"kiosk/update", "kiosk/bundle"},
	{"kiosk/provision", "kiosk/credential kiosk/credential/* kiosk/enrol"},
	{"kiosk/checkpoint", "kiosk/condition kiosk/credential kiosk/policy kiosk/record kiosk/declaration kiosk/sampling"},
	{"ui", "kiosk/checkpoint ui/*"},
	{"ui/catalog", ""},
	{"ui/*", "kiosk/checkpoint ui/*"},
	{"kiosk", "kiosk/appliance"},
	{"kiosk/condition", ""},
	{"kiosk/published", "kiosk/checkpoint kiosk/credential kiosk/credential/place kiosk/declaration kiosk/policy kiosk/record kiosk/trust drivers/printer"},
	{"kiosk/appliance", "kiosk/* kiosk/appliance/* kiosk/internal/drawcache drivers/* store store/* ui ui/*"},
	{"kiosk/appliance/pause", ""},
	{"kiosk/appliance/parts", "kiosk/appliance/pause kiosk/checkpoint kiosk/condition"},
	{"kiosk/appliance/internal/*", "kiosk/appliance/parts kiosk/checkpoint"}, // for tests alone
	{"kiosk/appliance/device", "kiosk/appliance/parts kiosk/appliance/pause kiosk/checkpoint kiosk/condition drivers/* ui/catalog"},
	{"kiosk/appliance/service", "kiosk/appliance/parts kiosk/appliance/pause kiosk/* kiosk/credential/* store store/*"},
	{"kiosk/appliance/setup", "kiosk/appliance/pause kiosk/checkpoint kiosk/enrol kiosk/provision kiosk/record"},
	{"kiosk/appliance/selftest", "kiosk/appliance/device kiosk/appliance/service kiosk/checkpoint store"},
	{"kiosk/appliance/display", "kiosk/checkpoint drivers/camera ui"},
	{"deploy/province", "deploy/province/internal/* deploy/province/tufpublish kiosk/enquiry kiosk/record kiosk/credential kiosk/credential/* store store/wire ui/catalog"},
	{"deploy/province/tufpublish", ""},
	{"deploy/province/load", "deploy/province/internal/* kiosk/record store/forward store/wire"},
	{"deploy/province/internal/*", "deploy/province/internal/* deploy/province/tufpublish kiosk/enquiry kiosk/record kiosk/credential kiosk/credential/* store store/wire ui/catalog"},
	{"deploy/province/internal/exchange/*", "deploy/province/internal/* deploy/province/internal/exchange/* kiosk/record"},
	{"deploy/kioskctl", "deploy/province/* kiosk/* kiosk/credential/* drivers/* store store/*"},
	{"deploy/image", ""},
	{"deploy/image/*", ""},
	{"deploy/testbed", "deploy/testbed/* kiosk/* kiosk/credential/* drivers/* store store/*"},
	{"deploy/testbed/bench/*", "deploy/testbed/bench/* drivers/*"},
	{"deploy/testbed/*", "deploy/testbed/* kiosk/* kiosk/credential/* drivers/* store store/*"},
	{"deploy", ""},
}

// never lists what must not be reached even through others.
var never = []struct{ pkg, what string }{
	{"kiosk/checkpoint", "fyne.io/fyne/v2 go.etcd.io/bbolt chot/drivers/* chot/store"},
	{"deploy/province", "fyne.io/fyne/v2 chot/ui chot/drivers/*"},
	{"deploy/kioskctl", "fyne.io/fyne/v2"},
	{"ui", "fyne.io/fyne/v2/app go.etcd.io/bbolt chot/drivers/*"},
	{"drivers/*", "fyne.io/fyne/v2"},
	{"kiosk/appliance", "fyne.io/fyne/v2/app"},
}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-tags", "gles", "-json=ImportPath,Imports,Deps", "chot/...").Output()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("reading the list of packages: %v", err)
		}
		all = append(all, p)
	}
}

func fits(patterns, name string) bool {
	for _, p := range strings.Fields(patterns) {
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	return false
}

func TestImportsFollowThePlan(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "chot/")
		may, known := "", false
		for _, row := range plan {
			if fits(row.pkg, name) {
				may, known = row.may, true
				break
			}
		}
		if !known {
			t.Errorf("%s stands in no room of the plan", name)
		}
		for _, imp := range p.Imports {
			if of, ours := strings.CutPrefix(imp, "chot/"); ours && !fits(may, of) {
				t.Errorf("%s imports %s, which it may not", name, of)
			}
		}
		for _, row := range never {
			if !fits(row.pkg, name) {
				continue
			}
			for _, dep := range p.Deps {
				if fits(row.what, dep) {
					t.Errorf("%s reaches %s, which it must never", name, dep)
				}
			}
		}
		if name != "kiosk" {
			for _, imp := range p.Imports {
				if imp == "fyne.io/fyne/v2/app" {
					t.Errorf("%s imports fyne.io/fyne/v2/app: only the kiosk's main opens a window", name)
				}
			}
		}
	}
}
