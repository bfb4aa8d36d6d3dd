package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// kind of a mutant.
type kind string

// The kinds.
const (
	statement kind = "statement" // a statement does not happen, a field is not set
	condition kind = "condition" // a condition is turned round, half of it is dropped
	boundary  kind = "boundary"  // < becomes <=, + becomes -
	literal   kind = "constant"  // a number is one more, a text another
	result    kind = "result"    // a function returns nil, zero, the opposite, no error
)

var kinds = []kind{statement, condition, boundary, literal, result}

// mutant is one changed place of a file.
type mutant struct {
	kind       kind
	file       string // as the go command names it, absolute
	name       string // of the file, below the module
	line       int
	start, end int    // what of the file is replaced, in bytes
	text       string // what stands there instead
	was, is    string // for the report
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d: %s: %s → %s", m.name, m.line, m.kind, oneLine(m.was), oneLine(m.is))
}

// oneLine is a text as it fits a line of the report.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 90 {
		text = string(r[:89]) + "…"
	}
	if text == "" {
		text = "nothing"
	}
	return text
}

// apply gives the file with the change.
func (m mutant) apply(data []byte) []byte {
	return slices.Concat(data[:m.start], []byte(m.text), data[m.end:])
}

// source is a package as it was read and type-checked.
type source struct {
	pkg   *packages.Package
	files map[string][]byte
	root  string // of the module
}

const buildTags = "-tags=gles"

func load(ctx context.Context, root, pkg string) (*source, error) {
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: root, BuildFlags: []string{buildTags},
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedTypes |
			packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule | packages.NeedTypesSizes,
	}, "./"+pkg)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", pkg, err)
	}
	if len(loaded) != 1 || len(loaded[0].Errors) > 0 {
		return nil, fmt.Errorf("loading %s: %v", pkg, loaded[0].Errors)
	}
	s := &source{pkg: loaded[0], files: map[string][]byte{}, root: loaded[0].Module.Dir}
	for _, name := range s.pkg.CompiledGoFiles {
		if s.files[name], err = os.ReadFile(name); err != nil {
			return nil, fmt.Errorf("loading %s: %w", pkg, err)
		}
	}
	return s, nil
}

// mutants are all of a package, in the order of its text.
func (s *source) mutants(only string) []mutant {
	var all []mutant
	for _, file := range s.pkg.Syntax {
		name := s.pkg.Fset.Position(file.FileStart).Filename
		if _, known := s.files[name]; !known || ast.IsGenerated(file) || !strings.Contains(filepath.Base(name), only) {
			continue
		}
		below, err := filepath.Rel(s.root, name)
		if err != nil {
			below = name
		}
		w := &walker{source: s, file: name, name: below, data: s.files[name]}
		for _, decl := range file.Decls {
			ast.PreorderStack(decl, nil, w.visit)
		}
		all = append(all, w.found...)
	}
	return all
}

// sample draws mutants that compile, in turn of each kind.
func (s *source) sample(all []mutant, seed uint64, n int) []mutant {
	draw := rand.New(rand.NewPCG(seed, 0))
	byKind := map[kind][]mutant{}
	for _, m := range all {
		byKind[m.kind] = append(byKind[m.kind], m)
	}
	for _, k := range kinds {
		draw.Shuffle(len(byKind[k]), func(i, j int) { byKind[k][i], byKind[k][j] = byKind[k][j], byKind[k][i] })
	}
	var sample []mutant
	for left := true; left && len(sample) < n; {
		left = false
		for _, k := range kinds {
			for len(byKind[k]) > 0 && len(sample) < n {
				m := byKind[k][0]
				byKind[k] = byKind[k][1:]
				if s.compiles(m) {
					sample, left = append(sample, m), true
					break
				}
			}
		}
	}
	slices.SortFunc(sample, func(a, b mutant) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.text, b.text))
	})
	return sample
}

