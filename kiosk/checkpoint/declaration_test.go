package checkpoint_test

import (
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// answer answers questions until the review, each by its ID: options and units
// by their value, all else typed.
func (w *world) answer(answers map[string]string) {
	w.t.Helper()
	for range 40 {
		if _, together := w.s.View.(checkpoint.HealthCheck); together {
			w.tap(checkpoint.TapOption) // one by one
		}
		q, ok := w.s.View.(checkpoint.Question)
		if !ok {
			return
		}
		text := answers[q.ID]
		switch {
		case text == "":
		case q.Kind == checkpoint.ChoiceQuestion || q.Kind == checkpoint.ChoicesQuestion:
			w.tap(checkpoint.TapOption, text)
			if next, ok := w.s.View.(checkpoint.Question); !ok || next.ID != q.ID {
				continue // a single choice goes on by itself
			}
		case q.Kind == checkpoint.UnitQuestion:
			w.tap(checkpoint.TapUnit, text)
		default:
			w.typed(text)
			if next, ok := w.s.View.(checkpoint.Question); !ok || next.ID != q.ID {
				continue // a whole phone number goes on by itself
			}
		}
		w.tap(checkpoint.TapNext)
		if next, ok := w.s.View.(checkpoint.Question); ok && next.ID == q.ID {
			w.t.Fatalf("%q does not hold for %s: %s", text, q.ID, next.Problem)
		}
	}
}

// healthy are the answers of a healthy person.
func healthy() map[string]string {
	return map[string]string{
		"name": "Nguyễn Văn Thử", "birth": "1961", "sex": "male", "nationality": "VN", "document": "030061000002",
		"phone": "0900000001", "address": "11086", "street": "Thôn Mẫu", "travelled": "no", "symptoms": "none", "contacts": "none",
	}
}

func TestAnIDCardLeadsToADeclarationAndASlip(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["CARD"] = idCard("Phạm Thị Mẫu")
	w.code("CARD")
	if v := on[checkpoint.ForWhom](w); v.Name != "P. T. Mẫu" || v.Read != "vn-id" || v.Retention == 0 {
		t.Errorf("the form opens with %+v", v)
	}
	w.tap(checkpoint.TapSelf)
	if q := on[checkpoint.Question](w); q.ID != "phone" {
		t.Errorf("the first question that the card left open is %s", q.ID)
	}
	w.answer(healthy())
	review := on[checkpoint.Review](w)
	i := slices.IndexFunc(review.Lines, func(l checkpoint.Line) bool { return l.ID == "address" })
	for i < 0 && review.Page+1 < review.Pages {
		w.tap(checkpoint.TapPage, "+")
		review = on[checkpoint.Review](w)
		i = slices.IndexFunc(review.Lines, func(l checkpoint.Line) bool { return l.ID == "address" })
	}
	if i < 0 || review.Lines[i].Text != "Xã Tân Kỳ, Huyện Tứ Kỳ, Tỉnh Hải Dương" {
		t.Errorf("the review lacks the card's address: %+v", review.Lines)
	}
	w.readReview()
	if len(w.kept) != 0 {
		t.Error("something was kept before consent")
	}
	w.tap(checkpoint.TapAgree)
	s := on[checkpoint.Slip](w)
	if s.Level != checkpoint.Green || !s.Printed || s.Code == "" || s.Gate != checkpoint.Open || s.Name != "P. T. Mẫu" {
		t.Errorf("the slip is %+v", s)
	}
	d, v := keptOf[record.Declaration](w), keptOf[record.Visit](w)
	if len(d) != 1 || len(v) != 1 {
		t.Fatalf("%d declarations and %d visits were kept", len(d), len(v))
	}
	want := record.Person{
		Name: "Phạm Thị Mẫu", Birth: 1950, Sex: record.Female, Nationality: "VN", Document: "030150000001",
		Phone: "0900000001", Address: record.Address{Unit: "11113", Set: "2022", Line: "Thôn Thử"},
	}
	if d[0].Person != want || d[0].Number != s.Number || d[0].Proxy || d[0].Document != "vn-id" || d[0].Form != "health/2026-01" {
		t.Errorf("the declaration is %+v", d[0])
	}
	if v[0].Family != "declaration" || v[0].Level != record.Level(policy.Green) {
		t.Errorf("the visit is %+v", v[0])
	}
	if sign := w.signed[0]; sign.Slip.Name != "P. T. Mẫu" || sign.Number != s.Number || !sign.Until.Equal(w.now.Add(24*time.Hour)) {
		t.Errorf("signed was %+v", sign)
	}
	if w.printed[0].Job.Code != s.Code {
		t.Error("the paper has another code than the screen")
	}

	// Neither the card nor the slip, held up now, is another visit.
	w.codes[s.Code] = certificate("P. T. Mẫu", policy.Green, policy.SlipAccepted)
	w.wait(20 * time.Second)
	on[checkpoint.Idle](w)
	w.code(s.Code)
	if !on[checkpoint.Shown](w).Again {
		t.Error("the slip counted as a second visit")
	}
	w.wait(20 * time.Second)
	w.code("CARD")
	if len(keptOf[record.Visit](w)) != 1 || len(keptOf[record.Declaration](w)) != 1 {
		t.Error("the card counted twice")
	}
}

func TestTriageDecides(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		question, option string
		level            policy.Level
		reason           string
	}{
		{"symptoms", "cough", policy.Amber, "declared-symptoms"},
		{"symptoms", "dyspnoea", policy.Red, "declared-severe-symptoms"},
		{"contacts", "case", policy.Red, "declared-case-contact"},
		{"contacts", "area", policy.Amber, "declared-contact"},
	} {
		t.Run(tt.option, func(t *testing.T) {
			t.Parallel()
			w := start(t, setup())
			answers := healthy()
			answers[tt.question] = tt.option
			w.tap(checkpoint.TapService, string(checkpoint.Declare))
			w.tap(checkpoint.TapSelf)
			w.answer(answers)
			w.agree()
			s := on[checkpoint.Slip](w)
			if s.Level != tt.level || s.Reasons[0].Code != tt.reason || s.Gate != checkpoint.Shut {
				t.Errorf("the slip is %+v", s)
			}
		})
	}
}

