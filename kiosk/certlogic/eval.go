package certlogic

import (
	"errors"
	"strings"
)

// env is what an evaluation runs in.
type env struct {
	data  value
	steps int // left

	known []outcome // of shared nodes, by slot
	used  []int     // slots that are set
}

// node is an operation with its operands.
type node interface {
	eval(*env) (value, error)
}

// The errors of an evaluation are fixed: whoever evaluates knows which rule it
// was, and hostile data costs no more than good data.
var (
	errSteps       = errors.New("certlogic: the evaluation takes too many steps")
	errNotBoolean  = errors.New("certlogic: the rule does not come out as a boolean")
	errTruth       = errors.New("certlogic: a condition is neither truthy nor falsy")
	errNotArray    = errors.New("certlogic: an array is needed")
	errNotIntegers = errors.New("certlogic: integers are needed")
	errNotMoments  = errors.New("certlogic: date-times are needed")
	errNotText     = errors.New("certlogic: a string is needed")
	errNotDate     = errors.New("certlogic: not a date or date-time of an allowed format")
	errRange       = errors.New("certlogic: a number or date-time out of range")
)

// step counts an operation.
func (e *env) step() error {
	if e.steps--; e.steps < 0 {
		return errSteps
	}
	return nil
}

// truth evaluates a condition.
func (e *env) truth(n node) (value, bool, error) {
	v, err := n.eval(e)
	if err != nil {
		return value{}, false, err
	}
	yes, ok := v.truthy()
	if !ok {
		return value{}, false, errTruth
	}
	return v, yes, nil
}

type literal value

func (l literal) eval(*env) (value, error) { return value(l), nil }

type arrayNode []node

func (a arrayNode) eval(e *env) (value, error) {
	if err := e.step(); err != nil {
		return value{}, err
	}
	items := make([]value, len(a))
	for i, n := range a {
		var err error
		if items[i], err = n.eval(e); err != nil {
			return value{}, err
		}
	}
	return value{kind: array, of: items}, nil
}

// dataNode is all of the data.
type dataNode struct{}

func (dataNode) eval(e *env) (value, error) {
	if f, ok := e.data.of.(*fold); ok {
		now := *f // what it is now: it changes with the next item
		return value{kind: object, of: &now}, nil
	}
	return e.data, nil
}

// stepNode is a step into the data.
type stepNode struct {
	from  node
	name  string
	index int // -1 where the name is no index
}

func (n *stepNode) eval(e *env) (v value, err error) {
	if _, all := n.from.(dataNode); all {
		v = e.data
	} else if v, err = n.from.eval(e); err != nil {
		return value{}, err
	}
	switch v.kind {
	case array:
		return v.at(n.index), nil
	case object:
		return v.member(n.name), nil
	}
	return value{}, nil
}

type ifNode struct{ guard, then, otherwise node }

func (n *ifNode) eval(e *env) (value, error) {
	if err := e.step(); err != nil {
		return value{}, err
	}
	_, yes, err := e.truth(n.guard)
	switch {
	case err != nil:
		return value{}, err
	case yes:
		return n.then.eval(e)
	}
	return n.otherwise.eval(e)
}

type andNode []node

func (n andNode) eval(e *env) (v value, err error) {
	if err := e.step(); err != nil {
		return value{}, err
	}
	last := len(n) - 1
	for _, operand := range n[:last] {
		v, yes, err := e.truth(operand)
		if err != nil || !yes {
			return v, err
		}
	}
	return n[last].eval(e)
}

type notNode struct{ operand node }

func (n *notNode) eval(e *env) (value, error) {
	if err := e.step(); err != nil {
		return value{}, err
	}
	_, yes, err := e.truth(n.operand)
	return truth(!yes), err
}

// both evaluates two operands.
func (e *env) both(l, r node) (a, b value, err error) {
	if err = e.step(); err != nil {
		return
	}
	if a, err = l.eval(e); err != nil {
		return
	}
	b, err = r.eval(e)
	return
}

type equalNode struct{ l, r node }

func (n *equalNode) eval(e *env) (value, error) {
	a, b, err := e.both(n.l, n.r)
	return truth(same(a, b)), err
}

type inNode struct{ item, list node }

func (n *inNode) eval(e *env) (value, error) {
	item, list, err := e.both(n.item, n.list)
	if err == nil && list.kind != array {
		err = errNotArray
	}
	if err != nil {
		return value{}, err
	}
	return truth(list.contains(item)), nil
}

type sumNode struct{ l, r node }

func (n *sumNode) eval(e *env) (value, error) {
	a, b, err := e.both(n.l, n.r)
	switch {
	case err != nil:
		return value{}, err
	case a.kind != integer || b.kind != integer:
		return value{}, errNotIntegers
	}
	sum := a.n + b.n
	if (sum > a.n) != (b.n > 0) { // it ran over
		return value{}, errRange
	}
	return value{kind: integer, n: sum}, nil
}

