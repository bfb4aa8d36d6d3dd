package ui

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"chot/kiosk/checkpoint"
)

// The toolkit only logs when it is called on the wrong goroutine: make that a
// failure.
func TestMain(m *testing.M) {
	var logged bytes.Buffer
	log.SetOutput(io.MultiWriter(os.Stderr, &logged))
	code := m.Run()
	if strings.Contains(logged.String(), "Error in Fyne call thread") {
		fmt.Fprintln(os.Stderr, "FAIL: the toolkit was called on the wrong goroutine")
		code = 1
	}
	os.Exit(code)
}

// kiosk is a UI under test, with what it has sent.
type kiosk struct {
	*UI
	window fyne.Window
	sent   []checkpoint.Event
	time   time.Time
}

func newKiosk(t *testing.T) *kiosk {
	t.Helper()
	k := &kiosk{window: test.NewWindow(nil), time: now}
	k.UI = New(k.window, func(e checkpoint.Event) { k.sent = append(k.sent, e) }, Options{Now: func() time.Time { return k.time }})
	k.window.Resize(fyne.NewSize(1024, 600))
	t.Cleanup(k.window.Close)
	return k
}

// render shows a view and lets the screen settle.
func (k *kiosk) render(v checkpoint.View) {
	k.Render(checkpoint.State{View: v, Language: "vi", Now: k.time})
	k.time = k.time.Add(settle)
}

func (k *kiosk) button(name string) *button {
	for _, o := range k.page.objects {
		if b, ok := o.(*button); ok && b.name == name {
			return b
		}
	}
	return nil
}

func (k *kiosk) tapOn(t *testing.T, name string) {
	t.Helper()
	b := k.button(name)
	if b == nil {
		t.Fatalf("there is no button %q", name)
	}
	test.Tap(b)
}

// last is what was sent last.
func (k *kiosk) last() checkpoint.Event {
	if len(k.sent) == 0 {
		return nil
	}
	return k.sent[len(k.sent)-1]
}

func textsOf(u *UI) (all []string) {
	for _, s := range flat(u.page) {
		if text, ok := s.object.(*canvas.Text); ok {
			all = append(all, strings.Trim(text.Text, hair))
		}
	}
	return all
}

func name(text string) checkpoint.Question {
	return checkpoint.Question{Purpose: checkpoint.ForDeclaration, ID: "name", Kind: checkpoint.NameQuestion, Required: true, Step: 1, Steps: 9, Text: text}
}

