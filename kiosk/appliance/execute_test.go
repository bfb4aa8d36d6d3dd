package appliance

import (
	"reflect"
	"testing"

	"chot/kiosk/checkpoint"
)

// Every action of the checkpoint is carried out. ProvisionBy and Serve are the
// set-up screen's, which package setup carries out.
func TestEveryActionHasAHandler(t *testing.T) {
	t.Parallel()
	handlers := newExecutor(executes{}).handlers
	setup := map[reflect.Type]bool{
		reflect.TypeFor[checkpoint.ProvisionBy](): true,
		reflect.TypeFor[checkpoint.Serve]():       true,
	}
	known := len(setup)
	for _, a := range checkpoint.Actions() {
		of := reflect.TypeOf(a)
		switch {
		case setup[of] && handlers[of] != nil:
			t.Errorf("%s is the set-up screen's, and is handled twice", of)
		case !setup[of] && handlers[of] == nil:
			t.Errorf("%s has no handler: add one in newExecutor", of)
		case handlers[of] != nil:
			known++
		}
	}
	if known != len(checkpoint.Actions()) || known-len(setup) != len(handlers) {
		t.Errorf("%d actions, %d handlers, %d of the set-up screen", len(checkpoint.Actions()), len(handlers), len(setup))
	}
}
