package appliance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"testing"
)

// actions are the names of all types with the method action of package
// checkpoint, read from its source: a list by hand could forget one.
func actions(t *testing.T) (names []string) {
	t.Helper()
	packages, err := parser.ParseDir(token.NewFileSet(), "../checkpoint", func(f fs.FileInfo) bool {
		return !strings.HasSuffix(f.Name(), "_test.go")
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range packages["checkpoint"].Files {
		for _, declared := range file.Decls {
			method, is := declared.(*ast.FuncDecl)
			if !is || method.Recv == nil || method.Name.Name != "action" {
				continue
			}
			if receiver, is := method.Recv.List[0].Type.(*ast.Ident); is {
				names = append(names, receiver.Name)
			}
		}
	}
	if len(names) < 20 {
		t.Fatalf("found %d actions: %q", len(names), names)
	}
	return names
}

// Every action of the checkpoint is carried out. ProvisionBy and Serve are the
// set-up screen's, which package setup carries out.
func TestEveryActionHasAHandler(t *testing.T) {
	t.Parallel()
	handled := map[string]bool{"ProvisionBy": true, "Serve": true}
	for of := range newExecutor(executes{}).handlers {
		if handled[of.Name()] {
			t.Errorf("%s is handled twice", of)
		}
		handled[of.Name()] = true
	}
	for _, name := range actions(t) {
		if !handled[name] {
			t.Errorf("checkpoint.%s has no handler: add one in newExecutor", name)
		}
		delete(handled, name)
	}
	for name := range handled {
		t.Errorf("a handler for checkpoint.%s, which does not exist", name)
	}
}
