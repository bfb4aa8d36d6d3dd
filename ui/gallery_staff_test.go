package ui

import (
	"strings"
	"time"

	"chot/kiosk/checkpoint"
)

// certificateCode is as long as a certificate of two doses gets.
var certificateCode = "HC1:" + strings.Repeat("6BF+70790T9WJWG.FKY*4GO0", 22)

// seriesCode is one of a backlog that leaves as codes.
var seriesCode = "CHOT1/0A1B2C3D/3/17/" + strings.Repeat("MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U", 18)

var lookUpSamples = []sample{
	view("result-slip", checkpoint.ResultLookUp{Problem: "offline"}).offline(),
	view("result-digits", checkpoint.ResultLookUp{Slip: true, Digits: "56", Problem: "no-such"}),
	view("result-waiting", checkpoint.ResultLookUp{Slip: true, Waiting: true}),
	view("result", checkpoint.ResultShown{Name: "Nguyễn T. T. H.", CanPrint: true, Code: slipCode, Results: []checkpoint.ResultLine{
		{Tube: "K07-000123", Technique: checkpoint.RTPCR, Outcome: checkpoint.Outcomes[0], Sampled: now.Add(-30 * time.Hour)},
		{Tube: "K07-000187", Technique: checkpoint.Antigen, Sampled: now.Add(-time.Hour)},
	}}).leaves(40 * time.Second),
	view("vaccination", checkpoint.VaccinationDesk{}),
	view("vaccination-paper", checkpoint.VaccinationAsk{Certificate: true}),
	view("vaccination-digits", checkpoint.VaccinationAsk{Read: true, Digits: "12", Problem: "digits"}),
	view("vaccination-status", checkpoint.VaccinationStatus{
		Name: "Nguyễn T. T. H.", Invited: now.Add(48 * time.Hour), Place: "Trạm y tế xã Đại Sơn", Registered: true, CanShow: true,
		Doses: []checkpoint.DoseLine{
			{Number: 1, Product: "Comirnaty", At: now.Add(-9000 * time.Hour), Place: "TTYT huyện Tứ Kỳ"},
			{Number: 2, Product: "Comirnaty", At: now.Add(-6000 * time.Hour), Place: "Trạm y tế xã Đại Sơn"},
		},
	}).leaves(40 * time.Second),
	view("certificate", checkpoint.Certificate{Name: "Nguyễn T. T. H.", Code: certificateCode}).leaves(40 * time.Second),
}

var nurse = checkpoint.Badge{Number: "B-17", Name: "Phạm Thị Lan", Role: checkpoint.Sampler}

func staff(name string, v checkpoint.View) sample {
	s := view(name, v)
	s.state.Staff = nurse
	return s
}

func (s sample) wrong() sample {
	s.state.Conditions = []checkpoint.Condition{{Code: "printer-paper-out", Severity: checkpoint.Warning, Since: now}}
	return s
}

var techniques = []checkpoint.Technique{checkpoint.RTPCR, checkpoint.Antigen}

