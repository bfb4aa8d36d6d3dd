package checkpoint_test

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// answer is what an action may be answered by, right or wrong.
func (w *walk) answer(a checkpoint.Action) checkpoint.Event {
	good := rapid.IntRange(0, 9).Draw(w.T, "good") > 0
	switch a := a.(type) {
	case checkpoint.Check:
		return w.checked(a)
	case checkpoint.Keep:
		if !good {
			return checkpoint.RecordFailed{ID: a.ID, Problem: "disk-full"}
		}
		if sample, ok := a.Record.Body.(record.Sample); ok {
			w.tubes[sample.Tube]++
			w.sealed[sample.Tube] = sample.Member == 0
		}
		if w.green[a.ID] {
			w.may++
			delete(w.green, a.ID)
		}
		return checkpoint.RecordKept{ID: a.ID}
	case checkpoint.Sign:
		if !good {
			return checkpoint.SignFailed{ID: a.ID}
		}
		return checkpoint.Signed{ID: a.ID, Code: mark + "-slip"}
	case checkpoint.Print:
		if !good {
			return checkpoint.PrintFailed{ID: a.ID, Problem: "paper-out"}
		}
		return checkpoint.Printed{ID: a.ID}
	case checkpoint.LookUp:
		switch {
		case !good:
			return checkpoint.LookUpFailed{ID: a.ID, Problem: "no-such"}
		case a.What == "result":
			return checkpoint.ResultFound{ID: a.ID, Name: mark, Code: mark, Results: []checkpoint.ResultLine{{Tube: "T"}}}
		case a.What == "order":
			return checkpoint.OrderFound{ID: a.ID, Order: checkpoint.FoundOrder{Number: "X", Person: record.Person{Name: "N " + mark, Birth: 1950}}}
		}
		return checkpoint.VaccinationFound{ID: a.ID, Name: mark, Certificate: mark}
	case checkpoint.LogIn:
		if !good {
			return checkpoint.LoginRefused{ID: a.ID, Problem: "wrong-pin"}
		}
		return checkpoint.LoggedIn{ID: a.ID}
	case checkpoint.MakeSeries:
		return checkpoint.SeriesMade{Codes: slices.Repeat([]string{"CODE"}, rapid.IntRange(0, 3).Draw(w.T, "codes"))}
	case checkpoint.TakeCode:
		return checkpoint.CodeTaken{Read: 1, Of: 2}
	case checkpoint.ProvisionBy:
		return checkpoint.ProvisionMoved{Stage: checkpoint.Ready}
	}
	return checkpoint.StickDone{Count: 1}
}

// checked answers a check; verdicts may be nonsense.
func (w *walk) checked(a checkpoint.Check) checkpoint.Event {
	code := a.Texts[len(a.Texts)-1]
	if role, ok := strings.CutPrefix(code, "badge-"); ok {
		return checkpoint.BadgeRead{ID: a.ID, Badge: checkpoint.Badge{Number: "B-" + role, Role: checkpoint.Role(role)}}
	}
	if code == "sheet" {
		return checkpoint.SheetRead{ID: a.ID, Signed: rapid.Bool().Draw(w.T, "signed sheet")}
	}
	if strings.HasSuffix(code, "garbage") {
		return checkpoint.Unreadable{ID: a.ID, Problem: "unreadable"}
	}
	if strings.Contains(code, "-part-") && (len(a.Texts) == 1 || rapid.Bool().Draw(w.T, "another's part")) {
		return checkpoint.Gathered{ID: a.ID, Read: min(len(a.Texts), 2), Of: 3}
	}
	var all []credential.Credential
	for _, text := range a.Texts {
		c := credential.Credential{
			Family: credential.FamilyID(family(text)), Standing: credential.Signed, ID: mark,
			Holder: credential.Holder{Name: "N " + mark, Birth: credential.Date{Year: 1950}, Document: paper, Address: mark},
		}
		if rapid.IntRange(0, 4).Draw(w.T, "unsigned") == 0 {
			c.Standing = credential.SelfDeclared
		}
		switch {
		case strings.HasSuffix(text, "card"):
			c.Family, c.Standing = credential.VNID, credential.SelfDeclared
		case strings.HasSuffix(text, "slip"):
			c.Family = credential.Slip
		}
		all = append(all, c)
	}
	v := policy.Verdict{Level: policy.Level(rapid.IntRange(0, 4).Draw(w.T, "level"))}
	for range rapid.IntRange(0, 2).Draw(w.T, "reasons") {
		code := rapid.SampledFrom([]string{policy.DoseValid, policy.NeedsTest, policy.Expired}).Draw(w.T, "reason")
		v.Reasons = append(v.Reasons, policy.Reason{Code: code, Level: policy.Level(rapid.IntRange(1, 3).Draw(w.T, "reason level"))})
	}
	if strings.HasSuffix(code, "needs-test") {
		v = verdict(policy.Amber, policy.NeedsTest)
	}
	return checkpoint.Checked{ID: a.ID, Credentials: all, Verdict: v, Party: rapid.IntRange(0, 3).Draw(w.T, "party")}
}

