package ui

import (
	"slices"
	"strings"
	"time"

	"chot/kiosk/checkpoint"
)

// now is the time of every sample.
var now = time.Date(2026, 3, 9, 1, 24, 0, 0, time.UTC)

// sample is a state of every screen, with texts as long as they get.
type sample struct {
	name  string
	state checkpoint.State
}

func view(name string, v checkpoint.View) sample {
	return sample{name, checkpoint.State{View: v, Now: now}}
}

func (s sample) leaves(after time.Duration) sample {
	s.state.Leaves = now.Add(after)
	return s
}

func (s sample) offline() sample {
	s.state.Offline = true
	return s
}

var samples = slices.Concat(visitSamples, formSamples, lookUpSamples, staffSamples, deskSamples, technicalSamples)

var visitSamples = []sample{
	view("idle", checkpoint.Idle{
		Message: checkpoint.Message{
			ID: "mask", Text: "Đeo khẩu trang đúng cách ở nơi công cộng, nơi tập trung đông người.",
			Source: "Bộ Y tế", Date: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
		},
		Direction: checkpoint.In, Directions: []checkpoint.Direction{checkpoint.In, checkpoint.Out},
		Links:    []checkpoint.Link{{ID: "app", URL: "https://covid.haiduong.gov.vn/app"}, {ID: "site", URL: "https://covid.haiduong.gov.vn"}},
		Services: []checkpoint.Service{checkpoint.Declare, checkpoint.Register, checkpoint.Results, checkpoint.Vaccination},
	}),
	view("idle-no-reader", checkpoint.Idle{NoReader: true, Services: []checkpoint.Service{checkpoint.Declare, checkpoint.Register, checkpoint.Results}}),
	view("idle-hint", checkpoint.Idle{
		Hint: checkpoint.Dark, Direction: checkpoint.Through,
		Services: []checkpoint.Service{checkpoint.Declare},
	}).offline(),
	view("checking", checkpoint.Checking{}),
	view("one-moment", checkpoint.OneMoment{}),
	view("not-a-document", checkpoint.NotADocument{}).leaves(10 * time.Second),
	view("gathering", checkpoint.Gathering{Read: 1, Of: 3}).leaves(15 * time.Second),
	view("measuring", checkpoint.Measuring{}),
	view("green", checkpoint.Shown{
		Level: checkpoint.Green, Name: "NG***** TH* TH**", Family: "eu-dcc", Direction: checkpoint.In, Party: 1, Proof: checkpoint.Verified,
		Reasons: []checkpoint.Reason{{Code: "dose-valid", Level: checkpoint.Green}}, Heat: 36.6, Gate: checkpoint.Open,
	}).leaves(5 * time.Second),
	view("green-party", checkpoint.Shown{
		Level: checkpoint.Green, Name: "Nguyễn T. H.", Family: "slip", Direction: checkpoint.Out, Party: 4, Proof: checkpoint.Verified, Again: true,
		Reasons: []checkpoint.Reason{{Code: "slip-accepted", Level: checkpoint.Green}},
	}).leaves(5 * time.Second),
	view("amber", checkpoint.Shown{
		Level: checkpoint.Amber, Name: "TRẦN V** H****", Family: "vn-id", Direction: checkpoint.In, Party: 1,
		Reasons: []checkpoint.Reason{{Code: "identified", Level: checkpoint.Amber}},
	}).leaves(12 * time.Second),
	view("amber-more", checkpoint.Shown{
		Level: checkpoint.Amber, Name: "NG***** TH* TH**", Family: "eu-dcc", Direction: checkpoint.In, Party: 1, Proof: checkpoint.Verified,
		Reasons: []checkpoint.Reason{{Code: "needs-test", Level: checkpoint.Amber}}, More: true,
	}).leaves(12 * time.Second),
	view("amber-unverified", checkpoint.Shown{
		Level: checkpoint.Amber, Name: "NG***** TH* TH**", Family: "eu-dcc", Direction: checkpoint.In, Party: 1, Proof: checkpoint.Unverified, Why: "unknown-key",
		Reasons: []checkpoint.Reason{{Code: "unknown-issuer", Level: checkpoint.Amber}},
	}).leaves(12 * time.Second),
	view("red", checkpoint.Shown{
		Level: checkpoint.Red, Name: "NG***** TH* TH**", Family: "eu-dcc", Direction: checkpoint.In, Party: 1, Proof: checkpoint.Verified,
		Reasons: []checkpoint.Reason{{Code: "not-yet-valid", Level: checkpoint.Red}}, Heat: 38.4, Stale: true,
	}).leaves(10 * time.Second),
	view("red-broken", checkpoint.Shown{
		Level: checkpoint.Red, Name: "NG***** TH* TH**", Family: "eu-dcc", Direction: checkpoint.In, Party: 1, Proof: checkpoint.Broken,
		Reasons: []checkpoint.Reason{{Code: "forged", Level: checkpoint.Red}},
	}).leaves(10 * time.Second),
	view("unchecked", checkpoint.Unchecked{Problem: "no-trust"}).leaves(10 * time.Second),
	view("away", checkpoint.Away{Until: now.Add(20 * time.Second)}).leaves(20 * time.Second),
	view("help", checkpoint.Help{Screen: "idle"}),
	view("help-called", checkpoint.Help{Screen: "question", Called: true}),
	view("out-of-order", checkpoint.OutOfOrder{Conditions: []checkpoint.Condition{{Code: "printer-paper-out", Severity: checkpoint.Blocking, Since: now}}}),
}

