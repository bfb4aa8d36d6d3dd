package checkpoint_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/checkpoint"
	"chot/kiosk/declaration"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// mark is in every personal text that goes in, so that it can be found wherever
// it should not be. It is in names, streets and the texts of codes.
const mark = "Zyx"

// phone and paper are the numbers that go in.
const (
	phone = "0909090909"
	paper = "909090909090"
)

func personal(s string) bool {
	return strings.Contains(s, mark) || strings.Contains(s, phone) || strings.Contains(s, paper)
}

// walk runs a kiosk through random events and watches what must hold at each.
type walk struct {
	*rapid.T
	s       checkpoint.State
	now     time.Time
	waiting []checkpoint.Action // answered in any order, or never

	visited  map[string]time.Time // when a visit of that family was last kept or its code seen
	heads    int                  // declarations that begin a slip
	declared int                  // visits by declaration
	green    map[int]bool         // records that may open the barrier
	tubes    map[string]int       // people whose sample is kept, by tube
	sealed   map[string]bool      // tubes that take no one more
	may      int                  // openings that something allowed
	opened   int
	prints   int // papers that the printer has answered for
	recorded int // prints that were recorded
	past     []turn
}

// turn is a step that was made.
type turn struct {
	s    checkpoint.State
	e    checkpoint.Event
	next checkpoint.State
	did  []checkpoint.Action
}

