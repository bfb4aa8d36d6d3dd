package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"

	"chot/kiosk/appliance/device"
	"chot/kiosk/appliance/selftest"
	"chot/kiosk/appliance/service"
	"chot/kiosk/checkpoint"
)

// executor carries out the checkpoint's actions. What is quick is done at once
// and answered at once; what may wait is handed to a device or service, which
// answers by an event of its own.
type executor struct {
	handlers map[reflect.Type]handler
	log      *slog.Logger
}

// handler carries out one kind of action and returns what is known of it already.
type handler func(context.Context, checkpoint.Action) []checkpoint.Event

// executes are the parts that actions are handed to.
type executes struct {
	checker  *service.Checker
	journal  *service.JournalWriter
	signer   service.Signer
	printer  *device.PrintQueue
	staff    *service.Staff
	lookUps  *service.LookUps
	panel    *device.Panel
	voice    *device.Voice
	series   *service.Series
	stick    *service.Stick
	selfTest *selftest.SelfTest
	focus    func(on bool) // measures the camera's picture
	quit     func()
	log      *slog.Logger
}

// on registers the handler of one kind of action.
func on[A checkpoint.Action](e *executor, handle func(context.Context, A) []checkpoint.Event) {
	e.handlers[reflect.TypeFor[A]()] = func(ctx context.Context, a checkpoint.Action) []checkpoint.Event {
		return handle(ctx, a.(A))
	}
}

// does registers the handler of an action that is answered later, or never.
func does[A checkpoint.Action](e *executor, handle func(context.Context, A)) {
	on(e, func(ctx context.Context, a A) []checkpoint.Event {
		handle(ctx, a)
		return nil
	})
}

// newExecutor makes the table of all actions of a kiosk that serves. Those of the
// set-up screen are package setup's.
func newExecutor(to executes) *executor {
	e := &executor{handlers: map[reflect.Type]handler{}, log: to.log}
	on(e, func(_ context.Context, a checkpoint.Check) []checkpoint.Event {
		return []checkpoint.Event{to.checker.Check(a)}
	})
	on(e, func(_ context.Context, a checkpoint.Keep) []checkpoint.Event { return to.journal.Keep(a) })
	does(e, func(_ context.Context, a checkpoint.Save) { to.journal.Save(a) })
	on(e, func(_ context.Context, a checkpoint.Sign) []checkpoint.Event {
		return []checkpoint.Event{to.signer.Sign(a)}
	})
	on(e, func(_ context.Context, a checkpoint.Print) []checkpoint.Event {
		// No label before the number and the record that it bears are durable.
		return to.journal.Then(func() []checkpoint.Event { return to.printer.Print(a) },
			checkpoint.PrintFailed{ID: a.ID, Problem: "not-kept"})
	})
	does(e, func(ctx context.Context, a checkpoint.LookUp) { to.lookUps.LookUp(ctx, a) })
	does(e, func(_ context.Context, a checkpoint.LogIn) { to.staff.LogIn(a) })
	does(e, func(_ context.Context, a checkpoint.Lamp) { to.panel.Light(a.Level) })
	does(e, func(_ context.Context, a checkpoint.Buzz) { to.panel.Buzz(a.Pattern) })
	does(e, func(context.Context, checkpoint.CallStaff) { to.panel.Buzz("call") })
	does(e, func(ctx context.Context, _ checkpoint.OpenBarrier) { to.panel.OpenBarrier(ctx) })
	does(e, func(_ context.Context, a checkpoint.Say) { to.voice.Say(a) })
	does(e, func(context.Context, checkpoint.Forget) { to.voice.Hush() })
	does(e, func(ctx context.Context, _ checkpoint.MakeSeries) { to.series.Make(ctx) })
	on(e, func(_ context.Context, a checkpoint.TakeCode) []checkpoint.Event { return to.series.Take(a.Text) })
	does(e, func(ctx context.Context, _ checkpoint.Export) { to.stick.Export(ctx) })
	does(e, func(ctx context.Context, _ checkpoint.TakeReceipts) { to.stick.Take(ctx) })
	does(e, func(context.Context, checkpoint.SaveLogs) { to.stick.SaveLogs() })
	does(e, func(ctx context.Context, a checkpoint.TestPart) { to.selfTest.Run(ctx, a.Part) })
	does(e, func(_ context.Context, a checkpoint.MeasureFocus) { to.focus(a.On) })
	does(e, func(context.Context, checkpoint.Quit) { to.quit() })
	return e
}

// do carries out an action. One without a handler is a programmer's mistake,
// which a test finds.
func (e *executor) do(ctx context.Context, action checkpoint.Action) []checkpoint.Event {
	handle := e.handlers[reflect.TypeOf(action)]
	if handle == nil {
		e.log.Error("no handler", "action", fmt.Sprintf("%T", action))
		return nil
	}
	return handle(ctx, action)
}
