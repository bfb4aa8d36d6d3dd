package service

import (
	"context"
	"errors"
	"testing"

	"chot/kiosk/bundle"
	"chot/kiosk/update"
	"chot/ui/catalog"
)

// places are the sources that have a release, by their addresses.
type places map[string]bool

func (p places) Fetch(_ context.Context, from bundle.Source, f bundle.File) (string, error) {
	if !p[from.URL] {
		return "", errors.New("not there")
	}
	return from.URL + "/" + f.Name, nil
}

func TestAReleaseComesFromAStickBeforeTheNetwork(t *testing.T) {
	t.Parallel()
	stick := func() (string, error) { return t.TempDir(), nil }
	none := func() (string, error) { return "", errNoStick }
	const onStick, atProvince = "file://", "https://province"
	for name, c := range map[string]struct {
		has  places
		find func() (string, error)
		want string
	}{
		"a stick that has it":         {places{onStick: true, atProvince: true}, stick, onStick + "/r"},
		"a stick without a network":   {places{onStick: true}, stick, onStick + "/r"},
		"a stick with something else": {places{atProvince: true}, stick, atProvince + "/r"},
		"no stick":                    {places{onStick: true, atProvince: true}, none, atProvince + "/r"},
		"nothing":                     {places{}, stick, ""},
	} {
		got, err := fetchRelease(t.Context(), c.has, c.find, bundle.Source{URL: atProvince}, bundle.File{Name: "r"})
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

// The technician's page and the province's page of the fleet name the release
// that did not last; what is wrong has words in every language.
func TestAReleaseThatDidNotLastIsNamedAndWorded(t *testing.T) {
	t.Parallel()
	for _, why := range []string{update.NotInstalled, update.NotStarted, update.NotHealthy} {
		r := NewReleases("1.1.0")
		if r.value() != "1.1.0" || r.wrong() != nil {
			t.Errorf("nothing failed: %q, %v", r.value(), r.wrong())
		}
		r.failed.Store(&update.Failure{Version: "1.2.0", Why: why})
		if want := "1.1.0 (1.2.0: " + why + ")"; r.value() != want {
			t.Errorf("%q, want %q", r.value(), want)
		}
		for _, l := range catalog.Languages() {
			if !l.Has("condition." + r.wrong()[0].Code) {
				t.Errorf("%s has no words for %s", l.Code, r.wrong()[0].Code)
			}
		}
	}
}
