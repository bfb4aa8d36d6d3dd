package checkpoint_test

import (
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

func TestACertificateIsAVisitAndIdleAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		level  policy.Level
		reason string
		stays  time.Duration
		gate   checkpoint.Gate
	}{
		{policy.Green, policy.DoseValid, 5 * time.Second, checkpoint.Open},
		{policy.Amber, policy.UnknownIssuer, 20 * time.Second, checkpoint.Shut},
		{policy.Red, policy.Forged, 20 * time.Second, checkpoint.Shut},
	} {
		t.Run(tt.level.String(), func(t *testing.T) {
			t.Parallel()
			w := start(t, setup())
			w.codes["HC1:A"] = certificate("Nguyễn Thị Thử", tt.level, tt.reason)
			w.code("HC1:A")
			v := on[checkpoint.Shown](w)
			if v.Level != tt.level || v.Name != "N. T. Thử" || v.Reasons[0].Code != tt.reason || v.Gate != tt.gate {
				t.Errorf("shown is %+v", v)
			}
			if got := keptOf[record.Visit](w); len(got) != 1 || got[0].Level != record.Level(tt.level) ||
				got[0].Family != "eu-dcc" || got[0].Direction != record.In || got[0].Rules != "r7" || got[0].Reasons[0].Code != tt.reason {
				t.Errorf("kept is %+v", got)
			}
			if opened := len(acted[checkpoint.OpenBarrier](w)); opened != map[bool]int{true: 1}[tt.gate == checkpoint.Open] {
				t.Errorf("the barrier opened %d times", opened)
			}
			w.wait(tt.stays - time.Second)
			on[checkpoint.Shown](w)
			w.wait(time.Second)
			on[checkpoint.Idle](w)
			if lamps := acted[checkpoint.Lamp](w); len(lamps) != 2 || lamps[0].Level != tt.level || lamps[1].Level != 0 {
				t.Errorf("lamps are %v", lamps)
			}
		})
	}
}

func TestTheSameCodeWithinAMinuteIsNoSecondVisit(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["HC1:A"] = certificate("Thử", policy.Green, policy.DoseValid)
	w.code("HC1:A")
	w.wait(30 * time.Second)
	w.code("HC1:A")
	if v := on[checkpoint.Shown](w); !v.Again || len(keptOf[record.Visit](w)) != 1 {
		t.Errorf("again is %v, with %d visits", v.Again, len(keptOf[record.Visit](w)))
	}
	w.wait(50 * time.Second)
	w.code("HC1:A")
	if !on[checkpoint.Shown](w).Again {
		t.Error("the minute did not start again with the second scan")
	}
	w.wait(61 * time.Second)
	w.code("HC1:A")
	if on[checkpoint.Shown](w).Again || len(keptOf[record.Visit](w)) != 2 {
		t.Error("a scan after more than a minute is a visit of its own")
	}
}

func TestAnUnsignedCodeIsNeverGreen(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	lie := certificate("Thử", policy.Green, policy.DoseValid)
	lie.Credentials[0].Standing = credential.SelfDeclared
	w.codes["X"] = lie
	w.codes["Y"] = checkpoint.Checked{Credentials: certificate("Thử", 1, "").Credentials, Verdict: policy.Verdict{Level: policy.Green}}
	for _, code := range []string{"X", "Y"} {
		w.code(code)
		if v := on[checkpoint.Shown](w); v.Level == checkpoint.Green {
			t.Errorf("%s is green by %v", code, v.Reasons)
		}
	}
}

