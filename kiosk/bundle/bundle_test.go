package bundle_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"chot/deploy/province/tufpublish"
	"chot/kiosk/bundle"
)

// mirror is a repository in memory with all of its keys, served over HTTP.
type mirror struct {
	t    *testing.T
	keys map[string]ed25519.PrivateKey

	mu      sync.Mutex
	files   map[string][]byte
	hits    map[string]int
	cut     map[string]int // file → bytes after which the connection ends, once
	targets *metadata.Metadata[metadata.TargetsType]
	version int64
	URL     string
	now     time.Time
}

var start = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

func newMirror(t *testing.T) *mirror {
	t.Helper()
	m := &mirror{t: t, keys: map[string]ed25519.PrivateKey{}, files: map[string][]byte{}, hits: map[string]int{}, cut: map[string]int{}, now: start}
	for _, role := range []string{"root", "targets", "snapshot", "timestamp", "online"} {
		_, key, err := ed25519.GenerateKey(nil)
		m.must(err)
		m.keys[role] = key
	}
	root, err := tufpublish.NewRoot(m.keys, m.now)
	m.must(err)
	m.files["1.root.json"] = root
	targets, err := tufpublish.NewTargets(m.keys, m.now)
	m.must(err)
	m.targets, err = metadata.Targets().FromBytes(targets)
	m.must(err)
	m.targets.Signed.Version = 0
	server := httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(server.Close)
	m.URL = server.URL
	m.put("policy.json", "{}", tufpublish.Rollout{})
	m.publish()
	return m
}

