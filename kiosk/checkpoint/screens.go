package checkpoint

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"
)

// screen is where the visitor, or the member of staff, is: one type for each
// screen, an immutable value that holds what the screen is about. A screen is one
// file: its state, its View, what its taps do, and one line that enters all three
// into the table ([register]).
type screen interface {
	// screenID names the screen for help and for spoken prompts; "" while the
	// kiosk works and nothing may come between.
	screenID() string
	// view draws the screen.
	view(*step) View
	// timeout says how long the screen stays without a touch.
	timeout(*Setup) timeout
	// on handles every event but a tap and returns the next screen.
	on(*step, Event) screen
	// onTimeout is the next screen when the time is over.
	onTimeout(*step) screen
	// onExit does what must be done before the screen is given up.
	onExit(*step)
}

// timeout is how long a screen stays, zero for as long as it takes; ask: and
// whether the visitor is asked first if they are still there.
type timeout struct {
	after time.Duration
	ask   bool
}

// plain is what most screens have in common: home when their time is over,
// nothing left to do.
type plain struct{}

func (plain) onTimeout(c *step) screen      { return c.home() }
func (plain) onExit(*step)                  {}
func (plain) home(c *step, _ string) screen { return c.home() }

// staffed is what the staff's screens have in common.
type staffed struct{ plain }

func (staffed) timeout(setup *Setup) timeout {
	return timeout{after: setup.Times.Staff, ask: true}
}

// form is what the screens have in common that a visitor may leave halfway.
type form struct{ plain }

func (form) timeout(setup *Setup) timeout { return timeout{after: setup.Times.Form, ask: true} }

// taps says what each button of a screen does, and so which there are. The text
// is the tap's value: which one, where there are several.
type taps[S screen] map[Tap]func(S, *step, string) screen

// kind is one row of the table of screens.
type kind struct {
	views []reflect.Type
	taps  map[Tap]func(screen, *step, string) screen
}

// kinds is the table of screens, by the type of their state.
var kinds = map[reflect.Type]kind{}

// register enters a screen into the table: what its taps do, and the views that
// it draws.
func register[S screen](does taps[S], views ...View) struct{} {
	k := kind{taps: map[Tap]func(screen, *step, string) screen{}}
	for _, v := range views {
		k.views = append(k.views, reflect.TypeOf(v))
	}
	for t, f := range does {
		k.taps[t] = func(s screen, c *step, value string) screen { return f(s.(S), c, value) }
	}
	kinds[reflect.TypeFor[S]()] = k
	return struct{}{}
}

// Taps lists what may be tapped on the screens of a view, in alphabetical order:
// what [Everywhere] lists comes on top of it.
func Taps(v View) []Tap {
	found := map[Tap]bool{}
	for _, k := range kinds {
		if slices.Contains(k.views, reflect.TypeOf(v)) {
			for t := range k.taps {
				found[t] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Everywhere lists the taps that every screen takes, in alphabetical order.
func Everywhere() []Tap { return slices.Sorted(maps.Keys(everywhere)) }

// Views lists an empty view of every screen, by name.
func Views() []View {
	found := map[reflect.Type]bool{}
	for _, k := range kinds {
		for _, v := range k.views {
			found[v] = true
		}
	}
	var all []View
	for t := range found {
		all = append(all, reflect.Zero(t).Interface().(View))
	}
	slices.SortFunc(all, func(a, b View) int {
		return cmp.Compare(reflect.TypeOf(a).Name(), reflect.TypeOf(b).Name())
	})
	return all
}

// task is something that staff do: one row of the staff's menu.
type task struct {
	id     Task
	rank   int // place in the menu, the lowest first
	roles  []Role
	offers func(*step) bool // whether it makes sense just now; nil: always
	open   func(*step) screen
}

var tasks = map[Task]task{}

// registerTask enters a task into the staff's menu.
func registerTask(t task) struct{} {
	tasks[t.id] = t
	return struct{}{}
}

// tasksOf lists what a role may do, in the menu's order.
func tasksOf(r Role) []task {
	var all []task
	for _, t := range tasks {
		if slices.Contains(t.roles, r) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b task) int { return cmp.Compare(a.rank, b.rank) })
	return all
}

// may says whether a role may do a task.
func (r Role) may(t Task) bool { return slices.Contains(tasks[t].roles, r) }

// offered finds a task of the menu that the badge's role may do just now.
func (c *step) offered(id Task) (task, bool) {
	t := tasks[id]
	return t, slices.Contains(t.roles, c.Staff.Role) && (t.offers == nil || t.offers(c))
}

// service is something that the kiosk does for a visitor: one button of the idle
// screen.
type service struct {
	offers func(*step) bool // whether the kiosk has what it needs; nil: always
	open   func(*step) screen
}

var services = map[Service]service{}

// registerService enters a service that a kiosk may be set up to offer.
func registerService(id Service, s service) struct{} {
	services[id] = s
	return struct{}{}
}

// kindOf is a screen's row in the table; a screen without one takes no taps.
func kindOf(s screen) kind { return kinds[reflect.TypeOf(s)] }
