package checkpoint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source parses this package's own files, tests aside.
func source(t *testing.T) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// receivers lists the types that have a method of a name, in alphabetical order.
func receivers(t *testing.T, method string) []string {
	t.Helper()
	var names []string
	for _, f := range source(t) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.Name == method {
				names = append(names, fn.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// constants lists the values of the constants of a type, in alphabetical order.
func constants(t *testing.T, of string) []string {
	t.Helper()
	var values []string
	for _, f := range source(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == of && len(spec.Values) == 1 {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, value)
			}
			return true
		})
	}
	slices.Sort(values)
	return values
}

func typeNames[V any](all []V) []string {
	var names []string
	for _, v := range all {
		names = append(names, reflect.TypeOf(v).Name())
	}
	slices.Sort(names)
	return names
}

func inStep(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%s: the table has\n%v, the source\n%v", what, got, want)
	}
}

func TestEveryActionIsListed(t *testing.T) {
	t.Parallel()
	inStep(t, "actions", typeNames(Actions()), receivers(t, "action"))
}

// Every screen and every view stands in the table.
func TestEveryScreenIsRegistered(t *testing.T) {
	t.Parallel()
	var states []string
	for k := range kinds {
		states = append(states, k.Name())
	}
	slices.Sort(states)
	inStep(t, "screens", states, receivers(t, "screenID"))
	var views []string // the methods without a parameter are those of the views
	for _, f := range source(t) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.Name == "view" && len(fn.Type.Params.List) == 0 {
				views = append(views, fn.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	slices.Sort(views)
	inStep(t, "views", typeNames(Views()), views)
}

// A tap that no screen takes would be a button that does nothing.
func TestEveryTapIsTaken(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{}
	for tap := range everywhere {
		taken[string(tap)] = true
	}
	for _, k := range kinds {
		for tap := range k.taps {
			taken[string(tap)] = true
			if everywhere[tap] != nil {
				t.Errorf("%s is taken everywhere, and on one screen too, which never gets it", tap)
			}
		}
	}
	inStep(t, "taps", slices.Sorted(maps.Keys(taken)), constants(t, "Tap"))
}

func TestEveryTaskAndServiceOpensSomething(t *testing.T) {
	t.Parallel()
	var ids, done []string
	ranks := map[int]Task{}
	for id, task := range tasks {
		ids = append(ids, string(id))
		if other, twice := ranks[task.rank]; twice || task.open == nil || len(task.roles) == 0 {
			t.Errorf("%s: rank %d (also of %q), open %v, roles %v", id, task.rank, other, task.open != nil, task.roles)
		}
		ranks[task.rank] = id
	}
	slices.Sort(ids)
	inStep(t, "tasks", ids, constants(t, "Task"))
	for id, s := range services {
		if done = append(done, string(id)); s.open == nil {
			t.Errorf("%s opens nothing", id)
		}
	}
	slices.Sort(done)
	inStep(t, "services", done, constants(t, "Service"))
}
