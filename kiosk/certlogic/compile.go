package certlogic

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Expression is a compiled expression, safe for use by several goroutines.
type Expression struct{ root node }

// Compile checks an expression and makes it ready for evaluation.
func Compile(expr []byte) (*Expression, error) {
	parsed, err := parse(expr)
	if err != nil {
		return nil, err
	}
	if flaws := issues(nil, parsed); len(flaws) > 0 {
		errs := make([]error, len(flaws))
		for i, f := range flaws {
			errs[i] = fmt.Errorf("certlogic: %s: %s", f.Message, written(f.Expr))
		}
		return nil, errors.Join(errs...)
	}
	return &Expression{compile(parsed)}, nil
}

// Evaluate evaluates the expression on data. Integers come back as int64,
// moments as time.Time, everything else as encoding/json has it.
func (x *Expression) Evaluate(data any) (any, error) {
	e := &env{data: valueOf(data), steps: MaxSteps}
	v, err := x.root.eval(e)
	if err != nil {
		return nil, err
	}
	return v.goValue(e)
}

// Holds evaluates a rule: an expression that comes out as a boolean.
func (x *Expression) Holds(data any) (bool, error) {
	e := envs.Get().(*env)
	e.data, e.steps = valueOf(data), MaxSteps
	v, err := x.root.eval(e)
	e.data = value{} // it is somebody's: not to be kept
	envs.Put(e)
	if err == nil && v.kind != boolean {
		err = errNotBoolean
	}
	return err == nil && v.n != 0, err
}

var envs = sync.Pool{New: func() any { return new(env) }}

// operators are all operations but var.
var operators map[string]operator

// The table refers to functions that refer to it.
func init() {
	comparison := operator{least: 2, most: 3, arity: infix, build: buildComparison}
	binary := func(build func(string, []any) node) operator {
		return operator{least: 2, most: 2, arity: infix, build: build}
	}
	named := func(operands int, build func(string, []any) node) operator {
		return operator{least: operands, most: operands, arity: exactly, build: build}
	}
	plus, extract := named(3, buildPlusTime), named(2, buildExtract)
	plus.check, extract.check = checkPlusTime, checkExtract
	operators = map[string]operator{
		"if":  named(3, func(_ string, o []any) node { return &ifNode{compile(o[0]), compile(o[1]), compile(o[2])} }),
		"and": {least: 2, most: math.MaxInt, arity: atLeast, build: func(_ string, o []any) node { return andNode(compileAll(o)) }},
		"!":   {least: 1, most: 1, arity: negation, build: func(_ string, o []any) node { return &notNode{compile(o[0])} }},
		"===": binary(func(_ string, o []any) node { return &equalNode{compile(o[0]), compile(o[1])} }),
		"in":  binary(func(_ string, o []any) node { return &inNode{compile(o[0]), compile(o[1])} }),
		"+":   binary(func(_ string, o []any) node { return &sumNode{compile(o[0]), compile(o[1])} }),
		"<":   comparison, ">": comparison, "<=": comparison, ">=": comparison,
		"after": comparison, "before": comparison, "not-after": comparison, "not-before": comparison,
		"plusTime":        plus,
		"extractFromUVCI": extract,
		"dccDateOfBirth":  named(1, func(_ string, o []any) node { return &birthNode{compile(o[0])} }),
		"reduce":          named(3, func(_ string, o []any) node { return &reduceNode{compile(o[0]), compile(o[1]), compile(o[2])} }),
	}
}

// compile makes the node of a valid expression.
func compile(expr any) node {
	switch e := expr.(type) {
	case []any:
		return compileArray(compileAll(e))
	case map[string]any:
		for name, operand := range e {
			if name == "var" {
				return compileVar(operand.(string))
			}
			return operators[name].build(name, operand.([]any))
		}
	}
	return literal(valueOf(expr))
}

func compileAll(exprs []any) []node {
	nodes := make([]node, len(exprs))
	for i, e := range exprs {
		nodes[i] = compile(e)
	}
	return nodes
}

// compileArray makes a literal of an array of literals.
func compileArray(nodes []node) node {
	values := make([]value, len(nodes))
	for i, n := range nodes {
		l, ok := n.(literal)
		if !ok {
			return arrayNode(nodes)
		}
		values[i] = value(l)
	}
	return literal{kind: array, of: values}
}

// compileVar splits a path into its steps.
func compileVar(path string) node {
	if path == "" {
		return varNode(nil)
	}
	var steps varNode
	for name := range strings.SplitSeq(path, ".") {
		index, err := strconv.Atoi(name)
		if err != nil {
			index = -1
		}
		steps = append(steps, step{name, index})
	}
	return steps
}

func buildComparison(name string, o []any) node {
	c := comparisons[name]
	return &compareNode{takes: c.takes, err: c.err, holds: c.holds, operands: compileAll(o)}
}

func buildPlusTime(_ string, o []any) node {
	return &plusTimeNode{compile(o[0]), valueOf(o[1]).n, unit(slices.Index(units[:], o[2].(string)))}
}

func buildExtract(_ string, o []any) node {
	return &extractNode{compile(o[0]), valueOf(o[1]).n}
}
