// Package deploy_test holds the house to its plan: which package may import
// which.
package deploy_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
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
	{"kiosk/internal/*", "kiosk/credential"}, // for tests alone
	{"kiosk/trust", "kiosk/credential kiosk/credential/*"},
	{"kiosk/policy", "kiosk/credential kiosk/credential/* kiosk/certlogic"},
	{"kiosk/declaration", "kiosk/credential kiosk/record kiosk/policy"},
	{"kiosk/sampling", "kiosk/record"},
	{"kiosk/bundle", ""},
	{"kiosk/enrol", ""},
	{"kiosk/enquiry", "kiosk/record"},
	{"kiosk/update", "kiosk/bundle"},
	{"kiosk/provision", "kiosk/credential kiosk/credential/* kiosk/enrol"},
	{"kiosk/checkpoint", "kiosk/condition kiosk/credential kiosk/policy kiosk/record kiosk/declaration kiosk/sampling"},
	{"ui", "kiosk/checkpoint ui/*"},
	{"ui/catalog", ""},
	{"ui/*", ""},
	{"kiosk", "kiosk/appliance"},
	{"kiosk/condition", ""},
	{"kiosk/staff", ""},
	{"kiosk/published", "kiosk/checkpoint kiosk/credential kiosk/credential/venuecode kiosk/declaration kiosk/policy kiosk/record kiosk/staff kiosk/trust drivers/printer"},
	{"kiosk/appliance", "kiosk/* kiosk/appliance/* kiosk/internal/drawcache drivers/* store store/* ui ui/*"},
	{"kiosk/appliance/pause", ""},
	{"kiosk/appliance/parts", "kiosk/appliance/pause kiosk/checkpoint kiosk/condition"},
	{"kiosk/appliance/internal/*", "kiosk/appliance/parts kiosk/checkpoint"}, // for tests alone
	{"kiosk/appliance/device", "kiosk/appliance/parts kiosk/appliance/pause kiosk/checkpoint kiosk/condition drivers/* ui/catalog"},
	{"kiosk/appliance/service", "kiosk/appliance/parts kiosk/appliance/pause kiosk/* kiosk/credential/* store store/*"},
	{"kiosk/appliance/setup", "kiosk/appliance/pause kiosk/checkpoint kiosk/enrol kiosk/provision kiosk/record"},
	{"kiosk/appliance/selftest", "kiosk/appliance/device kiosk/appliance/service kiosk/checkpoint store"},
	{"kiosk/appliance/display", "kiosk/appliance/pause kiosk/checkpoint drivers/camera ui ui/catalog"},
	{"deploy/province", "deploy/province/internal/* deploy/province/internal/exchange/mllp kiosk/staff kiosk/record store ui/catalog"},
	{"deploy/province/tufpublish", ""},
	{"deploy/province/load", "deploy/province/internal/* kiosk/record store/forward store/wire"},
	{"deploy/province/internal/*", "deploy/province/internal/* deploy/province/internal/exchange/* deploy/province/tufpublish kiosk/enquiry kiosk/record kiosk/credential kiosk/credential/* store store/wire ui/catalog"},
	{"deploy/province/internal/exchange/*", "deploy/province/internal/* deploy/province/internal/exchange/*"},
	{"deploy/kioskctl", "deploy/province/* kiosk/* kiosk/credential/* drivers/* store store/*"},
	{"deploy/image", ""},
	{"deploy/image/*", ""},
	{"deploy/testbed/bench/*", ""},
	{"deploy/testbed/publicdata", "deploy/testbed/harness"},
	{"deploy/testbed/*", "kiosk/credential kiosk/credential/* kiosk/enrol kiosk/trust"},
	{"deploy", ""},
}