func TestATestCompletesADose(t *testing.T) {
	t.Parallel()
	lay := func(t *testing.T) *world {
		w := start(t, setup())
		w.codes["HC1:DOSE"] = certificate("Trần Văn Mẫu", policy.Amber, policy.NeedsTest)
		w.codes["HC1:TEST"] = certificate("Trần Văn Mẫu", policy.Amber, policy.NeedsDose)
		w.codes["HC1:OTHER"] = certificate("Lê Thị Khác", policy.Amber, policy.NeedsDose)
		w.code("HC1:DOSE")
		if v := on[checkpoint.Shown](w); !v.More || len(w.kept) != 0 {
			t.Fatalf("more is %v with %d records", v.More, len(w.kept))
		}
		return w
	}
	t.Run("shown", func(t *testing.T) {
		t.Parallel()
		w := lay(t)
		w.code("HC1:TEST")
		if v := on[checkpoint.Shown](w); v.Level != checkpoint.Green || len(keptOf[record.Visit](w)) != 1 {
			t.Errorf("shown is %+v with %d visits", v, len(keptOf[record.Visit](w)))
		}
	})
	t.Run("of another person", func(t *testing.T) {
		t.Parallel()
		w := lay(t)
		w.code("HC1:OTHER")
		if v := on[checkpoint.Shown](w); v.Level != checkpoint.Amber || v.Reasons[0].Code != policy.HolderMismatch {
			t.Errorf("shown is %+v", v)
		}
	})
	for name, end := range map[string]func(*world){
		"not shown": func(w *world) { w.wait(40 * time.Second) },
		"given up":  func(w *world) { w.tap(checkpoint.TapHome) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lay(t)
			end(w)
			on[checkpoint.Idle](w)
			if got := keptOf[record.Visit](w); len(got) != 1 || got[0].Level != record.Level(policy.Amber) {
				t.Errorf("kept is %+v", got)
			}
		})
	}
}

func TestLeavingIsNeverHeldUp(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["HC1:A"] = certificate("Thử", policy.Red, policy.Expired)
	w.tap(checkpoint.TapDirection, "out")
	w.code("HC1:A")
	if v := on[checkpoint.Shown](w); v.Direction != checkpoint.Out || v.Gate != checkpoint.Open {
		t.Errorf("shown is %+v", v)
	}
	w.wait(time.Minute)
	if v := on[checkpoint.Idle](w); v.Direction != checkpoint.In {
		t.Errorf("the direction stayed %v", v.Direction)
	}
}

func TestTheTemperatureIsPartOfTheVisit(t *testing.T) {
	t.Parallel()
	warm := setup()
	warm.Thermometer = true
	for _, tt := range []struct {
		name    string
		celsius float64
		level   policy.Level
		reason  string
		heat    int
	}{
		{"healthy", 36.64, policy.Green, policy.DoseValid, 366},
		{"at the limit", 37.5, policy.Red, checkpoint.Feverish, 375},
		{"not taken", 0, policy.Amber, checkpoint.Unmeasured, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, warm)
			w.codes["HC1:A"] = certificate("Thử", policy.Green, policy.DoseValid)
			w.code("HC1:A")
			on[checkpoint.Measuring](w)
			if tt.celsius > 0 {
				w.send(checkpoint.Temperature{Celsius: tt.celsius})
			} else {
				w.wait(10 * time.Second)
			}
			v, got := on[checkpoint.Shown](w), keptOf[record.Visit](w)
			if v.Level != tt.level || v.Reasons[0].Code != tt.reason || len(got) != 1 || got[0].Temperature != tt.heat {
				t.Errorf("shown is %+v, kept %+v", v, got)
			}
		})
	}
	t.Run("out of order", func(t *testing.T) {
		t.Parallel()
		w := start(t, warm)
		w.send(checkpoint.DeviceChanged{Part: checkpoint.PartThermometer, Conditions: []checkpoint.Condition{
			{Code: "thermometer-gone", Severity: checkpoint.Warning, Since: noon},
		}})
		w.codes["HC1:A"] = certificate("Thử", policy.Green, policy.DoseValid)
		w.code("HC1:A")
		if v := on[checkpoint.Shown](w); v.Level != policy.Amber || v.Reasons[0].Code != checkpoint.Unmeasured {
			t.Errorf("shown is %+v", v)
		}
	})
	for _, level := range []checkpoint.Level{checkpoint.Green, checkpoint.Amber, checkpoint.Red} {
		t.Run("a dead thermometer makes it "+level.String(), func(t *testing.T) {
			t.Parallel()
			set := *warm
			set.Unmeasured = level
			w := start(t, &set)
			w.send(checkpoint.DeviceChanged{Part: checkpoint.PartThermometer, Conditions: []checkpoint.Condition{
				{Code: "thermometer-gone", Severity: checkpoint.Warning, Since: noon},
			}})
			w.codes["HC1:A"] = certificate("Thử", policy.Green, policy.DoseValid)
			w.code("HC1:A")
			v, got := on[checkpoint.Shown](w), keptOf[record.Visit](w)
			said := slices.ContainsFunc(v.Reasons, func(r checkpoint.Reason) bool { return r.Code == checkpoint.Unmeasured })
			if v.Level != level || !said || len(got) != 1 || got[0].Level != record.Level(level) {
				t.Errorf("shown is %+v, kept %+v", v, got)
			}
		})
	}
}