func (m *mirror) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *mirror) serve(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/")
	body, ok := m.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	m.hits[name]++
	if n, ok := m.cut[name]; ok {
		delete(m.cut, name)
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.Write(body[:n])
		panic(http.ErrAbortHandler)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func (m *mirror) put(name, content string, r tufpublish.Rollout) {
	m.t.Helper()
	t, err := tufpublish.Target(name, []byte(content), r)
	m.must(err)
	m.targets.Signed.Targets[name] = t
	m.files[tufpublish.FileName(t, name)] = []byte(content)
}

// publish signs all roles with the next version.
func (m *mirror) publish() {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.version++
	m.targets.Signed.Version = m.version
	online := metadata.Targets(m.now.Add(tufpublish.TargetsLife))
	online.Signed.Version = m.version
	for _, name := range tufpublish.Online() {
		t, err := tufpublish.Target(name, []byte("{}"), tufpublish.Rollout{})
		m.must(err)
		online.Signed.Targets[name] = t
		m.files[tufpublish.FileName(t, name)] = []byte("{}")
	}
	snapshot := metadata.Snapshot(m.now.Add(tufpublish.TimestampLife))
	snapshot.Signed.Version = m.version
	snapshot.Signed.Meta = map[string]*metadata.MetaFiles{"targets.json": metadata.MetaFile(m.version), "online.json": metadata.MetaFile(m.version)}
	timestamp := metadata.Timestamp(m.now.Add(tufpublish.TimestampLife))
	timestamp.Signed.Version = m.version
	timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(m.version)
	timestamp.Signed.UnrecognizedFields = map[string]any{"x-chot-signed": m.now.Format(time.RFC3339)}
	m.sign("targets", func(k ed25519.PrivateKey) ([]byte, error) { return tufpublish.Sign(m.targets, k) }, fmt.Sprintf("%d.targets.json", m.version))
	m.sign("online", func(k ed25519.PrivateKey) ([]byte, error) { return tufpublish.Sign(online, k) }, fmt.Sprintf("%d.online.json", m.version))
	m.sign("snapshot", func(k ed25519.PrivateKey) ([]byte, error) { return tufpublish.Sign(snapshot, k) }, fmt.Sprintf("%d.snapshot.json", m.version))
	m.sign("timestamp", func(k ed25519.PrivateKey) ([]byte, error) { return tufpublish.Sign(timestamp, k) }, "timestamp.json")
}

func (m *mirror) sign(role string, sign func(ed25519.PrivateKey) ([]byte, error), name string) {
	m.t.Helper()
	raw, err := sign(m.keys[role])
	m.must(err)
	m.files[name] = raw
}

func (m *mirror) source() bundle.Source { return bundle.Source{Client: http.DefaultClient, URL: m.URL} }

// open opens a kiosk's bundle on the mirror's clock.
func (m *mirror) open(dir, kiosk, group string) *bundle.Bundle {
	m.t.Helper()
	sum := sha256.Sum256(m.files["1.root.json"])
	b, err := bundle.Open(dir, bundle.Options{Kiosk: kiosk, Group: group, RootHash: sum[:], Now: func() time.Time { return m.now }})
	m.must(err)
	return b
}

// update expects an update to go well.
func (m *mirror) update(b *bundle.Bundle) bundle.Status {
	m.t.Helper()
	s := b.Update(m.t.Context(), m.source())
	if s.Problem != "" {
		m.t.Fatalf("the update failed: %s: %v", s.Problem, s.Err)
	}
	return s
}

func names(b *bundle.Bundle) []string {
	var out []string
	for _, f := range b.List() {
		out = append(out, f.Name)
	}
	return out
}

func content(t *testing.T, b *bundle.Bundle, name string) string {
	t.Helper()
	body, err := fs.ReadFile(b.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAnUpdateBringsWhatIsPublishedAndStaysAfterARestart(t *testing.T) {
	t.Parallel()
	m, dir := newMirror(t), t.TempDir()
	b := m.open(dir, "hall-1", "")
	if s := b.Status(); s.Version != 0 || len(b.List()) != 0 {
		t.Fatalf("a new bundle is not empty: %+v", s)
	}
	m.put("trust/eu-dcc/keys.json", "first", tufpublish.Rollout{})
	m.publish()
	if s := m.update(b); !s.Changed || s.Version != 2 || !s.Signed.Equal(start) {
		t.Errorf("status %+v", s)
	}
	want := []string{"kiosks.json", "policy.json", "receipt-keys.json", "trust/eu-dcc/keys.json"}
	if got := names(b); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	again := m.open(dir, "hall-1", "")
	if s := again.Status(); s.Version != 2 || s.Problem != "" || !slices.Equal(names(again), want) {
		t.Errorf("after a restart: %+v, %q", s, names(again))
	}
	if got := content(t, again, "trust/eu-dcc/keys.json"); got != "first" {
		t.Errorf("content %q", got)
	}
	delete(m.targets.Signed.Targets, "trust/eu-dcc/keys.json")
	m.publish()
	m.update(again)
	if _, err := fs.ReadFile(again.Files(), "trust/eu-dcc/keys.json"); err == nil {
		t.Error("what was taken back is still there")
	}
}

func TestWhatDidNotChangeIsNotFetchedAgain(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	b := m.open(t.TempDir(), "hall-1", "")
	m.update(b)
	m.put("rules/vn.json", "rules", tufpublish.Rollout{})
	m.publish()
	if s := m.update(b); !s.Changed {
		t.Error("a new file is no change")
	}
	if s := m.update(b); s.Changed {
		t.Error("the same again is a change")
	}
	for name, n := range m.hits {
		if strings.HasPrefix(name, "targets/") && n > 1 {
			t.Errorf("%s was fetched %d times", name, n)
		}
	}
}

// A hostile mirror, stick or disk is told apart, and changes nothing.
func TestABadSourceIsNamedAndChangesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		harm func(m *mirror, earlier map[string][]byte)
		want bundle.Problem
	}{
		{"it does not answer", func(m *mirror, _ map[string][]byte) { clear(m.files) }, bundle.Unreachable},
		{"it withholds what is newer", func(m *mirror, _ map[string][]byte) { m.now = m.now.Add(tufpublish.TimestampLife + time.Hour) }, bundle.Frozen},
		{"it goes back", func(m *mirror, earlier map[string][]byte) { maps.Copy(m.files, earlier) }, bundle.Rollback},
		{"it changes content", func(m *mirror, _ map[string][]byte) {
			m.put("policy.json", "{\"new\":1}", tufpublish.Rollout{})
			m.publish()
			for name := range m.files {
				if strings.HasSuffix(name, ".policy.json") {
					m.files[name] = []byte("{\"bad\":1}")
				}
			}
		}, bundle.Tampered},
		{"it changes metadata", func(m *mirror, _ map[string][]byte) {
			m.publish()
			name := fmt.Sprintf("%d.targets.json", m.version)
			m.files[name] = bytes.Replace(m.files[name], []byte("policy.json"), []byte("policy.jsom"), 1)
		}, bundle.Tampered},
		{"it signs with another key", func(m *mirror, _ map[string][]byte) {
			_, m.keys["timestamp"], _ = ed25519.GenerateKey(nil)
			m.publish()
		}, bundle.Tampered},
		{"it sends garbage", func(m *mirror, _ map[string][]byte) { m.files["timestamp.json"] = []byte("{") }, bundle.Tampered},
		{"it never ends", func(m *mirror, _ map[string][]byte) { m.files["timestamp.json"] = make([]byte, 1<<20) }, bundle.Tampered},
		{"it lacks a file", func(m *mirror, _ map[string][]byte) {
			m.put("policy.json", "{\"new\":1}", tufpublish.Rollout{})
			m.publish()
			maps.DeleteFunc(m.files, func(name string, _ []byte) bool { return strings.HasSuffix(name, ".policy.json") })
		}, bundle.Unreachable},
		{"it names a file outside", func(m *mirror, _ map[string][]byte) {
			m.put("../../etc/passwd", "root", tufpublish.Rollout{})
			m.publish()
		}, bundle.Tampered},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, dir := newMirror(t), t.TempDir()
			earlier := maps.Clone(m.files)
			m.publish()
			b := m.open(dir, "hall-1", "")
			m.update(b)
			c.harm(m, earlier)
			s := b.Update(t.Context(), m.source())
			if s.Problem != c.want {
				t.Errorf("problem %q (%v), want %q", s.Problem, s.Err, c.want)
			}
			if s.Version != 2 || content(t, b, "policy.json") != "{}" {
				t.Errorf("the files changed: version %d", s.Version)
			}
			if again := m.open(dir, "hall-1", ""); again.Status().Version != 2 || again.Status().Problem != "" {
				t.Errorf("after a restart: %+v", again.Status())
			}
		})
	}
}

