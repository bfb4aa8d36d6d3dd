package appliance

import (
	"log/slog"
	"testing"

	"chot/kiosk/appliance/device"
	"chot/kiosk/appliance/selftest"
	"chot/kiosk/checkpoint"
	"chot/kiosk/enrol"
)

// A part that the configuration does not name is said to be not fitted; every
// part that the page can test has a test on a kiosk that has everything.
func TestEveryTestablePartHasATest(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	of := func(c config) map[checkpoint.Part]selftest.Test {
		k := &kiosk{config: c, account: account{id: &enrol.Identity{}}}
		return k.tests(new(device.Panel), new(device.Voice), new(device.PrintQueue), new(device.PartWaiter))
	}
	everything := of(config{Camera: "x", Scanner: "x", Panel: "x", Speaker: "x", Thermometer: "x", Printer: printing{Port: "x"}})
	for _, part := range checkpoint.TestableParts() {
		if everything[part] == nil {
			t.Errorf("%s has no test", part)
		}
	}
	bare := of(config{})
	var answer checkpoint.Event
	self := selftest.New(bare, func(task func() checkpoint.Event) { answer = task() }, quiet)
	for _, part := range []checkpoint.Part{
		checkpoint.PartCamera, checkpoint.PartScanner, checkpoint.PartPrinter, checkpoint.PartLamp, checkpoint.PartBuzzer,
		checkpoint.PartBarrier, checkpoint.PartButton, checkpoint.PartSpeaker, checkpoint.PartThermometer,
	} {
		self.Run(t.Context(), part)
		if answer != (checkpoint.PartTested{Part: part, Detail: "not-fitted"}) {
			t.Errorf("%s of a kiosk without one: %+v", part, answer)
		}
	}
}