func TestBackLosesNothing(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.tap(checkpoint.TapSelf)
	w.answer(healthy())
	before := on[checkpoint.Review](w)
	for range 30 {
		w.tap(checkpoint.TapBack)
		if _, first := w.s.View.(checkpoint.ForWhom); first {
			break
		}
	}
	on[checkpoint.ForWhom](w)
	w.tap(checkpoint.TapSelf)
	w.answer(nil)
	if after := on[checkpoint.Review](w); !slices.EqualFunc(before.Lines, after.Lines, func(a, b checkpoint.Line) bool { return a.Text == b.Text }) {
		t.Errorf("after going back the answers are %+v, before %+v", after.Lines, before.Lines)
	}
	w.tap(checkpoint.TapEdit, "name")
	w.typed("Lê Văn Khác")
	w.tap(checkpoint.TapNext)
	if v := on[checkpoint.Review](w); v.Lines[0].Text != "Lê Văn Khác" {
		t.Errorf("the changed answer is %q", v.Lines[0].Text)
	}
}

func TestAQuestionThatFallsAwayTakesItsAnswerAlong(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	answers := healthy()
	answers["travelled"], answers["travel"] = "yes", "Hà Nội"
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.tap(checkpoint.TapRelative)
	w.answer(answers)
	w.tap(checkpoint.TapEdit, "travelled")
	w.tap(checkpoint.TapOption, "no")
	w.tap(checkpoint.TapNext)
	w.agree()
	if d := keptOf[record.Declaration](w); len(d) != 1 || d[0].Travel != "" || !d[0].Proxy || d[0].Other["travelled"] != "no" {
		t.Errorf("kept is %+v", d)
	}
}

func TestAPartyHasOneSlipAndOneVisit(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	for i, contact := range []string{"none", "area", "none"} {
		answers := healthy()
		answers["contacts"] = contact
		w.tap(checkpoint.TapSelf)
		w.answer(answers)
		w.readReview()
		if i < 2 {
			w.tap(checkpoint.TapAdd)
			if v := on[checkpoint.ForWhom](w); v.Party != i+1 {
				t.Errorf("after %d people the party is of %d", i+1, v.Party)
			}
		}
	}
	w.tap(checkpoint.TapAgree)
	s, d, v := on[checkpoint.Slip](w), keptOf[record.Declaration](w), keptOf[record.Visit](w)
	if len(d) != 3 || len(v) != 1 || len(w.signed) != 1 || len(w.printed) != 1 {
		t.Fatalf("%d declarations, %d visits, %d slips", len(d), len(v), len(w.signed))
	}
	if v[0].Party != 3 || s.Party != 3 || s.Level != checkpoint.Amber || s.Number != d[0].Number || d[2].Head != d[0].Number || d[0].Head != "" {
		t.Errorf("the slip is %+v, the visit %+v", s, v[0])
	}
}