func TestAForeignRepositoryIsRefused(t *testing.T) {
	t.Parallel()
	m, other := newMirror(t), newMirror(t)
	b := m.open(t.TempDir(), "hall-1", "")
	if s := b.Update(t.Context(), other.source()); s.Problem != bundle.Tampered || s.Version != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestARotatedRootIsFollowed(t *testing.T) {
	t.Parallel()
	m, dir := newMirror(t), t.TempDir()
	b := m.open(dir, "hall-1", "")
	m.update(b)
	root, err := metadata.Root().FromBytes(m.files["1.root.json"])
	m.must(err)
	_, next, err := ed25519.GenerateKey(nil)
	m.must(err)
	old := root.Signed.Roles["timestamp"].KeyIDs[0]
	m.must(root.Signed.RevokeKey(old, "timestamp"))
	key, err := metadata.KeyFromPublicKey(next.Public())
	m.must(err)
	m.must(root.Signed.AddKey(key, "timestamp"))
	root.Signed.Version = 2
	m.files["2.root.json"], err = tufpublish.Sign(root, m.keys["root"])
	m.must(err)
	m.keys["timestamp"] = next
	m.publish()
	m.update(b)
	if s := m.open(dir, "hall-1", "").Status(); s.Version != 2 || s.Problem != "" {
		t.Errorf("after a restart: %+v", s)
	}
}

func TestAStickServesAsTheProvinceDoes(t *testing.T) {
	t.Parallel()
	m, stick := newMirror(t), t.TempDir()
	m.put("releases/2.0.0/chot-arm64.raucb", "a root", tufpublish.Rollout{})
	m.publish()
	for name, body := range m.files {
		path := filepath.Join(stick, filepath.FromSlash(name))
		m.must(os.MkdirAll(filepath.Dir(path), 0o755))
		m.must(os.WriteFile(path, body, 0o644))
	}
	b := m.open(t.TempDir(), "hall-1", "")
	if s := b.Update(t.Context(), bundle.Stick(stick)); s.Problem != "" || s.Version != 2 {
		t.Fatalf("status %+v", s)
	}
	if releases := b.Releases(); len(releases) != 1 {
		t.Errorf("releases %v", releases)
	} else if place, err := b.Fetch(t.Context(), bundle.Stick(stick), releases[0]); err != nil {
		t.Error(err)
	} else if got, err := os.ReadFile(place); err != nil || string(got) != "a root" {
		t.Errorf("the release from the stick: %q, %v", got, err)
	}
	if s := b.Update(t.Context(), bundle.Stick(t.TempDir())); s.Problem != bundle.Unreachable {
		t.Errorf("an empty stick: %+v", s)
	}
}

func TestADownloadThatWasCutOffGoesOn(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	long := strings.Repeat("a long list ", 10000)
	m.put("revocation/eu-dcc.bin", long, tufpublish.Rollout{})
	m.publish()
	var name string
	for name = range m.files {
		if strings.HasSuffix(name, ".eu-dcc.bin") {
			break
		}
	}
	m.cut[name] = 50000
	b := m.open(t.TempDir(), "hall-1", "")
	if s := b.Update(t.Context(), m.source()); s.Problem != bundle.Unreachable {
		t.Fatalf("a download that was cut off: %+v", s)
	}
	m.update(b)
	if content(t, b, "revocation/eu-dcc.bin") != long {
		t.Error("the content is not the one published")
	}
	if m.hits[name] != 2 {
		t.Errorf("it was fetched %d times", m.hits[name])
	}
}

// place is the folder of the generation that a link names.
func place(t *testing.T, dir, link string) string {
	t.Helper()
	place, err := filepath.EvalSymlinks(filepath.Join(dir, link))
	if err != nil {
		t.Fatal(err)
	}
	return place
}

// Damage to any file of the card, while the kiosk runs or between two starts: what
// is read is one whole generation or nothing, never the damaged file, and the
// province mends it.
func TestDamageOnTheDiskIsFoundAndMended(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		harm   func(t *testing.T, dir string)
		policy string // after a restart
	}{
		{"a file changed", func(t *testing.T, dir string) { damage(t, dir, "current", "policy.json", "[]") }, `"first"`},
		{"a file cut short", func(t *testing.T, dir string) { damage(t, dir, "current", "trust/keys.json", "") }, `"first"`},
		{"metadata changed", func(t *testing.T, dir string) { damage(t, dir, "current", ".tuf/targets.json", "{}") }, `"first"`},
		{"a root that is gone", func(t *testing.T, dir string) { remove(t, dir, "current", ".tuf/root.json") }, `"first"`},
		{"a link that is gone", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "current")); err != nil {
				t.Fatal(err)
			}
		}, `"first"`},
		{"both generations", func(t *testing.T, dir string) {
			damage(t, dir, "current", "policy.json", "[]")
			damage(t, dir, "previous", "policy.json", "[]")
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, dir := newMirror(t), t.TempDir()
			b := m.open(dir, "hall-1", "")
			m.put("policy.json", `"first"`, tufpublish.Rollout{})
			m.put("trust/keys.json", "keys", tufpublish.Rollout{})
			m.publish()
			m.update(b)
			m.put("policy.json", `"second"`, tufpublish.Rollout{})
			m.publish()
			m.update(b)
			m.publish() // only the metadata are newer
			m.update(b)
			c.harm(t, dir)
			for _, name := range []string{"policy.json", "trust/keys.json"} { // while it runs
				got, err := fs.ReadFile(b.Files(), name)
				if want := map[string]string{"policy.json": `"second"`, "trust/keys.json": "keys"}[name]; err == nil && string(got) != want {
					t.Errorf("%s reads %q", name, got)
				}
			}
			again := m.open(dir, "hall-1", "")
			got, err := fs.ReadFile(again.Files(), "policy.json")
			if string(got) != c.policy || (err == nil) != (c.policy != "") {
				t.Errorf("after a restart the policy is %q, %v; want %q", got, err, c.policy)
			}
			if c.policy != "" && content(t, again, "trust/keys.json") != "keys" {
				t.Error("the generation before is not whole")
			}
			if c.name != "a link that is gone" && again.Status().Problem != bundle.Local {
				t.Errorf("status %+v", again.Status())
			}
			if keys, err := again.Rescue("receipt-keys.json"); err != nil || string(keys) != "{}" {
				t.Errorf("the province's keys: %q, %v", keys, err)
			}
			for _, mended := range []*bundle.Bundle{b, again} {
				m.update(mended)
				if content(t, mended, "policy.json") != `"second"` || content(t, mended, "trust/keys.json") != "keys" {
					t.Error("the damage was not mended")
				}
			}
			if s := m.open(dir, "hall-1", "").Status(); s.Problem != "" || s.Version != 4 {
				t.Errorf("after it was mended: %+v", s)
			}
		})
	}
}

