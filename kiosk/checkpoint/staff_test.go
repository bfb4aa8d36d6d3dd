package checkpoint_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// logIn shows a badge and types its PIN.
func (w *world) logIn(role checkpoint.Role) {
	w.t.Helper()
	badge := "CHOT1B:" + string(role)
	w.codes[badge] = checkpoint.BadgeRead{Badge: checkpoint.Badge{Number: "B-" + string(role), Name: "Cán bộ Thử", Role: role}}
	w.code(badge)
	on[checkpoint.Login](w)
	w.typed(w.pin)
	w.tap(checkpoint.TapNext)
}

func actions(w *world) []string {
	var all []string
	for _, s := range keptOf[record.Staff](w) {
		all = append(all, s.Action)
	}
	return all
}

func TestStaffLogInWithBadgeAndPIN(t *testing.T) {
	t.Parallel()
	for role, want := range map[checkpoint.Role][]checkpoint.Task{
		checkpoint.Volunteer:  {checkpoint.TaskAssist, checkpoint.TaskManual, checkpoint.TaskRoll},
		checkpoint.Sampler:    {checkpoint.TaskSampling, checkpoint.TaskAntigen, checkpoint.TaskReprint, checkpoint.TaskShift, checkpoint.TaskAssist},
		checkpoint.Technician: {checkpoint.TaskTechnical},
	} {
		w := start(t, setup())
		w.logIn(role)
		if v := on[checkpoint.StaffMenu](w); !slices.Equal(v.Tasks, want) {
			t.Errorf("%s may do %v, not %v", role, v.Tasks, want)
		}
		w.tap(checkpoint.TapTask, string(checkpoint.TaskTechnical))
		if _, there := w.s.View.(checkpoint.Technical); there != (role == checkpoint.Technician) {
			t.Errorf("%s at the technician's page: %v", role, there)
		}
		w.tap(checkpoint.TapHome)
		w.tap(checkpoint.TapLogout)
		on[checkpoint.Idle](w)
		if w.s.Staff != (checkpoint.Badge{}) || !slices.Equal(actions(w), []string{"login", "logout"}) {
			t.Errorf("after logging out: %v, %v", w.s.Staff, actions(w))
		}
	}
}

func TestABadgeOfAnotherPostOpensNothing(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["CHOT1B:x"] = checkpoint.BadgeRead{Badge: checkpoint.Badge{Number: "B-x", Name: "Cán bộ Thử", Role: checkpoint.Technician, Elsewhere: true}}
	for range 2 { // from the first screen, and from the log-in
		w.code("CHOT1B:x")
		if v := on[checkpoint.Login](w); v != (checkpoint.Login{Problem: "elsewhere"}) {
			t.Errorf("the log-in shows %+v", v)
		}
		w.typed(w.pin)
		w.tap(checkpoint.TapNext)
	}
	if len(actions(w)) != 0 || w.s.Staff != (checkpoint.Badge{}) {
		t.Errorf("%v, %v", w.s.Staff, actions(w))
	}
	w.logIn(checkpoint.Technician)
	on[checkpoint.StaffMenu](w)
}

func TestABadgeIsLockedAfterWrongPINs(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.pin = "9999"
	badge := checkpoint.Badge{Number: "B-1", Role: checkpoint.Sampler}
	w.codes["CHOT1B:1"] = checkpoint.BadgeRead{Badge: badge}
	try := func(pin string) {
		w.tap(checkpoint.TapHome)
		w.code("CHOT1B:1")
		w.typed(pin)
		w.tap(checkpoint.TapNext)
	}
	try("1")
	if v := on[checkpoint.Login](w); v.Problem != "wrong-pin" || v.Left != 2 || v.Digits != 0 {
		t.Errorf("after one wrong PIN: %+v", v)
	}
	try("2")
	try("3")
	if v := on[checkpoint.Login](w); v.Problem != "locked" || v.Until.IsZero() {
		t.Errorf("after three wrong PINs: %+v", v)
	}
	asked := len(acted[checkpoint.LogIn](w))
	try("9999")
	if on[checkpoint.Login](w); len(acted[checkpoint.LogIn](w)) != asked {
		t.Error("a locked badge was tried")
	}

	// A restart does not unlock it.
	s, err := checkpoint.New(setup(), w.now, seed, w.memory)
	if err != nil {
		t.Fatal(err)
	}
	w.s = s
	try("9999")
	on[checkpoint.Login](w)
	w.wait(5*time.Minute + time.Second)
	try("9999")
	on[checkpoint.StaffMenu](w)
	if len(w.memory) != 0 {
		t.Errorf("the lock stayed: %v", w.memory)
	}
}

