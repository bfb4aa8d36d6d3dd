package published

import (
	"errors"
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

func TestDefaultsAreAKiosk(t *testing.T) {
	t.Parallel()
	d := Defaults()
	s := d.Setup(Fitted{Kiosk: "hall-1", Languages: []string{"vi", "en"}, Retention: time.Hour})
	if d.Policy == nil || d.Trust == nil || len(d.Forms) == 0 || s.Fever != 37.5 || s.Retention != time.Hour || d.Unknown != nil {
		t.Errorf("%+v\n%+v", d, s)
	}
}

// Every reason that staff are offered has words in every language: none appears
// as "another reason".
func TestShippedReasonsHaveWords(t *testing.T) {
	t.Parallel()
	c := DefaultCheckpoint()
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	for place, codes := range map[string][]string{
		"option.reason": c.TestReasons, "reprint.reason": c.ReprintReasons, "void.reason": c.VoidReasons,
		"manual.reason": c.ManualReasons, "override.reason": c.OverrideReasons,
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

func TestTheProvinceDecidesAboutTheWork(t *testing.T) {
	t.Parallel()
	d, err := Load(bundleOf(map[string]string{
		"checkpoint.json": `{"directions": ["through"], "services": ["declare"], "fever": 37.8, "fever_level": "red", "pool_most": 5,
			"retention": "168h", "campaign": "app", "agencies": [{"code": "a1", "name": "Trường thử", "people": 30}]}`,
		"content/5k.json": `{"messages": [{"id": "k1", "texts": {"vi": "Khẩu trang"}, "source": "BYT", "date": "2021-08-01T00:00:00Z"}],
			"links": [{"ID": "app", "URL": "https://example.org"}]}`,
		"content/z.json": `{"messages": [{"id": "k2", "texts": {"en": "Distance"}}]}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	s := d.Setup(Fitted{Kiosk: "hall-1", Unit: "11074", Languages: []string{"en", "vi"}, Retention: 21 * 24 * time.Hour})
	if !slices.Equal(s.Directions, []checkpoint.Direction{checkpoint.Through}) || s.Fever != 37.8 || s.FeverLevel != checkpoint.Red ||
		s.PoolMost != 5 || s.PoolLeast != 2 || s.Retention != 7*24*time.Hour || len(s.Agencies) != 1 || s.Agencies[0].People != 30 {
		t.Errorf("%+v", s)
	}
	if len(s.Content) != 2 || s.Content[0].Texts["vi"] != "Khẩu trang" || len(s.Links) != 1 || s.Languages[0] != "en" {
		t.Errorf("content %+v, links %+v", s.Content, s.Links)
	}
	// Two files do not mix: the second message has neither the first one's text nor its source and date.
	if second := s.Content[1]; len(second.Texts) != 1 || second.Source != "" || !second.Date.IsZero() {
		t.Errorf("the second message is %+v", second)
	}
}

func TestRetentionIsNeverLengthened(t *testing.T) {
	t.Parallel()
	for limit, want := range map[time.Duration]time.Duration{0: 24 * time.Hour, time.Hour: time.Hour, 100 * time.Hour: 24 * time.Hour} {
		if got := (Checkpoint{Retention: Duration{limit}}).Keep(24 * time.Hour); got != want {
			t.Errorf("at most %s: %s, want %s", limit, got, want)
		}
	}
}

// What cannot be used is refused with the file, the key and what is allowed.
func TestErrorsNameFileKeyAndWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, text, says string }{
		{"checkpoint.json", `{"fever": 35}`, `checkpoint.json: fever: 35 is not within 36–42`},
		{"checkpoint.json", `{"fever": "38"}`, `checkpoint.json: fever: a JSON string cannot be read as float64`},
		{"checkpoint.json", `{"directions": ["up"]}`, `checkpoint.json: directions: "up" is not one of [in out through]`},
		{"checkpoint.json", `{"directions": []}`, `checkpoint.json: directions: the list is empty; allowed are [in out through]`},
		{"checkpoint.json", `{"services": ["hair"]}`, `checkpoint.json: services: "hair" is not one of [declare test result vaccination]`},
		{"checkpoint.json", `{"techniques": ["smell"]}`, `checkpoint.json: techniques: "smell" is not one of [rt-pcr antigen]`},
		{"checkpoint.json", `{"pool_most": 1}`, `checkpoint.json: pool_most: 1 is not within 2–20`},
		{"checkpoint.json", `{"copies": 0}`, `checkpoint.json: copies: 0 is not within 1–5`},
		{"checkpoint.json", `{"read_until": "1m"}`, `checkpoint.json: read_until: 1m0s is not within 16m0s–24h0m0s`},
		{"checkpoint.json", `{"slip_valid": "0s"}`, `checkpoint.json: slip_valid: 0s is not within 1m0s–744h0m0s`},
		{"checkpoint.json", `{"tries": 0}`, `checkpoint.json: tries: 0 is not within 1–100`},
		{"checkpoint.json", `{"fever_level": "pink"}`, `checkpoint.json: `},
		{"checkpoint.json", "{\"fever\": 38,\n}", `checkpoint.json: line 2: `},
		{"checkpoint.json", `{} {}`, `checkpoint.json: line 1: something follows`},
		{"checkpoint.json", `[]`, `checkpoint.json: `},
		{"staff.json", `{"badges": [{"number": "7", "pin": "1$2"}]}`, `staff.json: badges[0].pin: a PIN's hash has four parts`},
		{"forms/health.json", `{`, `forms/health.json: `},
		{"forms/deep/er.json", `{`, `forms/deep/er.json: `},
		{"units/2025.tsv", "level\tcode\tparent\tname\ttype\ncommune\t1\t2", `units/2025.tsv: `},
		{"content/5k.json", `[`, `content/5k.json: line 1: `},
		{"content/5k.json", `{"messages": [{"id": "a"}]}`, `content/5k.json: messages: a message needs an id and texts`},
		{"trust/place/apps.json", `{`, `trust/place/apps.json: `},
		{"receipt-keys.json", `{"receipt": []}`, `receipt-keys.json: receipt: no ECDSA key`},
	} {
		_, err := Load(bundleOf(map[string]string{c.file: c.text}))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %q: %v, which should say %q", c.file, c.text, err, c.says)
			continue
		}
		var refused *Error
		if strings.HasPrefix(c.file, "trust/") {
			continue // its loader names the file in words alone
		}
		if !errors.As(err, &refused) || refused.File != c.file {
			t.Errorf("%s %q: the error names the file %+v", c.file, c.text, refused)
		}
	}
}

// A key that is misspelt is named to who publishes it; a kiosk with an older
// program goes on without it.
func TestUnknownKeysAreNamedAndDoNotStopAKiosk(t *testing.T) {
	t.Parallel()
	d, err := Load(bundleOf(map[string]string{
		"checkpoint.json": `{"fevr": 38, "copies": 2}`, "content/5k.json": `{"mesages": []}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"checkpoint.json: fevr", "content/5k.json: mesages"}; !slices.Equal(d.Unknown, want) || d.Checkpoint.Copies != 2 {
		t.Errorf("unknown %q, want %q; copies %d", d.Unknown, want, d.Checkpoint.Copies)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("checkpoint.json", `{"fever": 38}`)
	f.Add("staff.json", `{"badges": [{"number": "7", "pin": "1$8$c2FsdA==$AAAAAAAAAAAAAAAAAAAAAA=="}]}`)
	f.Add("content/5k.json", `{"messages": [{"id": "k", "texts": {"vi": "x"}}]}`)
	f.Fuzz(func(t *testing.T, file, text string) {
		d, err := Load(bundleOf(map[string]string{file: text}))
		if (d == nil) != (err != nil) {
			t.Fatalf("%v, %v", d, err)
		}
		if err == nil {
			d.Setup(Fitted{})
		}
	})
}