// compiles type-checks the package with the change.
func (s *source) compiles(m mutant) bool {
	fset := token.NewFileSet()
	var files []*ast.File
	for name, data := range s.files {
		if name == m.file {
			data = m.apply(data)
		}
		file, err := parser.ParseFile(fset, name, data, parser.SkipObjectResolution)
		if err != nil {
			return false
		}
		files = append(files, file)
	}
	conf := types.Config{Importer: imported(s.pkg.Imports), Sizes: s.pkg.TypesSizes, FakeImportC: true}
	_, err := conf.Check(s.pkg.PkgPath, fset, files, nil)
	return err == nil
}

// imported are the packages that were loaded along with another.
type imported map[string]*packages.Package

func (i imported) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p, ok := i[path]; ok && p.Types != nil {
		return p.Types, nil
	}
	return nil, fmt.Errorf("%s was not loaded", path)
}

// walker finds the mutants of a file.
type walker struct {
	*source
	file, name string
	data       []byte
	found      []mutant
}

func (w *walker) offset(p token.Pos) int { return w.pkg.Fset.Position(p).Offset }

func (w *walker) text(n ast.Node) string { return string(w.data[w.offset(n.Pos()):w.offset(n.End())]) }

// replace notes a mutant that puts a text in the place of a node.
func (w *walker) replace(k kind, n ast.Node, is string) {
	w.splice(k, n, w.offset(n.Pos()), w.offset(n.End()), is)
}

func (w *walker) splice(k kind, n ast.Node, start, end int, is string) {
	w.note(mutant{kind: k, start: start, end: end, text: is, was: string(w.data[start:end]), is: is}, n)
}

// note notes a mutant at a node.
func (w *walker) note(m mutant, at ast.Node) {
	m.file, m.name, m.line = w.file, w.name, w.pkg.Fset.Position(at.Pos()).Line
	w.found = append(w.found, m)
}

// visit notes the mutants of a node. What it does not want to be entered, words
// for people, it says false to.
func (w *walker) visit(n ast.Node, stack []ast.Node) bool {
	switch n := n.(type) {
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.DeferStmt, *ast.GoStmt, *ast.SendStmt:
		if w.logs(n) {
			return false
		}
		w.drop(n, stack)
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			w.drop(n, stack)
		}
		if flipped, ok := assignments[n.Tok]; ok {
			w.operator(boundary, n, n.TokPos, n.Tok, flipped)
		}
	case *ast.BranchStmt:
		w.drop(n, stack)
	case *ast.ReturnStmt:
		w.drop(n, stack)
		w.results(n, stack)
	case *ast.IfStmt:
		w.negate(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			w.negate(n.Cond)
		}
	case *ast.SwitchStmt:
		if n.Tag == nil {
			for _, c := range n.Body.List {
				for _, e := range c.(*ast.CaseClause).List {
					w.negate(e)
				}
			}
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			w.replace(condition, n, "("+w.text(n.X)+")")
		}
	case *ast.BinaryExpr:
		w.binary(n)
	case *ast.BasicLit:
		w.constant(n)
	case *ast.Ident:
		if obj := w.pkg.TypesInfo.Uses[n]; obj != nil && obj.Parent() == types.Universe {
			switch n.Name {
			case "true":
				w.replace(literal, n, "false")
			case "false":
				w.replace(literal, n, "true")
			}
		}
	case *ast.CompositeLit:
		w.fields(n)
	case *ast.CallExpr:
		return !w.words(n)
	case *ast.ImportSpec:
		return false
	case *ast.Field:
		return n.Tag == nil
	}
	return true
}

// drop notes that a statement does not happen. It stays in the text, so that
// what it uses is still used.
func (w *walker) drop(n ast.Node, stack []ast.Node) {
	if b, ok := n.(*ast.BranchStmt); ok && (b.Tok == token.FALLTHROUGH || b.Tok == token.GOTO) {
		return
	}
	if listed(n, stack) {
		was := w.text(n)
		w.note(mutant{kind: statement, start: w.offset(n.Pos()), end: w.offset(n.End()), text: "if false { " + was + " }", was: was}, n)
	}
}