func TestStaffAreOutAfterIdling(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.logIn(checkpoint.Sampler)
	w.wait(120 * time.Second)
	on[checkpoint.Away](w)
	w.wait(20 * time.Second)
	on[checkpoint.Idle](w)
	if got := keptOf[record.Staff](w); w.s.Staff != (checkpoint.Badge{}) || got[len(got)-1].Action != "logout" || got[len(got)-1].Reason != "idle" {
		t.Errorf("kept is %+v", got)
	}
}

// The screen, the lamp, the barrier and the record all follow what was decided: a
// verdict that staff turn to red keeps the barrier shut.
func TestAVerdictIsOverriddenWithAReason(t *testing.T) {
	t.Parallel()
	both := []policy.Level{policy.Green, policy.Red}
	for _, tt := range []struct {
		was, to policy.Level
		offered []policy.Level
		barrier bool // one is fitted
		gate    checkpoint.Gate
		opens   int
	}{
		{policy.Amber, policy.Green, both, true, checkpoint.Open, 1},
		{policy.Amber, policy.Red, both, true, checkpoint.Shut, 0},
		{policy.Red, policy.Green, both[:1], true, checkpoint.Open, 1},
		{policy.Amber, policy.Green, both, false, "", 0},
		{policy.Amber, policy.Red, both, false, "", 0},
	} {
		t.Run(fmt.Sprint(tt.was, " to ", tt.to, " barrier ", tt.barrier), func(t *testing.T) {
			t.Parallel()
			set := setup()
			set.Barrier = tt.barrier
			w := start(t, set)
			w.codes["HC1:A"] = certificate("Thử", tt.was, policy.UnknownIssuer)
			w.code("HC1:A")
			w.logIn(checkpoint.Supervisor)
			wantChoice := checkpoint.Override{
				Scan: checkpoint.Scan{
					ID: "1", At: noon, Family: "eu-dcc", Level: tt.was, Party: 1, Name: "Thử", Open: true,
					Because: []checkpoint.Reason{{Code: policy.UnknownIssuer, Level: tt.was}},
				},
				To: tt.offered, Reasons: []string{"paper-seen"},
			}
			if v := on[checkpoint.Override](w); !reflect.DeepEqual(v, wantChoice) {
				t.Errorf("to be overridden is\n%+v, want\n%+v", v, wantChoice)
			}
			for _, nonsense := range []string{"", "paper-seen", tt.was.String() + "/paper-seen", tt.to.String(), tt.to.String() + "/no-reason", "neutral/paper-seen"} {
				w.tap(checkpoint.TapReason, nonsense)
				on[checkpoint.Override](w) // not without a level and a reason
			}
			w.acted = nil
			w.tap(checkpoint.TapReason, tt.to.String()+"/paper-seen")
			want := checkpoint.Shown{
				Level: tt.to, Name: "Thử", Family: "manual", Reasons: []checkpoint.Reason{{Code: checkpoint.Overruled, Level: tt.to, Rule: "paper-seen"}},
				Direction: checkpoint.In, Party: 1, Proof: checkpoint.Vouched, Gate: tt.gate, Overruled: true,
			}
			if got := on[checkpoint.Shown](w); !reflect.DeepEqual(got, want) {
				t.Errorf("shown is\n%+v, want\n%+v", got, want)
			}
			if lamps := acted[checkpoint.Lamp](w); len(lamps) != 1 || lamps[0].Level != tt.to {
				t.Errorf("lamps are %v", lamps)
			}
			if n := len(acted[checkpoint.OpenBarrier](w)); n != tt.opens {
				t.Errorf("the barrier opened %d times", n)
			}
			staff := keptOf[record.Staff](w)
			if got, want := staff[len(staff)-1], (record.Staff{
				Badge: "B-supervisor", Action: "override", Reason: "paper-seen", From: record.Level(tt.was), To: record.Level(tt.to), Count: 1,
			}); got != want {
				t.Errorf("kept is %+v, want %+v", got, want)
			}
			if n := len(keptOf[record.Visit](w)); n != 1 {
				t.Errorf("%d visits", n)
			}
			w.tap(checkpoint.TapHome)
			w.tap(checkpoint.TapTask, string(checkpoint.TaskOverride))
			v := on[checkpoint.Override](w)
			if len(v.Scans) != 1 || v.Scans[0].Open || v.Scans[0].Name != "" {
				t.Errorf("for a second look: %+v", v.Scans)
			}
			w.tap(checkpoint.TapOpen, "1")
			if v := on[checkpoint.Override](w); v.Scan.ID != "" {
				t.Errorf("it can be overridden twice: %+v", v)
			}
		})
	}
}