// Idle invites to hold up a code as long as one reader works. A part that is not
// fitted never reports.
func TestIdleDoesNotInviteToADeadReader(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	tell := func(part checkpoint.Part, codes ...string) {
		e := checkpoint.DeviceChanged{Part: part}
		for _, code := range codes {
			e.Conditions = append(e.Conditions, checkpoint.Condition{Code: code, Severity: checkpoint.Warning, Since: noon})
		}
		w.send(e)
	}
	for _, s := range []struct {
		name string
		do   func()
		want bool
	}{
		{"nothing reported yet", func() {}, false},
		{"the camera is gone, alone", func() { tell(checkpoint.PartCamera, "camera-gone") }, true},
		{"a scanner works", func() { tell(checkpoint.PartScanner) }, false},
		{"both are gone", func() { tell(checkpoint.PartScanner, "scanner-gone") }, true},
		{"the printer works", func() { tell(checkpoint.PartPrinter) }, true},
		{"the camera is back", func() { tell(checkpoint.PartCamera) }, false},
	} {
		s.do()
		if got := on[checkpoint.Idle](w).NoReader; got != s.want {
			t.Errorf("%s: no reader is %v", s.name, got)
		}
	}
}

func TestWhatCannotBeCheckedIsNotCalledInvalid(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.code("torn")
	if v := on[checkpoint.Unchecked](w); v.Problem != "unreadable" || len(w.kept) != 0 {
		t.Errorf("problem is %q with %d records", v.Problem, len(w.kept))
	}
	w.mute["check"] = true
	w.code("HC1:A")
	on[checkpoint.Checking](w)
	w.wait(15 * time.Second)
	if v := on[checkpoint.Unchecked](w); v.Problem != "failed" {
		t.Errorf("problem is %q", v.Problem)
	}
	w.wait(10 * time.Second)
	on[checkpoint.Idle](w)
}

func TestTheNextVisitorNeedNotWait(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["HC1:A"] = certificate("Thử", policy.Red, policy.Expired)
	w.codes["HC1:B"] = certificate("Mẫu", policy.Green, policy.DoseValid)
	w.code("HC1:A")
	w.code("HC1:B")
	if v := on[checkpoint.Shown](w); v.Level != checkpoint.Green || len(keptOf[record.Visit](w)) != 2 {
		t.Errorf("shown is %+v", v)
	}
}

// A paper that is spread over several codes is judged when all of them came, in
// any order; the verdict is one visit.
func TestAPaperOverSeveralCodes(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["part 2"] = checkpoint.Gathered{Read: 1, Of: 3}
	w.code("part 2")
	if v := on[checkpoint.Gathering](w); v.Read != 1 || v.Of != 3 {
		t.Errorf("after the first of three codes: %+v", v)
	}
	w.codes["part 1"] = checkpoint.Gathered{Read: 2, Of: 3}
	w.code("part 1")
	w.code("part 2") // it is still in view
	if v := on[checkpoint.Gathering](w); v.Read != 2 {
		t.Errorf("after the second of three codes: %+v", v)
	}
	w.codes["part 3"] = certificate("Nguyễn Thị Thử", policy.Green, policy.DoseValid)
	w.code("part 3")
	if v := on[checkpoint.Shown](w); v.Level != checkpoint.Green || v.Proof != checkpoint.Verified {
		t.Errorf("after the last code: %+v", v)
	}
	w.code("part 1")
	w.wait(time.Minute)
	if n := len(keptOf[record.Visit](w)); n != 1 {
		t.Errorf("%d visits", n)
	}
}

func TestAPaperThatStaysHalfRead(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["part 1"] = checkpoint.Gathered{Read: 1, Of: 2}
	w.codes["of another"] = checkpoint.Gathered{Read: 1, Of: 3}
	w.code("part 1")
	w.code("of another")
	if v := on[checkpoint.Gathering](w); v.Read != 1 || v.Of != 3 {
		t.Errorf("after a code of another paper: %+v", v)
	}
	w.wait(16 * time.Second)
	if v := on[checkpoint.Unchecked](w); v.Problem != "incomplete" {
		t.Errorf("half a paper gives %+v", v)
	}
	if n := len(keptOf[record.Visit](w)); n != 0 {
		t.Errorf("%d visits", n)
	}
}

