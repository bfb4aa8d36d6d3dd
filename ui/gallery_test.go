package ui

import (
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

var samples = append(visitSamples)

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
	view("idle-hint", checkpoint.Idle{
		Hint: checkpoint.Dark, Direction: checkpoint.Through,
		Services: []checkpoint.Service{checkpoint.Declare},
	}).offline(),
	view("checking", checkpoint.Checking{}),
	view("measuring", checkpoint.Measuring{}),
	view("green", checkpoint.Shown{
		Level: checkpoint.Green, Name: "NG***** TH* TH**", Family: "eu-dcc", Direction: checkpoint.In, Party: 1, Proven: true,
		Reasons: []checkpoint.Reason{{Code: "dose-valid", Level: checkpoint.Green}}, Heat: 36.6, Gate: checkpoint.Open,
	}).leaves(5 * time.Second),
	view("green-party", checkpoint.Shown{
		Level: checkpoint.Green, Name: "Nguyễn T. H.", Family: "slip", Direction: checkpoint.Out, Party: 4, Proven: true, Again: true,
		Reasons: []checkpoint.Reason{{Code: "slip-accepted", Level: checkpoint.Green}},
	}).leaves(5 * time.Second),
	view("amber", checkpoint.Shown{
		Level: checkpoint.Amber, Name: "TRẦN V** H****", Family: "vn-id", Direction: checkpoint.In, Party: 1,
		Reasons: []checkpoint.Reason{{Code: "identified", Level: checkpoint.Amber}}, More: true,
	}).leaves(12 * time.Second),
	view("red", checkpoint.Shown{
		Level: checkpoint.Red, Name: "NG***** TH* TH**", Family: "eu-dcc", Direction: checkpoint.In, Party: 1, Proven: true,
		Reasons: []checkpoint.Reason{{Code: "not-yet-valid", Level: checkpoint.Red}}, Heat: 38.4, Stale: true,
	}).leaves(10 * time.Second),
	view("unchecked", checkpoint.Unchecked{Problem: "no-trust"}).leaves(10 * time.Second),
	view("away", checkpoint.Away{Until: now.Add(20 * time.Second)}).leaves(20 * time.Second),
	view("help", checkpoint.Help{Topic: "idle"}),
	view("help-called", checkpoint.Help{Topic: "question", Called: true}),
	view("out-of-order", checkpoint.OutOfOrder{Conditions: []checkpoint.Condition{{Code: "printer-paper-out", Severity: checkpoint.Blocking, Since: now}}}),
}