func TestManualCheckIn(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.logIn(checkpoint.Volunteer)
	w.tap(checkpoint.TapTask, string(checkpoint.TaskManual))
	w.tap(checkpoint.TapReason, "no-such-reason")
	on[checkpoint.Manual](w)
	w.tap(checkpoint.TapParty, "+")
	w.tap(checkpoint.TapReason, "no-code")
	if s := on[checkpoint.Shown](w); s.Level != checkpoint.Green || s.Party != 2 {
		t.Errorf("shown is %+v", s)
	}
	v := keptOf[record.Visit](w)
	if len(v) != 1 || v[0].Family != "manual" || v[0].Staff != "B-staff" || v[0].Party != 2 || v[0].Reasons[0].Rule != "no-code" {
		t.Errorf("kept is %+v", v)
	}
}

func TestAssistedModeGoesFromPersonToPerson(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.logIn(checkpoint.Volunteer)
	w.tap(checkpoint.TapTask, string(checkpoint.TaskAssist))
	for i, name := range []string{"Một", "Hai"} {
		if v := on[checkpoint.ForWhom](w); !v.Assisted {
			t.Errorf("the form opens with %+v", v)
		}
		w.tap(checkpoint.TapSelf)
		answers := healthy()
		answers["name"] = "Nguyễn " + name
		w.answer(answers)
		w.agree()
		if s := on[checkpoint.Slip](w); s.Assisted != i+1 {
			t.Errorf("the slip counts %d", s.Assisted)
		}
		w.tap(checkpoint.TapDone)
	}
	d := keptOf[record.Declaration](w)
	if len(d) != 2 || d[1].Staff != "B-staff" || !d[1].Proxy || d[1].Person.Name != "Nguyễn Hai" || d[1].Head != "" {
		t.Errorf("kept is %+v", d)
	}
	w.tap(checkpoint.TapHome)
	on[checkpoint.StaffMenu](w)
}

func TestAgencyRoll(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["CARD"] = idCard("Phạm Thị Mẫu")
	w.logIn(checkpoint.Volunteer)
	w.tap(checkpoint.TapTask, string(checkpoint.TaskRoll))
	w.code("CARD") // not before an agency was chosen
	w.tap(checkpoint.TapAgency, "a1")
	w.code("CARD")
	if v := on[checkpoint.RollCall](w); v.Person != "P. T. Mẫu" || v.Agency.Name != "Trường thử nghiệm" {
		t.Errorf("the roll shows %+v", v)
	}
	w.tap(checkpoint.TapApp)
	w.tap(checkpoint.TapDone)
	if v := on[checkpoint.RollCall](w); v.Person != "" || v.Agency.Done != 1 {
		t.Errorf("after one person the roll shows %+v", v)
	}
	r := keptOf[record.Roll](w)
	if len(r) != 1 || r[0].Campaign != "app-2026" || r[0].Agency != "a1" || !r[0].App || r[0].Declared || r[0].Person.Name != "Phạm Thị Mẫu" {
		t.Errorf("kept is %+v", r)
	}
}