// listed says whether a statement stands in a list of statements, where another
// can take its place.
func listed(n ast.Node, stack []ast.Node) bool {
	switch parent := stack[len(stack)-1].(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		return true
	case *ast.CommClause:
		return parent.Comm != n
	}
	return false
}

// fields notes that a field of a struct is left out.
func (w *walker) fields(n *ast.CompositeLit) {
	typ := w.pkg.TypesInfo.TypeOf(n)
	if typ == nil {
		return
	}
	if _, ok := typ.Underlying().(*types.Struct); !ok {
		return
	}
	for _, e := range n.Elts {
		if _, keyed := e.(*ast.KeyValueExpr); keyed {
			start, end := w.offset(e.Pos()), w.offset(e.End())
			if rest := bytes.TrimLeft(w.data[end:], " \t"); len(rest) > 0 && rest[0] == ',' {
				end = len(w.data) - len(rest) + 1
			}
			w.splice(statement, e, start, end, "")
		}
	}
}

// logs says whether a statement is for whoever reads the log.
func (w *walker) logs(n ast.Node) bool {
	s, ok := n.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := s.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	f := w.callee(call)
	return f != nil && f.Pkg() != nil && (f.Pkg().Path() == "log/slog" || f.Pkg().Path() == "log")
}

// words says whether a call makes an error or a panic: its text is not what
// tests should hold to the letter.
func (w *walker) words(call *ast.CallExpr) bool {
	if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
		return true
	}
	f := w.callee(call)
	if f == nil || f.Pkg() == nil {
		return false
	}
	name := f.Pkg().Path() + "." + f.Name()
	return name == "errors.New" || name == "fmt.Errorf"
}

func (w *walker) callee(call *ast.CallExpr) types.Object {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return w.pkg.TypesInfo.Uses[f]
	case *ast.SelectorExpr:
		return w.pkg.TypesInfo.Uses[f.Sel]
	}
	return nil
}

// negate notes the opposite of a condition. Comparisons and "not" have mutants
// of their own that do the same.
func (w *walker) negate(e ast.Expr) {
	switch e := e.(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
		return
	case *ast.ParenExpr:
		w.negate(e.X)
		return
	}
	if w.isConstant(e) {
		return
	}
	w.replace(condition, e, "!("+w.text(e)+")")
}

func (w *walker) isConstant(e ast.Expr) bool {
	tv := w.pkg.TypesInfo.Types[e]
	return tv.Value != nil
}

// What operators become.
var (
	boundaries = map[token.Token]token.Token{
		token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
		token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
		token.SHL: token.SHR, token.SHR: token.SHL, token.AND: token.OR, token.OR: token.AND, token.XOR: token.AND, token.AND_NOT: token.AND,
	}
	opposites = map[token.Token]token.Token{
		token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.GEQ, token.GEQ: token.LSS, token.GTR: token.LEQ, token.LEQ: token.GTR,
		token.LAND: token.LOR, token.LOR: token.LAND,
	}
	assignments = map[token.Token]token.Token{
		token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN, token.QUO_ASSIGN: token.MUL_ASSIGN,
		token.SHL_ASSIGN: token.SHR_ASSIGN, token.SHR_ASSIGN: token.SHL_ASSIGN, token.OR_ASSIGN: token.AND_ASSIGN, token.AND_ASSIGN: token.OR_ASSIGN,
		token.XOR_ASSIGN: token.OR_ASSIGN, token.AND_NOT_ASSIGN: token.OR_ASSIGN,
	}
)

func (w *walker) binary(n *ast.BinaryExpr) {
	if w.isConstant(n) {
		return // constants have mutants of their own
	}
	if to, ok := boundaries[n.Op]; ok {
		w.operator(boundary, n, n.OpPos, n.Op, to)
	}
	if to, ok := opposites[n.Op]; ok {
		w.operator(condition, n, n.OpPos, n.Op, to)
	}
	if n.Op == token.LAND || n.Op == token.LOR { // half of it is dropped
		w.replace(condition, n, "("+w.text(n.X)+")")
		w.replace(condition, n, "("+w.text(n.Y)+")")
	}
}

