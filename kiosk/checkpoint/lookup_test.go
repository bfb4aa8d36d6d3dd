package checkpoint_test

import (
	"reflect"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
)

func slipOf(name string) checkpoint.Checked {
	c := certificate(name, checkpoint.Amber, "slip-amber")
	c.Credentials[0].Family = "slip"
	return c
}

func TestResultBySlipAndFourDigits(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["CHOT1S:X"] = slipOf("N. V. Thử")
	w.codes["HC1:A"] = certificate("Thử", checkpoint.Green, "dose-valid")
	w.finds = checkpoint.ResultFound{Name: "Nguyễn Văn Thử", Code: "CHOT1R:1", Results: []checkpoint.ResultLine{
		{Tube: "LAB-1", Technique: record.RTPCR, Outcome: record.Negative, Sampled: noon},
	}}
	w.tap(checkpoint.TapService, string(checkpoint.Results))
	w.code("HC1:A")
	if v := on[checkpoint.ResultLookUp](w); v.Problem != "not-a-slip" || v.Slip {
		t.Errorf("a certificate gives %+v", v)
	}
	w.code("CHOT1S:X")
	w.typed("12")
	w.tap(checkpoint.TapNext)
	if v := on[checkpoint.ResultLookUp](w); v.Problem != "digits" {
		t.Errorf("two digits give %+v", v)
	}
	w.typed("1234")
	v := on[checkpoint.ResultShown](w)
	if v.Name != "N. V. Thử" || v.Results[0].Outcome != record.Negative || !v.CanPrint {
		t.Errorf("shown is %+v", v)
	}
	w.tap(checkpoint.TapPrint)
	if v := on[checkpoint.ResultShown](w); !v.Printed || w.printed[0].Job.Code != "CHOT1R:1" {
		t.Errorf("shown is %+v", v)
	}
	if want := []record.Record{{Time: noon, Body: record.Print{Layout: "result", Number: "LAB-1", Copies: 1}}}; !reflect.DeepEqual(w.kept, want) {
		t.Errorf("looking up and printing kept %+v, want %+v", w.kept, want)
	}
}

func TestOfflineIsSaidPlainly(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["CHOT1S:X"] = slipOf("Thử")
	w.send(checkpoint.NetworkChanged{})
	w.tap(checkpoint.TapService, string(checkpoint.Results))
	if v := on[checkpoint.ResultLookUp](w); v.Problem != "offline" || !w.s.Offline {
		t.Errorf("shown is %+v", v)
	}
	w.code("CHOT1S:X")
	w.typed("1234")
	if v := on[checkpoint.ResultLookUp](w); v.Problem != "offline" || len(acted[checkpoint.LookUp](w)) != 0 {
		t.Errorf("shown is %+v", v)
	}
	w.send(checkpoint.NetworkChanged{Online: true})
	w.mute["lookup"] = true
	w.tap(checkpoint.TapNext)
	if v := on[checkpoint.ResultLookUp](w); !v.Waiting {
		t.Errorf("shown is %+v", v)
	}
	w.wait(16 * time.Second)
	if v := on[checkpoint.ResultLookUp](w); v.Waiting || v.Problem != "offline" {
		t.Errorf("after waiting: %+v", v)
	}
}

func TestVaccination(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.codes["CARD"] = idCard("Phạm Thị Mẫu")
	w.finds = checkpoint.VaccinationFound{
		Name: "Phạm Thị Mẫu", Certificate: "HC1:CERT",
		Status: checkpoint.VaccinationStatus{Doses: []checkpoint.DoseLine{{Number: 1, Product: "EU/1/20/1528", At: noon}}},
	}
	w.tap(checkpoint.TapService, string(checkpoint.Vaccination))
	w.tap(checkpoint.TapStatus)
	w.code("CARD")
	w.typed("1234")
	if v := on[checkpoint.VaccinationStatus](w); v.Name != "P. T. Mẫu" || len(v.Doses) != 1 {
		t.Errorf("the status is %+v", v)
	}
	w.tap(checkpoint.TapShow)
	if v := on[checkpoint.Certificate](w); v.Code != "HC1:CERT" {
		t.Errorf("the certificate is %+v", v)
	}
	w.tap(checkpoint.TapHome)
	w.tap(checkpoint.TapService, string(checkpoint.Vaccination))
	w.tap(checkpoint.TapRegister)
	w.code("CARD")
	w.tap(checkpoint.TapSelf)
	answers := healthy()
	answers["group"], answers["doses"], answers["allergy"], answers["wish"] = "over-65", "1", "no", "any"
	w.answer(answers)
	w.agree()
	on[checkpoint.Slip](w)
	if v := keptOf[record.Vaccination](w); len(v) != 1 || v[0].Group != "over-65" || v[0].Doses != 1 || v[0].Other["allergy"] != "no" {
		t.Errorf("kept is %+v", v)
	}
}

func TestHelpExplainsAndComesBack(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.tap(checkpoint.TapService, string(checkpoint.Declare))
	w.tap(checkpoint.TapSelf)
	w.typed("Thử")
	w.tap(checkpoint.TapHelp)
	w.tap(checkpoint.TapCall)
	if v := on[checkpoint.Help](w); v.Screen != "question.name" || !v.Called || len(acted[checkpoint.CallStaff](w)) != 1 {
		t.Errorf("help is %+v", v)
	}
	w.tap(checkpoint.TapBack)
	if v := on[checkpoint.Question](w); v.Text != "Thử" {
		t.Errorf("after help the answer is %q", v.Text)
	}
}

func TestContentIsShownInItsTimeAlone(t *testing.T) {
	t.Parallel()
	s := setup()
	s.Content = []checkpoint.Content{
		{ID: "old", Texts: map[string]string{"vi": "cũ"}, Until: noon},
		{ID: "5k", Texts: map[string]string{"vi": "Khẩu trang", "en": "Face mask"}, Source: "Bộ Y tế", Date: noon},
		{ID: "coming", Texts: map[string]string{"vi": "mới"}, From: noon.Add(time.Hour)},
	}
	w := start(t, s)
	for range 12 {
		w.wait(3 * time.Second)
		if v := on[checkpoint.Idle](w); v.Message.ID != "5k" || v.Message.Source != "Bộ Y tế" {
			t.Fatalf("the message is %+v", v.Message)
		}
	}
	w.tap(checkpoint.TapLanguage, "en")
	if v := on[checkpoint.Idle](w); v.Message.Text != "Face mask" {
		t.Errorf("in English the message is %q", v.Message.Text)
	}
}

func TestHintsAreShownForAMoment(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.send(checkpoint.HintSeen{Hint: checkpoint.Closer})
	if v := on[checkpoint.Idle](w); v.Hint != checkpoint.Closer {
		t.Errorf("the hint is %q", v.Hint)
	}
	w.wait(2 * time.Second)
	if v := on[checkpoint.Idle](w); v.Hint != "" {
		t.Errorf("two seconds later it is %q", v.Hint)
	}
}