var staffSamples = []sample{
	view("login", checkpoint.Login{Problem: "not-a-badge"}),
	view("login-pin", checkpoint.Login{Badge: nurse, Digits: 3, Problem: "wrong-pin", Left: 2}),
	view("login-locked", checkpoint.Login{Badge: nurse, Until: now.Add(5 * time.Minute)}),
	staff("menu", checkpoint.StaffMenu{Due: 2, Open: 1, Tasks: []checkpoint.Task{
		checkpoint.TaskSampling, checkpoint.TaskAntigen, checkpoint.TaskManual, checkpoint.TaskOverride, checkpoint.TaskAssist,
		checkpoint.TaskRoll, checkpoint.TaskReprint, checkpoint.TaskShift, checkpoint.TaskTechnical,
	}}).wrong(),
	staff("manual", checkpoint.Manual{Reasons: []string{"no-phone", "no-paper", "unreadable", "emergency"}, Direction: checkpoint.In, Party: 3}),
	staff("override", checkpoint.Override{
		Scan: checkpoint.Scan{
			ID: "7", At: now.Add(-2 * time.Minute), Family: "eu-dcc", Level: checkpoint.Amber, Name: "NG***** TH* TH**", Party: 2, Open: true,
			Because: []checkpoint.Reason{{Code: "test-too-old", Level: checkpoint.Amber}},
		},
		To: []checkpoint.Level{checkpoint.Green, checkpoint.Red}, Reasons: []string{"paper-seen", "tested-here", "emergency", "duty"},
	}),
	staff("override-red", checkpoint.Override{
		Scan: checkpoint.Scan{
			ID: "7", At: now, Family: "vn-id", Level: checkpoint.Red, Party: 1, Open: true, Because: []checkpoint.Reason{{Code: "fever", Level: checkpoint.Red}},
		},
		To: []checkpoint.Level{checkpoint.Green}, Reasons: []string{"paper-seen", "tested-here", "emergency", "duty"},
	}),
	staff("scans", checkpoint.Override{Scans: []checkpoint.Scan{
		{ID: "9", At: now, Family: "eu-dcc", Level: checkpoint.Red, Party: 1, Open: true, Because: []checkpoint.Reason{{Code: "expired", Level: checkpoint.Red}}},
		{ID: "8", At: now.Add(-time.Minute), Family: "declaration", Level: checkpoint.Green, Party: 4, Because: []checkpoint.Reason{{Code: "party-declared", Level: checkpoint.Green}}},
		{ID: "7", At: now.Add(-2 * time.Minute), Family: "vn-bhyt", Level: checkpoint.Amber, Party: 1, Open: true, Because: []checkpoint.Reason{{Code: "identified", Level: checkpoint.Amber}}},
		{ID: "6", At: now.Add(-3 * time.Minute), Family: "slip", Level: checkpoint.Green, Party: 1, Because: []checkpoint.Reason{{Code: "slip-accepted", Level: checkpoint.Green}}},
		{ID: "5", At: now.Add(-9 * time.Minute), Family: "manual", Level: checkpoint.Green, Party: 1, Because: []checkpoint.Reason{{Code: "checked-in", Level: checkpoint.Green}}},
	}}),
	staff("roll-agencies", checkpoint.RollCall{Pages: 2, Agencies: []checkpoint.Agency{
		{Code: "1", Name: "UBND huyện Tứ Kỳ", People: 120, Done: 87}, {Code: "2", Name: "Trường THPT Tứ Kỳ", People: 95, Done: 95},
		{Code: "3", Name: "Bưu điện huyện", Done: 4}, {Code: "4", Name: "Công ty may Tinh Lợi", People: 2400},
		{Code: "5", Name: "Chợ Yên", Done: 2}, {Code: "6", Name: "Trung tâm y tế huyện Tứ Kỳ", People: 210, Done: 11},
	}}),
	staff("roll-paper", checkpoint.RollCall{Agency: checkpoint.Agency{Code: "2", Name: "Trường THPT Tứ Kỳ", Done: 12}}),
	staff("roll-person", checkpoint.RollCall{Agency: checkpoint.Agency{Code: "2", Name: "Trường THPT Tứ Kỳ"}, Person: "TRẦN V** H****", App: true}),
	staff("reprint", checkpoint.Reprint{Tube: "K07-000187", Reasons: []string{"damaged", "lost", "unreadable", "jam"}, Reason: "lost", Problem: "head-open"}),
	staff("reprint-choose", checkpoint.Reprint{Recent: []checkpoint.TubeLine{
		{Tube: "K07-000187", Stage: "sampled", Count: 1, Since: now.Add(-2 * time.Minute)}, {Tube: "K07-000186", Stage: "open", Count: 3, Since: now.Add(-20 * time.Minute)},
		{Tube: "K07-000185", Stage: "closed", Count: 5, Since: now.Add(-40 * time.Minute)}, {Tube: "K07-000180", Stage: "out", Since: now.Add(-50 * time.Minute)},
	}}),
	staff("reprint-scan", checkpoint.Reprint{Tube: "K07-000187", Stage: checkpoint.LabelPrinted}),
}

var desk = checkpoint.SamplingDesk{
	Technique: checkpoint.RTPCR, Techniques: techniques, Reason: "contact", Reasons: []string{"symptoms", "contact"}, Copies: 2, Limit: 5, Least: 2,
	Today: checkpoint.Balance{Out: 34, Sampled: 31, Void: 1, Open: 2, Persons: 87},
}

func sampling(name string, change func(*checkpoint.SamplingDesk)) sample {
	v := desk
	change(&v)
	return staff("desk-"+name, v)
}

