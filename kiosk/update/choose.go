package update

import (
	"path"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"chot/kiosk/bundle"
)

// release is a published file for this architecture.
type release struct {
	bundle.File
	version string
}

// releases lists those for an architecture; other files are none of ours.
func releases(files []bundle.File, arch string) (found []release) {
	for _, f := range files {
		folder, name := path.Split(f.Name)
		version, isRelease := strings.CutPrefix(path.Clean(folder), "releases/")
		if isRelease && name == "chot-"+arch+".raucb" && semver.IsValid("v"+version) {
			found = append(found, release{f, version})
		}
	}
	return found
}

// choose picks what is to be installed: the newest release that is newer than the
// running one, was not halted and did not fail here. Where the running one was
// halted, an older one will do, and back is true: with none, the one before.
func choose(offered []release, running string, failed func(version string) bool) (best release, back bool) {
	for _, r := range offered {
		if r.version == running && r.Halted {
			back = true
		}
	}
	for _, r := range offered {
		switch {
		case r.Halted, r.version == running, failed(r.version):
		case !back && newer(running, r.version):
		case best.version == "" || newer(r.version, best.version):
			best = r
		}
	}
	return best, back
}

func newer(a, b string) bool { return semver.Compare("v"+a, "v"+b) > 0 }

// within says whether a time of day lies in a window such as "01:00-04:00", which
// may go over midnight. No window is any time; one that cannot be read is no window.
func within(window string, now time.Time) bool {
	if window == "" {
		return true
	}
	from, until, found := strings.Cut(window, "-")
	a, err := time.Parse("15:04", from)
	b, err2 := time.Parse("15:04", until)
	if !found || err != nil || err2 != nil {
		return false
	}
	minute := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	at, start, end := minute(now), minute(a), minute(b)
	if start <= end {
		return start <= at && at < end
	}
	return at >= start || at < end
}