func question(name string, q checkpoint.Question) sample {
	q.Purpose, q.Step, q.Steps = checkpoint.ForDeclaration, 11, 13
	return view("question-"+name, q)
}

func options(chosen string, values ...string) (all []checkpoint.Option) {
	for _, v := range values {
		all = append(all, checkpoint.Option{Value: v, Chosen: v == chosen})
	}
	return all
}

// slipCode is as long as a signed slip gets.
var slipCode = "HD1:" + strings.Repeat("6BF+70790T9WJWG.FKY*4GO0", 9)

var formSamples = []sample{
	view("for-whom", checkpoint.ForWhom{Purpose: checkpoint.ForDeclaration, Retention: 21 * 24 * time.Hour}),
	view("for-whom-read", checkpoint.ForWhom{Purpose: checkpoint.ForVaccination, Retention: 21 * 24 * time.Hour, Read: "vn-id", Name: "TRẦN V** H****", Assisted: true}),
	view("for-whom-next", checkpoint.ForWhom{Purpose: checkpoint.ForDeclaration, Retention: 21 * 24 * time.Hour, Party: 1}),
	view("for-whom-problem", checkpoint.ForWhom{Purpose: checkpoint.ForDeclaration, Retention: 21 * 24 * time.Hour, Problem: "not-a-person"}),
	view("for-whom-sample", checkpoint.ForWhom{Purpose: checkpoint.ForSample, Retention: 21 * 24 * time.Hour}),
	question("name", checkpoint.Question{ID: "name", Kind: checkpoint.NameQuestion, Required: true, Text: "Nguyễn Thị Thúy Hằng"}),
	question("name-problem", checkpoint.Question{ID: "name", Kind: checkpoint.NameQuestion, Required: true, Text: "A", Problem: "too-short", Proxy: true, About: "N. T. Hằng"}),
	question("birth", checkpoint.Question{ID: "birth", Kind: checkpoint.YearQuestion, Required: true, Text: "1958"}),
	question("phone", checkpoint.Question{ID: "phone", Kind: checkpoint.DigitsQuestion, Text: "0912345678", Problem: "not-a-number", Proxy: true}),
	question("document", checkpoint.Question{ID: "document", Kind: checkpoint.DocumentQuestion, Text: "030158001234", Filled: true}),
	question("sex", checkpoint.Question{ID: "sex", Kind: checkpoint.ChoiceQuestion, Required: true, Options: options("female", "male", "female", "other")}),
	question("nationality", checkpoint.Question{ID: "nationality", Kind: checkpoint.ChoiceQuestion, Required: true, Options: options("", "VN", "CN", "KR", "JP", "LA", "ZZ")}),
	question("symptoms", checkpoint.Question{ID: "symptoms", Kind: checkpoint.ChoicesQuestion, Required: true, Options: options("fever", "none", "fever", "cough", "dyspnoea", "pneumonia", "sore-throat", "fatigue")}),
	question("contacts", checkpoint.Question{ID: "contacts", Kind: checkpoint.ChoicesQuestion, Required: true, Problem: "missing", Proxy: true, Options: options("", "none", "case", "area", "symptomatic")}),
	question("travelled", checkpoint.Question{ID: "travelled", Kind: checkpoint.ChoiceQuestion, Required: true, Options: options("", "no", "yes")}),
	question("group", checkpoint.Question{ID: "group", Kind: checkpoint.ChoiceQuestion, Required: true, Options: options("", "health", "service", "teacher", "over-65", "chronic", "worker", "other")}),
	question("unit", checkpoint.Question{ID: "address", Kind: checkpoint.UnitQuestion, Required: true, Search: checkpoint.Search{
		Path:    []checkpoint.Unit{{Code: "30", Name: "Tỉnh Hải Dương"}, {Code: "298", Name: "Huyện Tứ Kỳ"}},
		Matches: units("Huyện Tứ Kỳ, Tỉnh Hải Dương", "Thị trấn Tứ Kỳ", "Xã Chí Minh", "Xã Đại Sơn", "Xã Nguyên Giáp", "Xã Quảng Nghiệp", "Xã Minh Đức"),
		Pages:   4, Page: 1,
	}}),
	question("unit-search", checkpoint.Question{ID: "address", Kind: checkpoint.UnitQuestion, Required: true, Text: "dai son", Search: checkpoint.Search{
		Matches: units("Huyện Tứ Kỳ, Tỉnh Hải Dương", "Xã Đại Sơn", "Xã Đại Sơn Thượng", "Phường Đại Sơn"), Pages: 1, Chosen: checkpoint.Unit{Code: "0", Name: "Xã Đại Sơn"},
	}}),
	question("unit-none", checkpoint.Question{ID: "address", Kind: checkpoint.UnitQuestion, Required: true, Text: "qqq", Search: checkpoint.Search{}}),
	view("review", checkpoint.Review{Purpose: checkpoint.ForDeclaration, Page: 0, Pages: 3, Lines: []checkpoint.Line{
		{ID: "name", Kind: checkpoint.NameQuestion, Text: "Nguyễn Thị Thúy Hằng"},
		{ID: "birth", Kind: checkpoint.YearQuestion, Text: "1958"},
		{ID: "sex", Kind: checkpoint.ChoiceQuestion, Options: options("", "female")},
		{ID: "address", Kind: checkpoint.UnitQuestion, Text: "Xã Đại Sơn, Huyện Tứ Kỳ, Tỉnh Hải Dương"},
		{ID: "symptoms", Kind: checkpoint.ChoicesQuestion, Options: options("", "fever", "cough", "sore-throat")},
		{ID: "street", Kind: checkpoint.TextQuestion},
	}}),
	view("review-last", checkpoint.Review{
		Purpose: checkpoint.ForDeclaration, Page: 1, Pages: 2, Seen: true, MayAdd: true, Party: 2, Retention: 21 * 24 * time.Hour,
		Lines: []checkpoint.Line{
			{ID: "phone", Kind: checkpoint.DigitsQuestion, Text: "0912345678"},
			{ID: "address", Kind: checkpoint.UnitQuestion, Text: "Xã Đại Sơn, Huyện Tứ Kỳ, Tỉnh Hải Dương"},
			{ID: "street", Kind: checkpoint.TextQuestion}, {ID: checkpoint.Denied},
		},
	}),
	view("review-problem", checkpoint.Review{
		Purpose: checkpoint.ForTest, Pages: 1, Seen: true, Party: 1, Retention: 21 * 24 * time.Hour, Problem: "not-kept",
		Lines: []checkpoint.Line{
			{ID: "name", Kind: checkpoint.NameQuestion, Text: "Nguyễn Thị Thúy Hằng"},
			{ID: "birth", Kind: checkpoint.YearQuestion, Text: "1958"},
			{ID: "sex", Kind: checkpoint.ChoiceQuestion, Options: options("", "female")},
		},
	}),
	view("health-check", checkpoint.HealthCheck{Purpose: checkpoint.ForDeclaration, Step: 9, Steps: 11, Proxy: true, About: "N. T. Hằng", Lines: []checkpoint.Line{
		{ID: "travelled", Kind: checkpoint.ChoiceQuestion},
		{ID: "symptoms", Kind: checkpoint.ChoicesQuestion, Options: options("", "fever", "cough", "dyspnoea", "pneumonia", "sore-throat", "fatigue")},
		{ID: "contacts", Kind: checkpoint.ChoicesQuestion, Options: options("", "case", "area", "symptomatic")},
	}}),
	view("discard", checkpoint.Discard{}).leaves(20 * time.Second),
	view("discard-party", checkpoint.Discard{Party: true}).leaves(20 * time.Second),
	view("keeping", checkpoint.Submitting{Purpose: checkpoint.ForDeclaration, Stage: "printing"}),
	view("slip", checkpoint.Slip{
		Purpose: checkpoint.ForDeclaration, Level: checkpoint.Green, Name: "Nguyễn T. T. H.", Number: "K07-0309-0012", Code: slipCode, Printed: true, Party: 3,
		Reasons: []checkpoint.Reason{{Code: "slip-accepted", Level: checkpoint.Green}},
	}).leaves(30 * time.Second),
	view("slip-red", checkpoint.Slip{
		Purpose: checkpoint.ForDeclaration, Level: checkpoint.Red, Name: "Nguyễn T. T. H.", Number: "K07-0309-0012", Code: slipCode, Problem: "paper-out", Party: 1,
		Reasons: []checkpoint.Reason{{Code: "declared-severe-symptoms", Level: checkpoint.Red}},
	}).leaves(30 * time.Second),
	view("slip-test", checkpoint.Slip{Purpose: checkpoint.ForTest, Name: "Nguyễn T. T. H.", Number: "K07-0309-0012", Code: slipCode, Assisted: 12}).leaves(30 * time.Second),
}

func units(within string, names ...string) (all []checkpoint.Unit) {
	for i, n := range names {
		all = append(all, checkpoint.Unit{Code: string(rune('0' + i)), Name: n, Within: within})
	}
	return all
}