func damage(t *testing.T, dir, link, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(place(t, dir, link), filepath.FromSlash(name)), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir, link, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(place(t, dir, link), filepath.FromSlash(name))); err != nil {
		t.Fatal(err)
	}
}

// A generation that cannot be loaded is not turned to, however well it is signed;
// once the province mends it, the kiosk follows.
func TestABundleThatCannotBeLoadedIsNotTurnedTo(t *testing.T) {
	t.Parallel()
	m, dir := newMirror(t), t.TempDir()
	sum := sha256.Sum256(m.files["1.root.json"])
	var strict error // of the program: nothing that says so is taken
	open := func() *bundle.Bundle {
		b, err := bundle.Open(dir, bundle.Options{Kiosk: "hall-1", RootHash: sum[:], Now: func() time.Time { return m.now }, Accept: func(files fs.FS) error {
			policy, err := fs.ReadFile(files, "policy.json")
			if err != nil || string(policy) == "broken" {
				return errors.Join(err, errors.New("policy.json: broken"))
			}
			return strict
		}})
		m.must(err)
		return b
	}
	b := open()
	m.update(b)
	m.put("policy.json", "broken", tufpublish.Rollout{})
	m.put("trust/keys.json", "newer", tufpublish.Rollout{})
	m.publish()
	for range 2 {
		s := b.Update(t.Context(), m.source())
		if s.Problem != bundle.Refused || s.Changed || s.Version != 1 || !strings.Contains(fmt.Sprint(s.Err), "policy.json: broken") {
			t.Fatalf("status %+v", s)
		}
		if _, err := fs.ReadFile(b.Files(), "trust/keys.json"); content(t, b, "policy.json") != "{}" || err == nil {
			t.Fatal("a part of what was refused is in use")
		}
		if s := open().Status(); s.Problem != "" || s.Version != 1 {
			t.Fatalf("after a restart: %+v", s)
		}
	}
	m.put("policy.json", "mended", tufpublish.Rollout{})
	m.publish()
	if s := m.update(b); !s.Changed || content(t, b, "policy.json") != "mended" || content(t, b, "trust/keys.json") != "newer" {
		t.Errorf("mended: %+v", s)
	}
	strict = errors.New("a newer program reads nothing of this")
	if s := open().Status(); s.Problem != bundle.Refused || s.Version != 0 {
		t.Errorf("a program that reads none of it: %+v", s)
	}
}