var deskSamples = []sample{
	sampling("first", func(v *checkpoint.SamplingDesk) { v.Reason, v.Copies = "", 1 }),
	sampling("ready", func(v *checkpoint.SamplingDesk) {
		v.Open = []checkpoint.OpenPool{{Tube: "K07-000186", Pool: true, Members: 3, Technique: checkpoint.RTPCR, Since: now.Add(-20 * time.Minute)}}
	}),
	sampling("done", func(v *checkpoint.SamplingDesk) {
		v.Done, v.DoneName = "K07-000187", "TRẦN V** H****"
		v.Open = []checkpoint.OpenPool{{Tube: "K07-000186", Technique: checkpoint.RTPCR, Since: now.Add(-20 * time.Minute)}}
	}),
	sampling("person", func(v *checkpoint.SamplingDesk) { v.Person, v.Order = "TRẦN V** H****", "XN-0309-0007" }),
	sampling("label", func(v *checkpoint.SamplingDesk) {
		v.Person, v.Tube, v.Label, v.Problem = "TRẦN V** H****", "K07-000187", checkpoint.LabelPrinted, "wrong-label"
	}),
	sampling("failed", func(v *checkpoint.SamplingDesk) {
		v.Person, v.Tube, v.Label, v.Problem = "TRẦN V** H****", "K07-000187", checkpoint.LabelFailed, "paper-out"
	}).wrong(),
	sampling("pool", func(v *checkpoint.SamplingDesk) {
		v.Tube, v.Label, v.Pool, v.Limit, v.Problem = "K07-000187", checkpoint.LabelVerified, true, 10, "person-twice"
		v.Members = []checkpoint.Member{{Place: 1, Kept: true}, {Place: 2, Name: "TRẦN V** H****", Kept: true}, {Place: 3, Name: "NGUYỄN T** T*** H***"}}
	}),
	sampling("doubt", func(v *checkpoint.SamplingDesk) {
		v.Tube, v.Label, v.Pool, v.Person, v.Doubt = "K07-000187", checkpoint.LabelVerified, true, "TRẦN V** H****", true
		v.Members = []checkpoint.Member{{Place: 1, Kept: true}}
	}),
	staff("antigens", checkpoint.Antigens{Tests: []checkpoint.Timer{
		{Tube: "K07-000181", From: now.Add(-20 * time.Minute), Until: now.Add(-5 * time.Minute), Phase: "late"},
		{Tube: "K07-000184", From: now.Add(-2 * time.Minute), Until: now.Add(13 * time.Minute), Phase: "read"},
		{Tube: "K07-000185", From: now.Add(8 * time.Minute), Until: now.Add(23 * time.Minute), Phase: "wait"},
	}}),
	staff("antigens-none", checkpoint.Antigens{}),
	staff("antigen", checkpoint.AntigenReading{Timer: checkpoint.Timer{Tube: "K07-000184", Until: now.Add(13 * time.Minute), Phase: "read"}, Stage: "choose", Outcomes: checkpoint.Outcomes[:]}),
	staff("antigen-confirm", checkpoint.AntigenReading{Timer: checkpoint.Timer{Tube: "K07-000184"}, Stage: "confirm", Outcome: checkpoint.Outcomes[1]}),
	staff("antigen-done", checkpoint.AntigenReading{Timer: checkpoint.Timer{Tube: "K07-000184"}, Stage: "done", Outcome: checkpoint.Outcomes[0], Person: "TRẦN V** H****", Code: slipCode, Problem: "paper-out"}),
	staff("shift", checkpoint.ShiftEnd{Balance: checkpoint.Balance{Out: 34, Sampled: 31, Void: 1, Open: 2, Persons: 87}, Pages: 1, Tubes: []checkpoint.TubeLine{
		{Tube: "K07-000186", Stage: "open", Count: 3, Since: now.Add(-20 * time.Minute)}, {Tube: "K07-000180", Stage: "out", Since: now.Add(-50 * time.Minute)},
	}}),
	staff("shift-pages", checkpoint.ShiftEnd{Balance: checkpoint.Balance{Out: 34, Sampled: 31, Void: 1, Open: 2, Persons: 87}, Page: 1, Pages: 3, Problem: "unbalanced", Tubes: []checkpoint.TubeLine{
		{Tube: "K07-000187", Stage: "sampled", Count: 1, Since: now.Add(-9 * time.Minute), Read: true},
		{Tube: "K07-000186", Stage: "open", Count: 3, Since: now.Add(-20 * time.Minute)}, {Tube: "K07-000180", Stage: "out", Since: now.Add(-50 * time.Minute)},
	}}),
	staff("shift-balanced", checkpoint.ShiftEnd{Balance: checkpoint.Balance{Out: 34, Sampled: 33, Void: 1, Persons: 87}, Balanced: true, Pages: 1}),
	staff("shift-void", checkpoint.ShiftEnd{Voiding: "K07-000180", Reasons: []string{"damaged", "lost", "leaked", "mistake", "refused"}}),
}