func TestTechniciansPage(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.send(checkpoint.DeviceChanged{Part: checkpoint.PartPrinter, Value: "TSPL 203 dpi", Conditions: []checkpoint.Condition{
		{Code: "printer-paper-out", Severity: checkpoint.Warning, Since: noon},
	}})
	w.logIn(checkpoint.Technician)
	w.tap(checkpoint.TapTask, string(checkpoint.TaskTechnical))
	find := func(p checkpoint.Part) checkpoint.PartLine {
		v := on[checkpoint.Technical](w)
		return v.Parts[slices.IndexFunc(v.Parts, func(l checkpoint.PartLine) bool { return l.Part == p })]
	}
	if l := find(checkpoint.PartPrinter); l.Severity != checkpoint.Warning || l.Codes[0] != "printer-paper-out" || l.Value != "TSPL 203 dpi" {
		t.Errorf("the printer's line is %+v", l)
	}
	w.tap(checkpoint.TapTest, "lamp")
	if l := find(checkpoint.PartLamp); l.Test != "passed" {
		t.Errorf("the lamp's line is %+v", l)
	}
	w.tap(checkpoint.TapExport)
	if v := on[checkpoint.Technical](w); v.Outcome != "export-done" || v.Count != 12 {
		t.Errorf("after the export: %+v", v)
	}
	w.tap(checkpoint.TapCamera)
	w.send(checkpoint.FocusMeasured{Focus: 70, Exposure: 128})
	if v := on[checkpoint.CameraAid](w); v.Focus != 70 {
		t.Errorf("the aid shows %+v", v)
	}
	w.tap(checkpoint.TapBack)
	w.tap(checkpoint.TapSeries)
	w.code("NEIGHBOUR'S")
	if v := on[checkpoint.Series](w); v.Code != "CODE 1" || v.At != 1 || v.Of != 2 || v.Entries != 12 || v.Taken.Of != 2 {
		t.Errorf("the series shows %+v", v)
	}
	for _, next := range []string{"CODE 2", "CODE 1"} { // they turn by themselves, round and round
		w.wait(time.Second)
		if v := on[checkpoint.Series](w); v.Code != next {
			t.Errorf("after a second the series shows %+v, not %s", v, next)
		}
	}
	w.tap(checkpoint.TapBack)
	w.tap(checkpoint.TapLeave)
	if !on[checkpoint.Technical](w).Leave || len(acted[checkpoint.Quit](w)) != 0 {
		t.Error("one tap leaves the kiosk")
	}
	w.tap(checkpoint.TapLeave)
	if len(acted[checkpoint.Quit](w)) != 1 || !slices.Equal(actions(w), []string{"login", "test", "export", "series", "leave"}) {
		t.Errorf("recorded is %v", actions(w))
	}
}

func TestABlockedKioskIsOutOfOrderUntilItIsOver(t *testing.T) {
	t.Parallel()
	full := checkpoint.DeviceChanged{Part: checkpoint.PartDisk, Conditions: []checkpoint.Condition{
		{Code: "disk-full", Severity: checkpoint.Blocking, Since: noon},
	}}
	w := start(t, setup())
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.send(full)
	if v := on[checkpoint.OutOfOrder](w); v.Conditions[0].Code != "disk-full" {
		t.Errorf("out of order for %v", v.Conditions)
	}
	w.logIn(checkpoint.Technician)
	on[checkpoint.StaffMenu](w)
	w.tap(checkpoint.TapLogout)
	on[checkpoint.OutOfOrder](w)
	w.send(checkpoint.DeviceChanged{Part: checkpoint.PartDisk})
	on[checkpoint.Idle](w)
}

func TestProvisioningByASheet(t *testing.T) {
	t.Parallel()
	fresh := setup()
	fresh.Provisioned = false
	w := start(t, fresh)
	if v := on[checkpoint.Provision](w); v.Stage != checkpoint.ShowSheet {
		t.Errorf("a new kiosk shows %+v", v)
	}
	w.codes["OLD"] = checkpoint.SheetRead{Number: "S-1", Problem: "expired"}
	w.codes["SHEET"] = checkpoint.SheetRead{Number: "S-2", Kiosk: "tk-01", Site: "TK-01", Server: "https://province.example", Key: "a1b2", Signed: false}
	w.code("OLD")
	if v := on[checkpoint.Provision](w); v.Problem != "expired" {
		t.Errorf("an old sheet gives %+v", v)
	}
	w.code("SHEET")
	if v := on[checkpoint.Provision](w); v.Stage != checkpoint.Confirm || v.Key != "a1b2" || len(acted[checkpoint.ProvisionBy](w)) != 0 {
		t.Errorf("an unchecked sheet gives %+v", v)
	}
	w.tap(checkpoint.TapNext)
	if by := acted[checkpoint.ProvisionBy](w); len(by) != 1 || by[0].Sheet != "SHEET" {
		t.Errorf("provisioning began by %v", by)
	}
	w.send(checkpoint.ProvisionMoved{Stage: checkpoint.Enrolling, Problem: "used"})
	if v := on[checkpoint.Provision](w); v.Stage != checkpoint.ShowSheet || v.Problem != "used" {
		t.Errorf("a used sheet gives %+v", v)
	}
	for range 5 { // it is still held up
		w.wait(2 * time.Second)
		w.code("SHEET")
	}
	if v := on[checkpoint.Provision](w); v.Problem != "used" || len(acted[checkpoint.Check](w)) != 2 {
		t.Errorf("a refused sheet that is held up was tried again: %+v", v)
	}
	var refused []string
	for _, b := range keptOf[record.Staff](w) {
		refused = append(refused, b.Action+" "+b.Target+" "+b.Reason)
	}
	if want := []string{"sheet-refused S-1 expired", "sheet-refused S-2 used"}; !slices.Equal(refused, want) {
		t.Errorf("reported %v, want %v", refused, want)
	}

	w.wait(5 * time.Second) // taken away, and shown again
	w.code("SHEET")
	w.tap(checkpoint.TapNext)
	w.send(
		checkpoint.ProvisionMoved{Stage: checkpoint.Testing},
		checkpoint.ProvisionMoved{Stage: checkpoint.Ready, Parts: []checkpoint.DeviceChanged{{Part: checkpoint.PartPrinter, Value: "TSPL"}}},
	)
	if v := on[checkpoint.Provision](w); v.Stage != checkpoint.Ready || v.Kiosk != "tk-01" || len(v.Parts) != 1 || v.Parts[0].Part != checkpoint.PartPrinter {
		t.Errorf("when it is done: %+v", v)
	}
	w.tap(checkpoint.TapDone)
	w.tap(checkpoint.TapDone)
	w.wait(time.Minute)
	if n := len(acted[checkpoint.Serve](w)); n < 1 {
		t.Errorf("service was begun %d times", n)
	}
	w.send(checkpoint.Configured{Setup: setup()})
	on[checkpoint.Idle](w)
}

