package certlogic

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Expression is a compiled expression, safe for use by several goroutines.
type Expression struct{ root node }

// Compile checks an expression and makes it ready for evaluation.
func Compile(expr []byte) (*Expression, error) { return new(compiler).compile(expr) }

// compiler makes nodes of expressions.
type compiler struct {
	program *Program // nil for an expression by itself
	lambda  int      // how many lambdas enclose the expression
}

func (c *compiler) compile(expr []byte) (*Expression, error) {
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
	return &Expression{c.node(parsed)}, nil
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
	r := alone.Start(data)
	defer r.End()
	return r.Holds(x)
}

// alone is the program of expressions by themselves, which share nothing.
var alone Program

// operators are all operations but var.
var operators map[string]operator

// The table refers to functions that refer to it.
func init() {
	comparison := operator{least: 2, most: 3, arity: infix, build: buildComparison}
	binary := func(build builder) operator {
		return operator{least: 2, most: 2, arity: infix, build: build}
	}
	named := func(operands int, build builder) operator {
		return operator{least: operands, most: operands, arity: exactly, build: build}
	}
	plus, extract := named(3, buildPlusTime), named(2, buildExtract)
	plus.check, extract.check = checkPlusTime, checkExtract
	operators = map[string]operator{
		"if": named(3, func(c *compiler, _ string, o []any) node {
			return &ifNode{c.node(o[0]), c.node(o[1]), c.node(o[2])}
		}),
		"and": {least: 2, most: math.MaxInt, arity: atLeast, build: func(c *compiler, _ string, o []any) node { return andNode(c.nodes(o)) }},
		"!":   {least: 1, most: 1, arity: negation, build: func(c *compiler, _ string, o []any) node { return &notNode{c.node(o[0])} }},
		"===": binary(func(c *compiler, _ string, o []any) node { return &equalNode{c.node(o[0]), c.node(o[1])} }),
		"in":  binary(func(c *compiler, _ string, o []any) node { return &inNode{c.node(o[0]), c.node(o[1])} }),
		"+":   binary(func(c *compiler, _ string, o []any) node { return &sumNode{c.node(o[0]), c.node(o[1])} }),
		"<":   comparison, ">": comparison, "<=": comparison, ">=": comparison,
		"after": comparison, "before": comparison, "not-after": comparison, "not-before": comparison,
		"plusTime":        plus,
		"extractFromUVCI": extract,
		"dccDateOfBirth":  named(1, buildBirth),
		"reduce":          named(3, buildReduce),
	}
}

// builder makes the node of a valid operation.
type builder func(c *compiler, name string, operands []any) node

// node makes the node of a valid expression.
func (c *compiler) node(expr any) node {
	switch e := expr.(type) {
	case []any:
		return arrayOf(c.nodes(e))
	case map[string]any:
		for name, operand := range e {
			if name == "var" {
				return c.path(operand.(string))
			}
			return operators[name].build(c, name, operand.([]any))
		}
	}
	return literal(valueOf(expr))
}

func (c *compiler) nodes(exprs []any) []node {
	nodes := make([]node, len(exprs))
	for i, e := range exprs {
		nodes[i] = c.node(e)
	}
	return nodes
}

// arrayOf makes a literal of an array of literals.
func arrayOf(nodes []node) node {
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

// path makes a chain of steps into the data, each of which is shared.
func (c *compiler) path(path string) node {
	if path == "" {
		return dataNode{}
	}
	parent, name := "", path
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
		parent, name = path[:dot], path[dot+1:]
	}
	index, err := strconv.Atoi(name)
	if err != nil {
		index = -1
	}
	return c.shared("var "+path, &stepNode{c.path(parent), name, index})
}

func buildComparison(c *compiler, name string, o []any) node {
	kind := comparisons[name]
	return &compareNode{takes: kind.takes, err: kind.err, holds: kind.holds, operands: c.nodes(o)}
}

func buildPlusTime(c *compiler, _ string, o []any) node {
	return c.shared("plusTime "+written(o), &plusTimeNode{c.node(o[0]), valueOf(o[1]).n, unit(slices.Index(units[:], o[2].(string)))})
}

func buildBirth(c *compiler, _ string, o []any) node {
	return c.shared("dccDateOfBirth "+written(o), &birthNode{c.node(o[0])})
}

func buildExtract(c *compiler, _ string, o []any) node {
	return &extractNode{c.node(o[0]), valueOf(o[1]).n}
}

func buildReduce(c *compiler, _ string, o []any) node {
	operand, initial := c.node(o[0]), c.node(o[2])
	c.lambda++
	lambda := c.node(o[1])
	c.lambda--
	return &reduceNode{operand, lambda, initial}
}