func newWalk(t *rapid.T) *walk {
	s := setup()
	s.Thermometer = rapid.Bool().Draw(t, "thermometer")
	s.Labels = rapid.Bool().Draw(t, "labels")
	s.Provisioned = rapid.IntRange(0, 30).Draw(t, "provisioned") > 0
	s.Forms = shortForms
	s.ReadFrom, s.ReadUntil = 5*time.Second, 3*time.Minute
	state, err := checkpoint.New(s, noon, seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &walk{T: t, s: state, now: noon, visited: map[string]time.Time{}, green: map[int]bool{}, tubes: map[string]int{}, sealed: map[string]bool{}}
}

// shortForms are forms that a random walk gets through.
var shortForms = func() []*declaration.Form {
	var forms []*declaration.Form
	for _, text := range []string{
		`{"id": "health", "version": "1", "questions": [
			{"id": "name", "kind": "name", "required": true},
			{"id": "street", "kind": "text"},
			{"id": "symptoms", "kind": "choices", "required": true, "options": [{"value": "none", "alone": true}, {"value": "fever"}]}],
		"triage": [{"code": "declared-symptoms", "level": "red", "when": [{"question": "symptoms", "any": ["fever"]}]}]}`,
		`{"id": "test", "version": "1", "questions": [{"id": "name", "kind": "name", "required": true}, {"id": "birth", "kind": "year"}]}`,
		`{"id": "vaccination", "version": "1", "questions": [{"id": "name", "kind": "name", "required": true}, {"id": "phone", "kind": "digits"}]}`,
	} {
		f, err := declaration.Parse([]byte(text))
		if err != nil {
			panic(err)
		}
		forms = append(forms, f)
	}
	return forms
}()

// codes are held up by visitors and staff. Each certificate is of a family of
// its own, by which its visits are told apart.
var codes = []string{
	mark + "-cert-a", mark + "-cert-b", mark + "-needs-test", mark + "-card", mark + "-slip", mark + "-garbage",
	mark + "-part-1", mark + "-part-2",
	"badge-sampler", "badge-supervisor", "badge-technician", "sheet", "TK01-0323001", "TK01-0323002", "LAB-0001", "LAB-0002",
}

func family(code string) string { return "fam-" + strings.TrimPrefix(code, mark+"-") }

func (w *walk) send(e checkpoint.Event) {
	next, did := checkpoint.Step(w.s, e)
	w.past = append(w.past, turn{w.s, e, next, did})
	was := w.s
	w.s = next
	if code, ok := e.(checkpoint.CodeSeen); ok {
		if at, counted := w.visited[family(code.Text)]; counted && w.now.Sub(at) <= time.Minute {
			w.visited[family(code.Text)] = w.now
		}
	}
	for _, a := range did {
		w.watch(a)
	}
	if waits(next) && !waits(was) && !slices.Contains(did, checkpoint.Action(checkpoint.Forget{})) {
		w.Fatalf("from %T to %T Forget was not sent", was.View, next.View)
	}
	switch e.(type) {
	case checkpoint.Printed, checkpoint.PrintFailed:
		if w.prints++; w.recorded < w.prints {
			w.Fatalf("%d prints are recorded, of %d that the printer answered for", w.recorded, w.prints)
		}
	}
	w.hold(was, e)
}

// waits says whether a kiosk waits for a visitor, and holds no personal data.
func waits(s checkpoint.State) bool {
	switch s.View.(type) {
	case checkpoint.Idle, checkpoint.OutOfOrder:
		return true
	}
	return false
}

// watch holds what must be true of every action.
func (w *walk) watch(a checkpoint.Action) {
	switch a := a.(type) {
	case checkpoint.Keep:
		w.kept(a)
	case checkpoint.Save:
		if personal(a.Key) || personal(string(a.Value)) {
			w.Fatalf("a person survives in the clear: %q", a)
		}
	case checkpoint.OpenBarrier:
		if w.opened++; w.opened > w.may {
			w.Fatalf("the barrier opened without cause")
		}
	case checkpoint.Sign:
		if a.Slip != nil && a.Slip.Name != "" && !strings.HasPrefix(a.Slip.Name, "N. ") {
			w.Fatalf("a slip names %q in full", a.Slip.Name)
		}
	}
	switch a.(type) {
	case checkpoint.Check, checkpoint.Keep, checkpoint.Sign, checkpoint.Print, checkpoint.LookUp, checkpoint.LogIn,
		checkpoint.ProvisionBy, checkpoint.Export:
		w.waiting = append(w.waiting, a)
	}
}

func (w *walk) kept(a checkpoint.Keep) {
	payload, err := record.Encode(a.Record.Body)
	if err != nil {
		w.Fatal(err)
	}
	switch b := a.Record.Body.(type) {
	case record.Visit:
		w.visit(a.ID, b)
	case record.Declaration:
		if b.Head == "" {
			w.heads++
		}
		return
	case record.Staff:
		if b.Action == "undo" {
			w.tubes[b.Target]--
		}
		w.green[a.ID] = b.Action == "override" && b.To == record.Level(policy.Green)
	case record.Sample:
		if w.sealed[b.Tube] {
			w.Fatalf("a person joined %s, which was done with", b.Tube)
		}
		return
	case record.Pool:
		w.sealed[b.Tube] = b.Step != record.Opened
		if b.Step == record.Closed && (b.Size != w.tubes[b.Tube] || b.Size < 2 || b.Size > 5) {
			w.Fatalf("a pool of %d was closed with %d samples", b.Size, w.tubes[b.Tube])
		}
	case record.Print:
		w.recorded++
	case record.Order, record.Vaccination, record.Roll:
		return
	}
	if personal(string(payload)) {
		w.Fatalf("a record without a name holds a person: %+v", a.Record.Body)
	}
}

// visit: none twice, none green without a reason.
func (w *walk) visit(id int, v record.Visit) {
	if v.Level == record.Level(policy.Green) && len(v.Reasons) == 0 {
		w.Fatalf("a green visit without a reason: %+v", v)
	}
	w.green[id] = v.Level == record.Level(policy.Green) || v.Direction == record.Out
	switch {
	case v.Family == "declaration":
		if w.declared++; w.declared > w.heads {
			w.Fatalf("%d visits by %d declarations", w.declared, w.heads)
		}
	case strings.HasPrefix(v.Family, "fam-"):
		if at, ok := w.visited[v.Family]; ok && w.now.Sub(at) < time.Minute {
			w.Fatalf("%s was a visit %v ago", v.Family, w.now.Sub(at))
		}
		w.visited[v.Family] = w.now
	}
}

// hold holds what must be true of every state.
func (w *walk) hold(was checkpoint.State, e checkpoint.Event) {
	levels := func(l checkpoint.Level, reasons []checkpoint.Reason) {
		if l == checkpoint.Green && (len(reasons) == 0 || reasons[0].Level != checkpoint.Green) {
			w.Fatalf("green by %v", reasons)
		}
		for _, r := range reasons {
			if r.Level > l {
				w.Fatalf("%v in spite of %v", l, r)
			}
		}
	}
	_, ticked := e.(checkpoint.Tick)
	if ticked && reflect.TypeOf(was.View) == reflect.TypeOf(w.s.View) {
		return // looked at when the screen came
	}
	resting := false
	switch v := w.s.View.(type) {
	case checkpoint.Shown:
		levels(v.Level, v.Reasons)
		if v.Level == checkpoint.Green && v.Proof != checkpoint.Verified && v.Proof != checkpoint.Vouched {
			w.Fatalf("an unproven %s is green", v.Family)
		}
	case checkpoint.Slip:
		if v.Purpose == checkpoint.ForDeclaration {
			levels(v.Level, v.Reasons)
		}
	case checkpoint.Idle, checkpoint.OutOfOrder:
		resting = true
		w.impersonal()
		if w.s.Staff != (checkpoint.Badge{}) {
			w.Fatalf("%v is logged in on %T", w.s.Staff, v)
		}
	case checkpoint.Provision:
		resting = true
		if v.Problem != "" {
			w.impersonal()
		}
	case checkpoint.StaffMenu, checkpoint.Technical, checkpoint.ShiftEnd, checkpoint.Antigens, checkpoint.Manual:
		w.impersonal()
	case nil:
		w.Fatal("nothing is shown")
	}
	if !resting && w.s.Leaves.IsZero() {
		w.Fatalf("%T stays for ever", w.s.View)
	}
	if away, ok := w.s.View.(checkpoint.Away); ok && !away.Until.Equal(w.s.Leaves) {
		w.Fatalf("it is asked until %v, and over at %v", away.Until, w.s.Leaves)
	}
}

// impersonal fails where the state holds anything of a person.
func (w *walk) impersonal() {
	if found := search(reflect.ValueOf(w.s), "state"); found != "" {
		w.Fatalf("on %T a person is left in %s", w.s.View, found)
	}
}

// search finds a personal text in a value, unexported fields included; the setup
// is the kiosk's.
func search(v reflect.Value, path string) string {
	if v.Type() == reflect.TypeFor[*checkpoint.Setup]() {
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		if personal(v.String()) {
			return fmt.Sprintf("%s: %q", path, v.String())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := search(v.Field(i), path+"."+v.Type().Field(i).Name); f != "" {
				return f
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return ""
		}
		for i := range v.Len() {
			if f := search(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); f != "" {
				return f
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if f := search(it.Key(), path+" key"); f != "" {
				return f
			}
			if f := search(it.Value(), path+"[]"); f != "" {
				return f
			}
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*time.Location]() {
			return search(v.Elem(), path)
		}
	}
	return ""
}