func TestGroupsPercentagesTimesAndTheKillSwitch(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	m.put("group/pilot/policy.json", "{\"pilot\":1}", tufpublish.Rollout{})
	m.put("content/pilot.json", "x", tufpublish.Rollout{Groups: []string{"pilot"}})
	m.put("content/later.json", "x", tufpublish.Rollout{From: start.Add(time.Hour)})
	m.put("content/half.json", "x", tufpublish.Rollout{Percent: 50})
	m.put("content/bad.json", "x", tufpublish.Rollout{})
	m.put("releases/2/kiosk.deb", "binary", tufpublish.Rollout{Window: "01:00-04:00"})
	m.publish()
	has := func(b *bundle.Bundle, name string) bool { return slices.Contains(names(b), name) }
	pilot, other := m.open(t.TempDir(), "hall-1", "pilot"), m.open(t.TempDir(), "hall-2", "")
	m.update(pilot)
	m.update(other)
	if content(t, pilot, "policy.json") != "{\"pilot\":1}" || content(t, other, "policy.json") != "{}" {
		t.Error("a group's own file does not take the general one's place")
	}
	if !has(pilot, "content/pilot.json") || has(other, "content/pilot.json") {
		t.Error("a file for one group came to another")
	}
	if has(pilot, "content/later.json") || has(pilot, "releases/2/kiosk.deb") {
		t.Error("a file came too early, or a release unasked")
	}
	half := 0
	for i := range 60 {
		b := m.open(t.TempDir(), fmt.Sprintf("kiosk-%d", i), "")
		m.update(b)
		if has(b, "content/half.json") {
			half++
		}
	}
	if half < 15 || half > 45 {
		t.Errorf("a half is %d of 60", half)
	}
	m.now = start.Add(2 * time.Hour)
	m.update(pilot)
	if !has(pilot, "content/later.json") {
		t.Error("a file did not come when its time had")
	}
	release := pilot.Releases()
	if len(release) != 1 || release[0].Window != "01:00-04:00" || release[0].Halted {
		t.Fatalf("releases %+v", release)
	}
	path, err := pilot.Fetch(t.Context(), m.source(), release[0])
	m.must(err)
	if body, err := os.ReadFile(path); err != nil || string(body) != "binary" {
		t.Errorf("the release is %q, %v", body, err)
	}
	m.put("content/bad.json", "x", tufpublish.Rollout{Halt: true})
	m.put("releases/2/kiosk.deb", "binary", tufpublish.Rollout{Halt: true})
	m.publish()
	m.update(pilot)
	if has(pilot, "content/bad.json") || !pilot.Releases()[0].Halted {
		t.Error("the kill switch did nothing")
	}
}

func TestRunUpdatesUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	b := m.open(t.TempDir(), "hall-1", "")
	ctx, stop := context.WithCancel(t.Context())
	n := 0
	b.Run(ctx, m.source(), time.Millisecond, nil, func(s bundle.Status) {
		if s.Problem != "" && ctx.Err() == nil {
			t.Errorf("status %+v", s)
		}
		if n++; n == 3 {
			stop()
		}
	})
}

// offline is a network that does not answer.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network")
}

func TestRunUpdatesSoonerWhenAskedButNotWithinAMinute(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	b := m.open(t.TempDir(), "hall-1", "")
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		began, sooner := time.Now(), make(chan struct{}, 1)
		var at []time.Duration
		done := make(chan struct{})
		go func() {
			defer close(done)
			b.Run(ctx, bundle.Source{Client: &http.Client{Transport: offline{}}, URL: "http://province.example"}, time.Hour, sooner,
				func(bundle.Status) { at = append(at, time.Since(began)) })
		}()
		for _, moment := range []time.Duration{10 * time.Second, 200 * time.Second, 210 * time.Second} {
			time.Sleep(moment - time.Since(began))
			sooner <- struct{}{}
		}
		time.Sleep(5 * time.Minute)
		stop()
		<-done
		if want := []time.Duration{0, time.Minute, 200 * time.Second, 260 * time.Second}; !slices.Equal(at, want) {
			t.Errorf("updates after %v, want %v", at, want)
		}
	})
}

// FuzzMetadata feeds a kiosk any bytes as what a mirror serves.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(`{"signed":{"_type":"timestamp","version":9},"signatures":[]}`), uint8(0))
	f.Add([]byte(`{"signed":{"_type":"targets","targets":{"../x":{"length":1}}}}`), uint8(2))
	f.Fuzz(func(t *testing.T, body []byte, which uint8) {
		m := newMirror(t)
		b := m.open(t.TempDir(), "hall-1", "")
		m.update(b)
		m.publish()
		all := []string{"timestamp.json", "2.snapshot.json", "2.targets.json", "2.online.json", "2.root.json"}
		name := all[int(which)%len(all)]
		if json.Valid(body) && bytes.Equal(body, m.files[name]) {
			t.Skip("the true bytes")
		}
		m.files[name] = body
		if s := b.Update(t.Context(), m.source()); s.Problem == "" {
			t.Fatalf("%s with %q was taken", name, body)
		}
		if content(t, b, "policy.json") != "{}" {
			t.Fatal("the files changed")
		}
	})
}
