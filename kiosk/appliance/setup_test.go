package appliance

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chot/kiosk/checkpoint"
	"chot/ui/catalog"
)

func bundleOf(files map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

// Every reason that staff are offered has words in every language: none appears
// as "another reason".
func TestShippedReasonsHaveWords(t *testing.T) {
	t.Parallel()
	d := shippedDay()
	if err := d.check(); err != nil {
		t.Fatal(err)
	}
	for place, codes := range map[string][]string{
		"option.reason": d.TestReasons, "reprint.reason": d.ReprintReasons, "void.reason": d.VoidReasons,
		"manual.reason": d.ManualReasons, "override.reason": d.OverrideReasons,
	} {
		for _, language := range catalog.Languages() {
			for _, code := range codes {
				if !language.Has(place + "." + code) {
					t.Errorf("%s has no words for %s.%s", language.Code, place, code)
				}
			}
		}
	}
}

func TestTheProvinceDecidesAboutTheDay(t *testing.T) {
	t.Parallel()
	c := config{Language: "en", Unit: "11074", Retention: duration{21 * 24 * time.Hour}}
	s, err := c.setup(bundleOf(map[string]string{
		"checkpoint.json": `{"directions": ["through"], "services": ["declare"], "fever": 37.8, "fever_level": "red", "pool_most": 5,
			"retention": "168h", "campaign": "app", "agencies": [{"code": "a1", "name": "Trường thử", "people": 30}]}`,
		"content/5k.json": `{"messages": [{"id": "k1", "texts": {"vi": "Khẩu trang"}, "source": "BYT", "date": "2021-08-01T00:00:00Z"}],
			"links": [{"ID": "app", "URL": "https://example.org"}]}`,
	}), "hall-1")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Directions, []checkpoint.Direction{checkpoint.Through}) || s.Fever != 37.8 || s.FeverLevel != checkpoint.Red ||
		s.PoolMost != 5 || s.PoolLeast != 2 || s.Retention != 7*24*time.Hour || len(s.Agencies) != 1 || s.Agencies[0].People != 30 {
		t.Errorf("%+v", s)
	}
	if len(s.Content) != 1 || s.Content[0].Texts["vi"] != "Khẩu trang" || len(s.Links) != 1 || s.Languages[0] != "en" {
		t.Errorf("content %+v, links %+v", s.Content, s.Links)
	}
}

func TestARetentionIsNeverLengthened(t *testing.T) {
	t.Parallel()
	c := config{Retention: duration{24 * time.Hour}}
	for most, want := range map[time.Duration]time.Duration{0: 24 * time.Hour, time.Hour: time.Hour, 100 * time.Hour: 24 * time.Hour} {
		if got := c.retention(day{Retention: duration{most}}); got != want {
			t.Errorf("at most %s: %s, want %s", most, got, want)
		}
	}
}

func TestADayThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, says string }{
		{`{"directions": ["up"]}`, "directions"}, {`{"directions": []}`, "directions"}, {`{"techniques": ["smell"]}`, "techniques"},
		{`{"fever": 3.75}`, "fever"}, {`{"pool_most": 1}`, "pool"}, {`{"pool_most": 400}`, "pool"}, {`{"copies": 0}`, "copies"},
		{`{"read_until": "1m"}`, "antigen"}, {`{"slip_valid": "0s"}`, "time"}, {`{"tries": 0}`, "tried"}, {`{"fever_level": "pink"}`, "checkpoint.json"},
		{`[]`, "checkpoint.json"},
	} {
		if _, err := loadDay(bundleOf(map[string]string{"checkpoint.json": c.text})); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, which should say %q", c.text, err, c.says)
		}
	}
}

func TestFilesThatCannotBeReadKeepTheOldSetup(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"forms/health.json": "{", "content/5k.json": "[", "checkpoint.json": "{"} {
		if _, err := (config{}).setup(bundleOf(map[string]string{name: text}), "hall-1"); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