// operator notes another operator; what was and is shows the expression whole.
func (w *walker) operator(k kind, n ast.Node, at token.Pos, from, to token.Token) {
	start, end, op := w.offset(n.Pos()), w.offset(n.End()), w.offset(at)
	w.splice(k, n, start, end, string(w.data[start:op])+to.String()+string(w.data[op+len(from.String()):end]))
}

// constant notes another number or text.
func (w *walker) constant(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT, token.FLOAT:
		w.replace(literal, n, "("+n.Value+" + 1)")
	case token.STRING:
		if text, err := strconv.Unquote(n.Value); err == nil && text == "" {
			w.replace(literal, n, `"mutated"`)
		} else {
			w.replace(literal, n, `""`)
		}
	case token.CHAR:
		w.replace(literal, n, n.Value+" + 1")
	}
}

// results notes that a function returns something else.
func (w *walker) results(n *ast.ReturnStmt, stack []ast.Node) {
	sig := w.signature(stack)
	if sig == nil || sig.Results().Len() != len(n.Results) || !listed(n, stack) {
		return
	}
	start, end := w.offset(n.Pos()), w.offset(n.End())
	for i, e := range n.Results {
		is, ok := w.other(e, sig.Results().At(i).Type())
		if !ok {
			continue
		}
		// The statement stays before, unreached, so that what it uses is still used.
		changed := string(w.data[start:w.offset(e.Pos())]) + is + string(w.data[w.offset(e.End()):end])
		w.note(mutant{
			kind: result, start: start, end: end, text: "if false { " + w.text(n) + " }; " + changed,
			was: w.returned(n, i, w.text(e)), is: w.returned(n, i, is),
		}, e)
	}
}

// returned writes a result at its place among a statement's, for the report.
func (w *walker) returned(n *ast.ReturnStmt, at int, text string) string {
	texts := make([]string, len(n.Results))
	for i := range texts {
		texts[i] = "·"
	}
	texts[at] = text
	return "return " + strings.Join(texts, ", ")
}

// signature is of the function that a node lies in.
func (w *walker) signature(stack []ast.Node) *types.Signature {
	for _, n := range slices.Backward(stack) {
		switch n := n.(type) {
		case *ast.FuncLit:
			sig, _ := w.pkg.TypesInfo.TypeOf(n).(*types.Signature)
			return sig
		case *ast.FuncDecl:
			if obj := w.pkg.TypesInfo.Defs[n.Name]; obj != nil {
				sig, _ := obj.Type().(*types.Signature)
				return sig
			}
		}
	}
	return nil
}

// other is a value that a function returns instead; an expression that has a
// mutant of its own as a condition or constant gets no second one.
func (w *walker) other(e ast.Expr, t types.Type) (string, bool) {
	text := w.text(e)
	tv := w.pkg.TypesInfo.Types[e]
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			switch e.(type) {
			case *ast.BinaryExpr, *ast.UnaryExpr:
				return "", false
			}
			return "!(" + text + ")", tv.Value == nil
		case u.Info()&types.IsNumeric != 0:
			if tv.Value != nil && constant.Sign(tv.Value) == 0 {
				return "1", false
			}
			return "0", true
		case u.Info()&types.IsString != 0:
			return `""`, tv.Value == nil
		}
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature, *types.Interface:
		if _, param := t.(*types.TypeParam); param {
			return "", false
		}
		return "nil", text != "nil"
	case *types.Struct, *types.Array:
		is := types.TypeString(t, func(p *types.Package) string {
			if p == w.pkg.Types {
				return ""
			}
			return p.Name()
		}) + "{}"
		return is, is != text
	}
	return "", false
}