// Every view of the checkpoint has a sample, so that every screen is measured.
func TestEveryViewHasASample(t *testing.T) {
	files, err := filepath.Glob("../kiosk/checkpoint/view*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no views found:", err)
	}
	shown := map[string]bool{}
	for _, s := range samples {
		shown[strings.Split(screenName(s.state.View), ".")[0]] = true
	}
	for _, f := range files {
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func \((\w+)\) view\(\)`).FindAllStringSubmatch(string(source), -1) {
			if !shown[m[1]] {
				t.Errorf("%s has no sample", m[1])
			}
		}
	}
}

func TestButtonsSendWhatTheyMean(t *testing.T) {
	k := newKiosk(t)
	k.render(samples[0].state.View)
	k.tapOn(t, "Khai báo y tế")
	if want := (checkpoint.Tapped{Tap: checkpoint.TapService, Value: "declare"}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
	k.tapOn(t, "English")
	if want := (checkpoint.Tapped{Tap: checkpoint.TapLanguage, Value: "en"}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
}

func TestASecondTapIsNotMeantForTheNextScreen(t *testing.T) {
	k := newKiosk(t)
	k.render(checkpoint.VaccinationDesk{})
	k.Render(checkpoint.State{View: checkpoint.Review{Purpose: checkpoint.ForTest, Seen: true, Party: 1}, Language: "vi", Now: k.time})
	k.time = k.time.Add(settle / 2)
	k.tapOn(t, "Đồng ý và gửi")
	if len(k.sent) != 0 {
		t.Errorf("sent %v at once", k.sent)
	}
	k.time = k.time.Add(settle)
	k.tapOn(t, "Đồng ý và gửi")
	if len(k.sent) != 1 {
		t.Errorf("sent %v", k.sent)
	}
}

func TestTypingOnTheScreen(t *testing.T) {
	k := newKiosk(t)
	k.render(name(""))
	for _, key := range []string{"T", "Ư", "á", "Xóa"} {
		k.tapOn(t, key)
	}
	var typed []string
	for _, e := range k.sent {
		typed = append(typed, e.(checkpoint.Typed).Text)
	}
	if want := []string{"T", "Tư", "Tứ", "T"}; !slices.Equal(typed, want) {
		t.Errorf("typed %q, want %q", typed, want)
	}
}

func TestTypingOnARealKeyboard(t *testing.T) {
	k := newKiosk(t)
	k.render(name(""))
	test.TypeOnCanvas(k.window.Canvas(), "Nguyeenx Vawn A")
	if want := (checkpoint.Typed{Text: "Nguyễn Văn A"}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
	k.typedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	if want := (checkpoint.Typed{Text: "Nguyễn Văn "}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
	k.typedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if want := (checkpoint.Tapped{Tap: checkpoint.TapNext}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
	k.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if want := (checkpoint.Tapped{Tap: checkpoint.TapBack}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
}

func TestVNI(t *testing.T) {
	k := newKiosk(t)
	k.render(name(""))
	k.tapOn(t, "Telex")
	if k.button("VNI") == nil {
		t.Fatal("the key does not say VNI")
	}
	test.TypeOnCanvas(k.window.Canvas(), "D9o64")
	if want := (checkpoint.Typed{Text: "Đỗ"}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
}

// The checkpoint's state may be some keys behind the fingers.
func TestNoKeyIsLostToASlowState(t *testing.T) {
	k := newKiosk(t)
	k.render(name(""))
	for _, r := range "abc" {
		k.typedRune(r)
	}
	k.render(name("a"))
	k.typedRune('d')
	k.render(name("ab"))
	k.render(name("abcd"))
	k.typedRune('e')
	if want := (checkpoint.Typed{Text: "abcde"}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
}

// A wrong PIN is taken back by the checkpoint.
func TestTheCheckpointMayClearTheLine(t *testing.T) {
	k := newKiosk(t)
	login := checkpoint.Login{Badge: nurse}
	k.render(login)
	for i, r := range "4711" {
		k.typedRune(r)
		login.Digits = i + 1
		k.render(login)
	}
	if got := k.field.line.String(); got != "4711" {
		t.Fatalf("the PIN is %q", got)
	}
	login.Digits, login.Problem = 0, "wrong-pin"
	k.render(login)
	if got := k.field.line.String(); got != "" {
		t.Errorf("%q is left", got)
	}
}

func TestChangingTheLanguageLosesNothing(t *testing.T) {
	k := newKiosk(t)
	k.render(name(""))
	k.typedRune('L')
	k.Render(checkpoint.State{View: name("L"), Language: "en", Now: k.time})
	if !slices.Contains(textsOf(k.UI), "Full name") {
		t.Errorf("not in English: %q", textsOf(k.UI))
	}
	k.typedRune('a')
	if want := (checkpoint.Typed{Text: "La"}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
}

// Nothing of a visit is left when the screen returns to idle.
func TestIdleForgets(t *testing.T) {
	k := newKiosk(t)
	k.render(name(""))
	test.TypeOnCanvas(k.window.Canvas(), "Nguyeenx")
	k.render(samples[0].state.View)
	if k.field != nil {
		t.Errorf("the line %q is kept", k.field.line.String())
	}
	for _, text := range textsOf(k.UI) {
		if strings.Contains(text, "Nguyễn") {
			t.Errorf("%q is on the idle screen", text)
		}
	}
}

func TestTimeAloneDrawsNothingAnew(t *testing.T) {
	k := newKiosk(t)
	away := checkpoint.State{View: checkpoint.Away{Until: now.Add(20 * time.Second)}, Leaves: now.Add(20 * time.Second), Language: "vi", Now: now}
	k.Render(away)
	page, width := k.page, k.page.going.line.Size().Width
	away.Now = now.Add(5 * time.Second)
	k.Render(away)
	if k.page != page {
		t.Error("the screen was redrawn")
	}
	if !slices.Contains(textsOf(k.UI), "15") {
		t.Errorf("it does not count down: %q", textsOf(k.UI))
	}
	if got := k.page.going.line.Size().Width; got > width*0.76 || got < width*0.74 {
		t.Errorf("three quarters of %v are %v", width, got)
	}
}

func TestFramesAreDrawnWhereThereIsACameraScreenAlone(t *testing.T) {
	k := newKiosk(t)
	grey := make([]byte, 640*480)
	picture := k.preview.Object().(*canvas.Image)
	for i, s := range samples {
		if racing && i%9 != 0 {
			continue
		}
		k.show(s.state)
		before := picture.Image
		k.Frame(grey, 640, 480, 640)
		drawn := picture.Image != before
		if drawn != k.page.live {
			t.Errorf("%s: drawn %v, want %v", s.name, drawn, k.page.live)
		}
		onScreen := slices.Contains(k.page.objects, k.preview.Object())
		if drawn != onScreen {
			t.Errorf("%s: on screen %v, drawn %v", s.name, onScreen, drawn)
		}
	}
}

func TestOfManyStatesTheLastIsShown(t *testing.T) {
	k := newKiosk(t)
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := range 100 {
			k.Render(checkpoint.State{View: checkpoint.Manual{Party: i}, Language: "vi", Now: now})
		}
	})
	wait.Wait()
	if !slices.Contains(textsOf(k.UI), "99") {
		t.Errorf("not the last: %q", textsOf(k.UI))
	}
}

// With arrows and Enter alone one gets anywhere, and sees where one is.
func TestSwitchOperation(t *testing.T) {
	k := newKiosk(t)
	k.render(checkpoint.Review{Purpose: checkpoint.ForTest, Seen: true, Party: 1})
	c := k.window.Canvas()
	seen := map[string]bool{}
	for range 8 {
		k.typedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		b, ok := c.Focused().(*button)
		if !ok {
			t.Fatalf("the focus is on %T", c.Focused())
		}
		if !b.ring.Visible() {
			t.Errorf("%q shows no focus", b.name)
		}
		seen[b.name] = true
	}
	for _, want := range []string{"Quay lại", "Trang đầu", "English", "Trợ giúp", "Không đồng ý", "Đồng ý và gửi"} {
		if !seen[want] {
			t.Errorf("%q is not reached", want)
		}
	}
	c.Focus(k.button("Không đồng ý"))
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if want := (checkpoint.Tapped{Tap: checkpoint.TapDecline}); k.last() != want {
		t.Errorf("sent %v, want %v", k.last(), want)
	}
}

func TestTheWindowsSizeMayChange(t *testing.T) {
	k := newKiosk(t)
	k.render(checkpoint.Review{Purpose: checkpoint.ForTest, Seen: true, Party: 1})
	k.window.Resize(fyne.NewSize(800, 480))
	if k.sizes.Touch != 79 || k.page.area().w != 800 {
		t.Errorf("drawn for %v with targets of %v", k.page.area(), k.sizes.Touch)
	}
}

// From a state to its screen, without painting.
func BenchmarkRenderVerdict(b *testing.B) {
	u, w := open(panels[1], func(checkpoint.Event) {})
	defer w.Close()
	idle, green := samples[0].state, samples[4].state
	b.ReportAllocs()
	for b.Loop() {
		u.show(idle)
		u.show(green)
	}
}

// From a state to the painted picture, on the processor alone: the upper bound
// of what a graphics chip needs.
func BenchmarkPaintVerdict(b *testing.B) {
	u, w := open(panels[1], func(checkpoint.Event) {})
	defer w.Close()
	idle, green := samples[0].state, samples[4].state
	for b.Loop() {
		u.show(idle)
		u.show(green)
		w.Canvas().Capture()
	}
}

func BenchmarkKey(b *testing.B) {
	u, w := open(panels[1], func(checkpoint.Event) {})
	defer w.Close()
	u.show(checkpoint.State{View: name(""), Now: now})
	for b.Loop() {
		u.typedRune('a')
		u.typedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	}
}

// A tap ends on the button that it began on, whatever the kiosk learns meanwhile;
// a finger that stays for ever holds nothing up.
func TestAScreenIsNotDrawnAnewUnderAFinger(t *testing.T) {
	k := newKiosk(t)
	k.render(name("Ng"))
	key := k.button("U")
	key.MouseDown(nil)
	k.render(name("Ngu"))
	if k.button("U") != key {
		t.Fatal("the key went away under the finger")
	}
	key.MouseUp(nil)
	k.render(name("Ngu"))
	if k.button("U") == key {
		t.Error("what was owed was never drawn")
	}

	k.button("U").MouseDown(nil)
	key = k.button("U")
	k.time = k.time.Add(longestHold)
	k.render(name("Nguy"))
	if k.button("U") == key {
		t.Error("a finger that is never lifted holds the screen up")
	}

	k.button("U").MouseDown(nil)
	k.render(checkpoint.Measuring{})
	if k.button("U") != nil {
		t.Error("another screen waits for a finger")
	}
}