// What stands behind a paper is told apart: no signature, one that could not be
// verified, one that was.
func TestWhatStandsBehindAPaper(t *testing.T) {
	t.Parallel()
	for standing, want := range map[credential.Standing]checkpoint.Proof{
		credential.SelfDeclared:  checkpoint.Unsigned,
		credential.UnknownIssuer: checkpoint.Unverified,
		credential.Forged:        checkpoint.Broken,
		credential.Unreadable:    checkpoint.Unverified,
		credential.Signed:        checkpoint.Verified,
	} {
		w := start(t, setup())
		shown := certificate("Nguyễn Thị Thử", policy.Amber, policy.UnknownIssuer)
		shown.Credentials[0].Standing = standing
		w.codes["paper"] = shown
		w.code("paper")
		if v := on[checkpoint.Shown](w); v.Proof != want {
			t.Errorf("%s: %q, want %q", standing, v.Proof, want)
		}
	}
}

// A checkpoint on the road: no one comes or leaves, all pass.
func TestPassingThrough(t *testing.T) {
	t.Parallel()
	road := setup()
	road.Directions = []checkpoint.Direction{checkpoint.Through}
	w := start(t, road)
	if v := on[checkpoint.Idle](w); v.Direction != checkpoint.Through {
		t.Errorf("the idle screen counts %s", v.Direction)
	}
	w.codes["family"] = checkpoint.Checked{
		Credentials: certificate("Nguyễn Thị Thử", policy.Green, policy.SlipAccepted).Credentials,
		Verdict:     verdict(policy.Green, policy.SlipAccepted), Party: 4,
	}
	w.code("family")
	visits := keptOf[record.Visit](w)
	if len(visits) != 1 || visits[0].Direction != record.Through || visits[0].Party != 4 {
		t.Errorf("visits %+v", visits)
	}
	if gates := acted[checkpoint.OpenBarrier](w); len(gates) != 1 || gates[0].Party != 4 {
		t.Errorf("the barrier opened for %v", gates)
	}
}

// Each screen for a visitor has its sound, in the visitor's language; the idle
// kiosk is quiet.
func TestScreensSaySomething(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["cert"] = certificate("Nguyễn Thị Thử", policy.Green, policy.DoseValid)
	w.code("cert")
	w.wait(6 * time.Second)
	w.tap(checkpoint.TapLanguage, "en")
	w.tap(checkpoint.TapService, string(checkpoint.Results))
	w.wait(2 * time.Second)
	want := []checkpoint.Say{{Prompt: "shown.green", Language: "vi"}, {Prompt: "result", Language: "en"}}
	if got := acted[checkpoint.Say](w); !slices.Equal(got, want) {
		t.Errorf("said %v, want %v", got, want)
	}
}

// ticket is any other QR code, as the policy judges it: neutral.
func ticket() checkpoint.Checked {
	return checkpoint.Checked{
		Credentials: []credential.Credential{{Family: credential.NoFamily}},
		Verdict:     policy.Verdict{Reasons: []policy.Reason{{Code: policy.NotACredential}}},
	}
}

// A code of no document is no visit: nothing is lit, recorded or held against a
// document that is shown with it.
func TestACodeOfNoDocument(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["MENU"] = ticket()
	w.codes["HC1:A"] = certificate("Thử", policy.Green, policy.DoseValid)
	w.codes["HC1:DOSE"] = certificate("Trần Văn Mẫu", policy.Amber, policy.NeedsTest)
	w.code("MENU")
	on[checkpoint.NotADocument](w)
	for _, a := range w.acted {
		switch a := a.(type) {
		case checkpoint.Lamp:
			if a.Level != 0 {
				t.Errorf("lit %v", a.Level)
			}
		case checkpoint.Keep:
			t.Errorf("recorded %+v", a)
		}
	}
	w.code("HC1:A") // the other one is shown right away
	if v := on[checkpoint.Shown](w); v.Level != checkpoint.Green {
		t.Errorf("shown is %+v", v)
	}
	w.tap(checkpoint.TapHome)
	w.code("MENU")
	w.wait(10 * time.Second)
	on[checkpoint.Idle](w)
	w.code("HC1:DOSE")
	w.code("MENU")
	if v := on[checkpoint.Shown](w); v.Level != checkpoint.Amber || !v.More || v.Reasons[0].Code != policy.NeedsTest {
		t.Errorf("beside a dose: %+v", v)
	}
	w.tap(checkpoint.TapHome)
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.code("MENU")
	if v := on[checkpoint.ForWhom](w); v.Problem != "not-a-person" {
		t.Errorf("in a form: %+v", v)
	}
}