var technicalSamples = []sample{
	staff("technical", checkpoint.Technical{Outcome: "export-done", Count: 412, Parts: []checkpoint.PartLine{
		{Part: checkpoint.PartCamera, Value: "OV5647 1280×720 15/s", Test: "passed", Testable: true},
		{Part: checkpoint.PartScanner, Value: "GM65", Testable: true},
		{Part: checkpoint.PartPrinter, Severity: checkpoint.Blocking, Codes: []string{"printer-paper-out"}, Test: "failed", Detail: "paper-out", Testable: true},
		{Part: checkpoint.PartLamp, Test: "running", Testable: true}, {Part: checkpoint.PartBuzzer, Testable: true}, {Part: checkpoint.PartBarrier, Testable: true},
		{Part: checkpoint.PartButton}, {Part: checkpoint.PartThermometer, Value: "36.4 °C", Testable: true},
		{Part: checkpoint.PartNetwork, Value: "wlan0 −61 dBm"}, {Part: checkpoint.PartServer, Value: "kiosk.haiduong.example", Facts: []checkpoint.Fact{{Code: "receipt", Value: "08:12 02/03"}, {Code: "spent", Value: "1.2/5.0 MB"}}},
		{Part: checkpoint.PartClock, Value: "+0.2 s"}, {Part: checkpoint.PartDisk, Value: "11 GB"}, {Part: checkpoint.PartJournal, Value: "10 412"},
		{Part: checkpoint.PartBacklog, Severity: checkpoint.Notice, Value: "412", Facts: []checkpoint.Fact{{Code: "oldest", Value: "08:15 02/03"}}}, {Part: checkpoint.PartTrust, Severity: checkpoint.Warning, Codes: []string{"trust-stale"}},
		{Part: checkpoint.PartVersion, Value: "1.0.0"},
	}}),
	staff("technical-leave", checkpoint.Technical{Leave: true}),
	staff("series", checkpoint.Series{Code: seriesCode, At: 3, Of: 17, Entries: 118, More: true, Taken: checkpoint.CodeTaken{Read: 5, Of: 12, Batches: 1, Receipts: 1}}),
	staff("series-nothing", checkpoint.Series{Taken: checkpoint.CodeTaken{Problem: "failed"}}),
	staff("camera-aid", checkpoint.CameraAid{Focus: 42, Exposure: 128, Advice: checkpoint.Further}),
	view("provision", checkpoint.Provision{Stage: checkpoint.ShowSheet, Problem: "expired"}),
	view("provision-confirm", checkpoint.Provision{Stage: checkpoint.Confirm, Site: "Chốt cầu Phú Lương", Server: "kiosk.haiduong.example", Key: "8f:31:0c:aa:9e:57:42:d0"}),
	view("provision-running", checkpoint.Provision{Stage: checkpoint.Enrolling, Site: "Chốt cầu Phú Lương", Server: "kiosk.haiduong.example"}),
	view("provision-failed", checkpoint.Provision{Stage: checkpoint.Joining, Site: "Chốt cầu Phú Lương", Server: "kiosk.haiduong.example", Problem: "no-network"}),
	view("provision-ready", checkpoint.Provision{Stage: checkpoint.Ready, Site: "Chốt cầu Phú Lương", Server: "kiosk.haiduong.example"}),
	view("provision-tested", checkpoint.Provision{Stage: checkpoint.Ready, Kiosk: "tuky-9", Site: "Chốt cầu Phú Lương", Server: "kiosk.haiduong.example", Parts: []checkpoint.PartLine{
		{Part: checkpoint.PartCamera}, {Part: checkpoint.PartPrinter, Severity: checkpoint.Warning, Codes: []string{"printer-paper-out"}},
		{Part: checkpoint.PartJournal}, {Part: checkpoint.PartDisk}, {Part: checkpoint.PartBacklog}, {Part: checkpoint.PartTrust},
		{Part: checkpoint.PartClock, Severity: checkpoint.Notice, Codes: []string{"clock-unset"}}, {Part: checkpoint.PartNetwork},
		{Part: checkpoint.PartVersion}, {Part: checkpoint.PartServer},
	}}),
}