// What a library brings along: modules that are reached with it.
const (
	cbor   = " github.com/fxamacker/cbor/v2 github.com/x448/float16"
	tuf    = " github.com/theupdateframework/go-tuf/v2 github.com/sigstore/* github.com/secure-systems-lab/go-securesystemslib github.com/opencontainers/go-digest github.com/google/go-containerregistry google.golang.org/protobuf google.golang.org/genproto/googleapis/api golang.org/x/crypto golang.org/x/sys golang.org/x/term"
	codes  = " github.com/makiuchi-d/gozxing github.com/skip2/go-qrcode golang.org/x/xerrors golang.org/x/image golang.org/x/text golang.org/x/sys"
	fonts  = " codeberg.org/go-fonts/liberation golang.org/x/image"
	gpio   = " periph.io/x/conn/v3 periph.io/x/host/v3"
	fyne   = " fyne.io/fyne/v2 github.com/fredbi/uri github.com/fyne-io/oksvg github.com/go-text/* github.com/jeandeaual/go-locale github.com/nicksnyder/go-i18n/v2 github.com/srwiley/* github.com/yuin/goldmark golang.org/x/image golang.org/x/net golang.org/x/sys golang.org/x/text"
	bun    = " github.com/uptrace/bun github.com/uptrace/bun/dialect/* github.com/jinzhu/inflection github.com/puzpuzpuz/xsync/v3 github.com/tmthrgd/go-hex github.com/vmihailenco/*/v5 github.com/vmihailenco/*/v2 github.com/pressly/goose/v3 github.com/mfridman/interpolate github.com/sethvargo/go-retry go.uber.org/multierr"
	sqlite = " modernc.org/* github.com/dustin/go-humanize github.com/google/uuid github.com/remyoudompheng/bigfft"
	pgx    = " github.com/jackc/*/v5 github.com/jackc/*/v2 github.com/jackc/* golang.org/x/text"
	prom   = " github.com/prometheus/* github.com/beorn7/perks github.com/cespare/xxhash/v2 github.com/munnerz/goautoneg google.golang.org/protobuf golang.org/x/sys"
	excel  = " github.com/xuri/* github.com/xuri/excelize/v2 github.com/richardlehane/* github.com/tiendc/go-deepcopy golang.org/x/crypto golang.org/x/net golang.org/x/text"
	window = " fyne.io/systray github.com/rymdport/portal github.com/godbus/dbus/v5 github.com/fsnotify/fsnotify github.com/fyne-io/image github.com/go-gl/gl github.com/go-gl/glfw/*/glfw github.com/jsummers/gobmp github.com/nfnt/resize"
	shell  = " github.com/alecthomas/kong github.com/BurntSushi/toml"
)

// credentials and rules are what a verdict is made of.
const (
	credentials  = "kiosk/credential kiosk/credential/*"
	rules        = credentials + " kiosk/certlogic kiosk/policy kiosk/record kiosk/declaration kiosk/sampling kiosk/condition"
	checkModules = cbor + " github.com/gowebpki/jcs github.com/klauspost/compress golang.org/x/text"
)

// appliance is what the kiosk's program is wired of.
const (
	appliance = "drivers/* store store/* ui ui/* kiosk/checkpoint kiosk/staff kiosk/trust kiosk/published kiosk/bundle kiosk/update kiosk/enrol kiosk/enquiry kiosk/provision " +
		"kiosk/internal/drawcache kiosk/appliance/* " + rules
	applianceModules = "github.com/BurntSushi/toml github.com/coreos/go-systemd/v22 github.com/smallstep/pkcs7 github.com/cenkalti/backoff/v5 " +
		"golang.org/x/mod golang.org/x/sync go.bug.st/serial go.etcd.io/bbolt" + checkModules + codes + fonts + gpio + fyne + tuf
)

// floors lists what each floor may reach, directly and through others: packages of
// ours, and modules of third parties. The first floor that fits a package counts.
// What is reached and not listed fails the test, and so does what is listed and
// reached by no package of the floor.
var floors = []struct{ pkgs, ours, modules string }{
	{"drivers/*", "drivers/camera", "go.bug.st/serial golang.org/x/sys" + codes + fonts + gpio},
	{"store store/*", "store store/wire", "github.com/klauspost/compress go.etcd.io/bbolt golang.org/x/crypto golang.org/x/sys" + cbor},
	{credentials, credentials, checkModules},
	{"kiosk/staff", "", "golang.org/x/crypto golang.org/x/sys"},
	{"kiosk/certlogic kiosk/record kiosk/condition kiosk/enquiry", "kiosk/record", cbor},
	{"kiosk/policy kiosk/declaration kiosk/sampling", credentials + " kiosk/certlogic kiosk/policy kiosk/record", checkModules},
	{"kiosk/checkpoint", rules, checkModules},
	{"kiosk/trust", credentials, checkModules},
	{"kiosk/published", rules + " kiosk/checkpoint kiosk/staff kiosk/trust drivers/printer", "github.com/klauspost/compress golang.org/x/crypto github.com/gowebpki/jcs" + cbor + codes + fonts},
	{"kiosk/bundle kiosk/update", "kiosk/bundle", "golang.org/x/mod github.com/cenkalti/backoff/v5" + tuf},
	{"kiosk/enrol kiosk/provision", credentials + " kiosk/enrol", "github.com/smallstep/pkcs7 golang.org/x/text" + cbor},
	{"kiosk/internal/*", "kiosk/credential", "github.com/smallstep/pkcs7"},
	{"ui ui/*", rules + " kiosk/checkpoint ui/*", "github.com/skip2/go-qrcode" + checkModules + fyne},
	{"kiosk", appliance + " kiosk/appliance", applianceModules + window},
	{"kiosk/appliance kiosk/appliance/* kiosk/appliance/internal/*", appliance, applianceModules},
	{"deploy/province deploy/province/* deploy/province/internal/* deploy/province/internal/exchange/*",
		"deploy/province/internal/* deploy/province/internal/exchange/* deploy/province/tufpublish kiosk/enquiry kiosk/record kiosk/staff " + credentials + " store store/* ui/catalog",
		"github.com/coreos/go-systemd/v22 github.com/danielgtaylor/huma/v2 github.com/klauspost/compress github.com/smallstep/pkcs7 go.etcd.io/bbolt golang.org/x/sync" +
			shell + bun + sqlite + pgx + prom + excel + tuf + cbor},
	{"deploy/kioskctl", rules + " drivers/* store store/* kiosk/checkpoint kiosk/staff kiosk/trust kiosk/published kiosk/enrol deploy/province/tufpublish",
		"codeberg.org/go-pdf/fpdf github.com/smallstep/pkcs7 go.bug.st/serial go.etcd.io/bbolt golang.org/x/sync" +
			checkModules + codes + fonts + gpio + tuf + shell},
	{"deploy/image deploy/image/*", "", "golang.org/x/sys"},
	{"deploy/testbed/* deploy/testbed/bench/*", credentials + " kiosk/enrol kiosk/trust deploy/testbed/harness",
		"github.com/gowebpki/jcs github.com/klauspost/compress github.com/skip2/go-qrcode github.com/smallstep/pkcs7 golang.org/x/mod golang.org/x/sync golang.org/x/sys golang.org/x/text golang.org/x/tools" +
			shell + cbor + sqlite},
	{"deploy", "", ""},
}