// comparisons of integers and of moments.
var comparisons = map[string]struct {
	takes kind
	err   error
	holds func(a, b int64) bool
}{
	"<":          {integer, errNotIntegers, less},
	">":          {integer, errNotIntegers, greater},
	"<=":         {integer, errNotIntegers, notGreater},
	">=":         {integer, errNotIntegers, notLess},
	"before":     {moment, errNotMoments, less},
	"after":      {moment, errNotMoments, greater},
	"not-after":  {moment, errNotMoments, notGreater},
	"not-before": {moment, errNotMoments, notLess},
}

func less(a, b int64) bool       { return a < b }
func greater(a, b int64) bool    { return a > b }
func notGreater(a, b int64) bool { return a <= b }
func notLess(a, b int64) bool    { return a >= b }

type compareNode struct {
	takes    kind
	err      error
	holds    func(a, b int64) bool
	operands []node // two or three
}

func (n *compareNode) eval(e *env) (value, error) {
	if err := e.step(); err != nil {
		return value{}, err
	}
	var v [3]value
	for i, operand := range n.operands {
		var err error
		if v[i], err = operand.eval(e); err != nil {
			return value{}, err
		}
	}
	for i := range n.operands {
		if v[i].kind != n.takes {
			return value{}, n.err
		}
	}
	return truth(n.holds(v[0].n, v[1].n) && (len(n.operands) == 2 || n.holds(v[1].n, v[2].n))), nil
}

type plusTimeNode struct {
	date   node
	amount int64
	unit   unit
}

func (n *plusTimeNode) eval(e *env) (value, error) {
	v, err := e.text(n.date)
	if err != nil {
		return value{}, err
	}
	ms, ok := parseMoment(v)
	if !ok {
		return value{}, errNotDate
	}
	if n.amount != 0 {
		if ms, ok = shift(ms, n.amount, n.unit); !ok {
			return value{}, errRange
		}
	}
	return value{kind: moment, n: ms}, nil
}

// text evaluates an operand that must be a string.
func (e *env) text(n node) (string, error) {
	if err := e.step(); err != nil {
		return "", err
	}
	v, err := n.eval(e)
	if err == nil && v.kind != text {
		err = errNotText
	}
	return v.s, err
}

type birthNode struct{ date node }

func (n *birthNode) eval(e *env) (value, error) {
	s, err := e.text(n.date)
	if err != nil {
		return value{}, err
	}
	ms, ok := parsePartial(s)
	if !ok {
		return value{}, errNotDate
	}
	return value{kind: moment, n: ms}, nil
}

type extractNode struct {
	uvci  node
	index int64
}

func (n *extractNode) eval(e *env) (value, error) {
	if err := e.step(); err != nil {
		return value{}, err
	}
	v, err := n.uvci.eval(e)
	switch {
	case err != nil:
		return value{}, err
	case v.kind == null || v.kind == text && n.index < 0:
		return value{}, nil
	case v.kind != text:
		return value{}, errNotText
	}
	rest := strings.TrimPrefix(v.s, "URN:UVCI:")
	for i := n.index; ; i-- {
		end := strings.IndexAny(rest, "/#:")
		switch {
		case i == 0 && end < 0:
			return value{kind: text, s: rest}, nil
		case i == 0:
			return value{kind: text, s: rest[:end]}, nil
		case end < 0:
			return value{}, nil
		}
		rest = rest[end+1:]
	}
}

type reduceNode struct{ operand, lambda, initial node }

// fold is the data that the lambda of a reduce sees.
type fold struct{ accumulator, current value }

func (f *fold) member(name string) value {
	switch name {
	case "accumulator":
		return f.accumulator
	case "current":
		return f.current
	}
	return value{}
}

func (f *fold) goValue(e *env) (any, error) {
	accumulator, err := f.accumulator.goValue(e)
	if err != nil {
		return nil, err
	}
	current, err := f.current.goValue(e)
	return map[string]any{"accumulator": accumulator, "current": current}, err
}

func (n *reduceNode) eval(e *env) (value, error) {
	over, initial, err := e.both(n.operand, n.initial)
	switch {
	case err != nil || over.kind == null:
		return initial, err
	case over.kind != array:
		return value{}, errNotArray
	}
	f := &fold{accumulator: initial}
	outer := e.data
	e.data = value{kind: object, of: f}
	defer func() { e.data = outer }()
	for i := range over.len() {
		if err := e.step(); err != nil {
			return value{}, err
		}
		f.current = over.at(i)
		if f.accumulator, err = n.lambda.eval(e); err != nil {
			return value{}, err
		}
	}
	return f.accumulator, nil
}