func TestAPartyLeftUnfinishedIsAVisitOfThoseWhoDeclared(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.tap(checkpoint.TapSelf)
	w.answer(healthy())
	w.readReview()
	w.tap(checkpoint.TapAdd)
	w.tap(checkpoint.TapRelative)
	w.wait(2 * time.Minute)
	on[checkpoint.Idle](w)
	if v := keptOf[record.Visit](w); len(v) != 1 || v[0].Party != 0 {
		t.Errorf("kept is %+v", v)
	}
}

func TestLeavingAsksOnceThenClears(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.tap(checkpoint.TapLanguage, "en")
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.tap(checkpoint.TapSelf)
	w.typed("Nguyễn Văn Thử")
	w.wait(59 * time.Second)
	on[checkpoint.Question](w)
	w.wait(time.Second)
	if v := on[checkpoint.Away](w); !v.Until.Equal(w.now.Add(20 * time.Second)) {
		t.Errorf("it is cleared at %v, now is %v", v.Until, w.now)
	}
	w.tap(checkpoint.TapHere)
	if q := on[checkpoint.Question](w); q.Text != "Nguyễn Văn Thử" {
		t.Errorf("what was typed became %q", q.Text)
	}
	w.wait(80 * time.Second)
	on[checkpoint.Idle](w)
	if w.s.Language != "vi" || len(acted[checkpoint.Forget](w)) != 1 || len(w.kept) != 0 {
		t.Errorf("after leaving: language %q, %d records", w.s.Language, len(w.kept))
	}
}

func TestWhatTheJournalRefusesCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.tap(checkpoint.TapSelf)
	w.answer(healthy())
	w.readReview()
	w.fail["keep"] = "disk-full"
	w.tap(checkpoint.TapAgree)
	if v := on[checkpoint.Review](w); v.Problem != "not-kept" || len(w.signed) != 0 {
		t.Errorf("the review has the problem %q", v.Problem)
	}
	w.fail["keep"] = ""
	w.tap(checkpoint.TapAgree)
	on[checkpoint.Slip](w)
}

func TestASlipThatIsNotPrintedSaysSo(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.tap(checkpoint.TapService, string(checkpoint.Register))
	w.tap(checkpoint.TapSelf)
	answers := healthy()
	answers["reason"], answers["technique"], answers["place"], answers["slot"] = "contact", "rt-pcr", "here", "now"
	w.answer(answers)
	w.readReview()
	w.fail["print"] = "paper-out"
	w.tap(checkpoint.TapAgree)
	if s := on[checkpoint.Slip](w); s.Printed || s.Problem != "paper-out" || s.Code == "" || s.Level != 0 {
		t.Errorf("the slip is %+v", s)
	}
	w.fail["print"] = ""
	w.tap(checkpoint.TapPrint)
	if s := on[checkpoint.Slip](w); !s.Printed || s.Problem != "" {
		t.Errorf("after another try the slip is %+v", s)
	}
	o := keptOf[record.Order](w)
	if len(o) != 1 || o[0].Reason != "contact" || o[0].Technique != record.RTPCR || o[0].Slot != "now" || len(keptOf[record.Visit](w)) != 0 {
		t.Errorf("kept is %+v", o)
	}
}

func TestNewFormsWaitForTheNextVisitor(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.tap(checkpoint.TapSelf)
	w.answer(healthy())
	bare := setup()
	bare.Forms, bare.Units = nil, nil
	w.send(checkpoint.Configured{Setup: bare})
	w.agree()
	if d := keptOf[record.Declaration](w); len(d) != 1 || d[0].Person.Address.Set != "2022" {
		t.Errorf("kept is %+v", d)
	}
	w.tap(checkpoint.TapDone)
	if v := on[checkpoint.Idle](w); slices.Contains(v.Services, checkpoint.Declare) {
		t.Errorf("without a form the services are %v", v.Services)
	}
}

func TestARecordThatIsKeptAfterAllIsNotKeptTwice(t *testing.T) {
	t.Parallel()
	set := setup()
	set.Times.Stalled = time.Minute
	w := start(t, set)
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.tap(checkpoint.TapSelf)
	w.answer(healthy())
	w.readReview()
	w.mute["keep"] = true
	w.tap(checkpoint.TapAgree)
	w.wait(15 * time.Second)
	if v := on[checkpoint.Review](w); v.Problem != "not-kept" {
		t.Errorf("the review has the problem %q", v.Problem)
	}
	w.mute["keep"] = false
	keeps := acted[checkpoint.Keep](w)
	w.send(checkpoint.RecordKept{ID: keeps[0].ID})
	on[checkpoint.Slip](w)
	if n := len(keptOf[record.Declaration](w)); n != 0 {
		t.Errorf("the declaration was handed over %d times more", n)
	}
}