// step makes one random event happen.
func (w *walk) step() {
	switch rapid.IntRange(0, 39).Draw(w.T, "what") {
	case 0, 1:
		w.tick(time.Duration(rapid.SampledFrom([]int{1, 3, 20, 59, 61, 130}).Draw(w.T, "seconds")) * time.Second)
	case 2, 3, 4:
		w.send(checkpoint.CodeSeen{Text: rapid.SampledFrom(codes).Draw(w.T, "code")})
	case 5, 6, 7, 8, 9, 14, 15, 16, 17, 18, 19:
		w.answers()
	case 10:
		w.send(checkpoint.Temperature{Celsius: rapid.SampledFrom([]float64{36.6, 38.2}).Draw(w.T, "heat")})
	case 11:
		w.typed()
	case 12:
		w.send(rapid.SampledFrom([]checkpoint.Event{
			checkpoint.NetworkChanged{Online: false}, checkpoint.NetworkChanged{Online: true},
			checkpoint.HintSeen{Hint: checkpoint.Closer}, checkpoint.PartTested{Part: checkpoint.PartLamp},
			checkpoint.DeviceChanged{Part: checkpoint.PartThermometer, Conditions: []checkpoint.Condition{{Code: "thermometer-gone", Severity: checkpoint.Warning}}},
			checkpoint.DeviceChanged{Part: checkpoint.PartDisk, Conditions: []checkpoint.Condition{{Code: "disk-full", Severity: checkpoint.Blocking}}},
			checkpoint.DeviceChanged{Part: checkpoint.PartDisk}, checkpoint.DeviceChanged{Part: checkpoint.PartDisk},
			checkpoint.DeviceChanged{Part: checkpoint.PartDisk}, checkpoint.DeviceChanged{Part: checkpoint.PartThermometer},
		}).Draw(w.T, "device"))
	case 13:
		w.send(checkpoint.Tapped{
			Tap:   rapid.SampledFrom(anyTap).Draw(w.T, "any tap"),
			Value: rapid.SampledFrom([]string{"", "+", "-", "vi", "en", "in", "out", "green", "red", "TK01-0323001", "x"}).Draw(w.T, "any value"),
		})
	default:
		if offered := offers(w.s.View); len(offered) > 0 {
			w.send(rapid.SampledFrom(offered).Draw(w.T, "tap"))
		}
	}
}

// answers answers one of the actions that wait, mostly the last.
func (w *walk) answers() {
	if len(w.waiting) == 0 {
		return
	}
	i := len(w.waiting) - 1
	if rapid.IntRange(0, 9).Draw(w.T, "out of order") == 0 {
		i = rapid.IntRange(0, i).Draw(w.T, "waiting")
	}
	a := w.waiting[i]
	w.waiting = append(w.waiting[:i:i], w.waiting[i+1:]...)
	w.send(w.answer(a))
}

// begin brings a walk somewhere from where it gets deeper.
func (w *walk) begin() {
	switch rapid.SampledFrom([]string{"idle", "sampler", "supervisor", "declare"}).Draw(w.T, "begins") {
	case "sampler":
		w.logIn("sampler", checkpoint.TaskSampling)
	case "supervisor":
		w.logIn("supervisor", rapid.SampledFrom([]checkpoint.Task{
			checkpoint.TaskManual, checkpoint.TaskAssist, checkpoint.TaskAntigen, checkpoint.TaskSampling, checkpoint.TaskRoll, checkpoint.TaskShift,
		}).Draw(w.T, "task"))
	case "declare":
		w.send(checkpoint.Tapped{Tap: checkpoint.TapService, Value: string(rapid.SampledFrom([]checkpoint.Service{checkpoint.Declare, checkpoint.Register}).Draw(w.T, "service"))})
		w.send(checkpoint.CodeSeen{Text: mark + "-card"})
		w.answers()
		w.send(checkpoint.Tapped{Tap: checkpoint.TapSelf})
	}
}

func (w *walk) logIn(role string, task checkpoint.Task) {
	w.send(checkpoint.CodeSeen{Text: "badge-" + role})
	w.answers()
	w.send(checkpoint.Typed{Text: "1234"})
	w.send(checkpoint.Tapped{Tap: checkpoint.TapNext})
	w.answers()
	w.send(checkpoint.Tapped{Tap: checkpoint.TapTask, Value: string(task)})
}

func (w *walk) tick(d time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(time.Second)
		w.send(checkpoint.Tick{Now: w.now})
	}
}

// typed types what fits the question, or does not.
func (w *walk) typed() {
	text := rapid.SampledFrom([]string{"N " + mark, "1950", phone, paper, "1234", "x", ""}).Draw(w.T, "text")
	if q, ok := w.s.View.(checkpoint.Question); ok {
		switch q.Kind {
		case checkpoint.NameQuestion, checkpoint.TextQuestion:
			text = "N " + mark
		case checkpoint.YearQuestion:
			text = "1950"
		case checkpoint.DigitsQuestion:
			text = phone
		case checkpoint.DocumentQuestion:
			text = paper
		}
	}
	w.send(checkpoint.Typed{Text: text})
}