// windows is the package that opens them: only the kiosk's main may.
const windows = "fyne.io/fyne/v2/app"

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Module     *struct{ Path string }
}

// packages lists ours, and all that they reach, with their modules.
func packages(t *testing.T) (ours []listed, module map[string]string) {
	t.Helper()
	out, err := exec.Command("go", "list", "-tags", "gles", "-deps", "-json=ImportPath,Imports,Deps,Module", "chot/...").Output()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	module = map[string]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return ours, module
		} else if err != nil {
			t.Fatalf("reading the list of packages: %v", err)
		}
		switch {
		case p.Module == nil: // the standard library
		case p.Module.Path == "chot":
			ours = append(ours, p)
		default:
			module[p.ImportPath] = p.Module.Path
		}
	}
}

// fitting is the pattern that fits a name, "" if none does.
func fitting(patterns, name string) string {
	for _, p := range strings.Fields(patterns) {
		if ok, _ := path.Match(p, name); ok {
			return p
		}
	}
	return ""
}

// permits says what may be used by whom, and notes what is.
type permits struct {
	t    *testing.T
	used map[string]bool
}

// use fails where no pattern of a row allows what a package uses.
func (p permits) use(row, patterns, pkg, what, how string) {
	pattern := fitting(patterns, what)
	if pattern == "" {
		p.t.Errorf("%s %s %s, which the row %q does not name", pkg, how, what, row)
	}
	p.used[row+" > "+pattern] = true
}

// idle fails where a row allows what none of its packages uses.
func (p permits) idle(row, patterns string) {
	if !p.used[row] {
		p.t.Errorf("the row %q fits no package", row)
		return
	}
	for _, pattern := range strings.Fields(patterns) {
		if !p.used[row+" > "+pattern] {
			p.t.Errorf("the row %q names %s, which none of its packages uses", row, pattern)
		}
	}
}

func TestImportsFollowThePlan(t *testing.T) {
	t.Parallel()
	ours, _ := packages(t)
	p := permits{t, map[string]bool{}}
	for _, pkg := range ours {
		name := strings.TrimPrefix(pkg.ImportPath, "chot/")
		row, may := "", ""
		for _, r := range plan {
			if fitting(r.pkg, name) != "" {
				row, may = r.pkg, r.may
				break
			}
		}
		if row == "" {
			t.Errorf("%s has no row in the plan", name)
			continue
		}
		p.used[row] = true
		for _, imp := range pkg.Imports {
			if of, is := strings.CutPrefix(imp, "chot/"); is {
				p.use(row, may, name, of, "imports")
			}
			if imp == windows && name != "kiosk" {
				t.Errorf("%s imports %s: only the kiosk's main opens a window", name, imp)
			}
		}
	}
	for _, r := range plan {
		p.idle(r.pkg, r.may)
	}
}

func TestFloorsReachWhatTheyMay(t *testing.T) {
	t.Parallel()
	ours, module := packages(t)
	p := permits{t, map[string]bool{}}
	for _, pkg := range ours {
		name := strings.TrimPrefix(pkg.ImportPath, "chot/")
		at := slices.IndexFunc(floors, func(f struct{ pkgs, ours, modules string }) bool { return fitting(f.pkgs, name) != "" })
		if at < 0 {
			t.Errorf("%s is on no floor", name)
			continue
		}
		floor := floors[at]
		p.used[floor.pkgs] = true
		for _, dep := range pkg.Deps {
			if of, is := strings.CutPrefix(dep, "chot/"); is {
				p.use(floor.pkgs, floor.ours, name, of, "reaches")
			} else if m := module[dep]; m != "" {
				p.use(floor.pkgs, floor.modules, name, m, "reaches")
			}
		}
	}
	for _, f := range floors {
		p.idle(f.pkgs, f.ours+" "+f.modules)
	}
}