// The button is not pressed: the kiosk serves all the same.
func TestAProvisionedKioskServesByItself(t *testing.T) {
	t.Parallel()
	fresh := setup()
	fresh.Provisioned = false
	w := start(t, fresh)
	w.codes["SHEET"] = checkpoint.SheetRead{Signed: true}
	w.code("SHEET")
	w.send(checkpoint.ProvisionMoved{Stage: checkpoint.Ready})
	w.wait(time.Minute)
	if n := len(acted[checkpoint.Serve](w)); n != 1 {
		t.Errorf("service was begun %d times", n)
	}
}

func TestASheetIsRefusedByAKioskThatHasItsIdentity(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["SHEET"] = checkpoint.SheetRead{Number: "S-2", Signed: true}
	for range 3 { // held up for half a minute
		w.code("SHEET")
		if v := on[checkpoint.Unchecked](w); v.Problem != "sheet" {
			t.Errorf("a sheet gives %+v", v)
		}
		w.wait(11 * time.Second)
	}
	told := keptOf[record.Staff](w)
	if len(told) != 1 || told[0].Action != "sheet-refused" || told[0].Target != "S-2" || told[0].Reason != "provisioned" {
		t.Errorf("reported %+v", told)
	}
	if n := len(acted[checkpoint.ProvisionBy](w)); n != 0 {
		t.Error("it was provisioned again")
	}
}

// The last five verdicts can be looked at once more, the newest first and without
// names; those that are not green can be overridden for a while.
func TestTheLastVerdictsForASecondLook(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	levels := []policy.Level{policy.Green, policy.Red, policy.Amber, policy.Green, policy.Red, policy.Amber}
	for i, l := range levels {
		code := fmt.Sprintf("HC1:%d", i)
		w.codes[code] = certificate("Thử", l, policy.UnknownIssuer)
		w.code(code)
		w.wait(30 * time.Second)
	}
	w.logIn(checkpoint.Volunteer)
	on[checkpoint.StaffMenu](w) // no verdict is on the screen any more
	w.tap(checkpoint.TapTask, string(checkpoint.TaskOverride))
	v := on[checkpoint.Override](w)
	var got []policy.Level
	for i, s := range v.Scans {
		if got = append(got, s.Level); s.Name != "" || s.Open != (s.Level != policy.Green) || !s.At.Equal(noon.Add(time.Duration(5-i)*30*time.Second)) {
			t.Errorf("scan %d is %+v", i, s)
		}
	}
	slices.Reverse(got)
	if !slices.Equal(got, levels[1:]) {
		t.Errorf("the last are %v, want %v", got, levels[1:])
	}
	w.tap(checkpoint.TapOpen, v.Scans[1].ID) // red
	if v := on[checkpoint.Override](w); v.Scan.Level != policy.Red || len(v.To) != 1 {
		t.Errorf("chosen is %+v", v)
	}
	w.tap(checkpoint.TapBack)
	w.tap(checkpoint.TapOpen, v.Scans[2].ID) // green
	if v := on[checkpoint.Override](w); v.Scan.ID != "" {
		t.Errorf("a green one is chosen: %+v", v)
	}
	for range 16 {
		w.wait(time.Minute)
		w.tap(checkpoint.TapHome)
	}
	w.tap(checkpoint.TapTask, string(checkpoint.TaskOverride))
	for _, s := range on[checkpoint.Override](w).Scans {
		if s.Open {
			t.Errorf("after a quarter of an hour %+v can be overridden", s)
		}
	}
}
