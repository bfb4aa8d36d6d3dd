package certlogic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Issue is one thing that is wrong with an expression. The messages are those
// of the specification's validation test suite.
type Issue struct {
	Expr    any // the part that is wrong, as encoding/json has it, numbers as json.Number
	Message string
}

// Validate lists what is wrong with an expression, nothing where it is valid.
// The error is for what is no JSON, or beyond the bounds.
func Validate(expr []byte) ([]Issue, error) {
	parsed, err := parse(expr)
	if err != nil {
		return nil, err
	}
	return issues(nil, parsed), nil
}

// parse reads JSON within the bounds.
func parse(expr []byte) (any, error) {
	if len(expr) > MaxSize {
		return nil, fmt.Errorf("certlogic: an expression of %d bytes is longer than %d", len(expr), MaxSize)
	}
	if err := shallow(expr); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(expr))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("certlogic: reading an expression: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("certlogic: reading an expression: text follows its end")
	}
	return v, nil
}

// shallow refuses what is nested too deeply, before anything recurses into it.
func shallow(expr []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(expr); i++ {
		switch c := expr[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return fmt.Errorf("certlogic: an expression of more than %d levels", MaxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// operator says what an operation is written like and how its node is made.
type operator struct {
	least, most int    // operands
	arity       string // the message for another number of operands
	build       builder
	check       func(list []Issue, expr any, operands []any) []Issue // nil: every operand is an expression
}

const (
	exactly  = "a%s %q-operation must have exactly %d %s, but it has %d"
	infix    = "an operation with operator %q must have %s operands, but it has %d"
	atLeast  = "an %q operation must have at least %d operands, but it has %d"
	negation = "a %s-operation (logical not/negation) must have exactly %d operand, but it has %d"
)

// wrongArity words the message for a wrong number of operands.
func (op operator) wrongArity(name string, n int) string {
	switch op.arity {
	case exactly:
		article, noun := "", "values/operands"
		if strings.ContainsRune("aeiou", rune(name[0])) {
			article = "n"
		}
		if op.least == 1 {
			noun = "value/operand"
		}
		return fmt.Sprintf(exactly, article, name, op.least, noun, n)
	case infix:
		count := fmt.Sprint(op.least)
		if op.most > op.least {
			count = fmt.Sprintf("%d or %d", op.least, op.most)
		}
		return fmt.Sprintf(infix, name, count, n)
	}
	return fmt.Sprintf(op.arity, name, op.least, n)
}

func issues(list []Issue, expr any) []Issue {
	flaw := func(format string, args ...any) []Issue {
		return append(list, Issue{expr, fmt.Sprintf(format, args...)})
	}
	switch e := expr.(type) {
	case string, bool:
		return list
	case json.Number:
		if valueOf(e).kind != integer {
			return flaw("%s is a non-integer number", e)
		}
		return list
	case []any:
		for _, item := range e {
			list = issues(list, item)
		}
		return list
	case map[string]any:
		if len(e) != 1 {
			return flaw("expression object must have exactly one key, but it has %d", len(e))
		}
		for name, operand := range e {
			if name == "var" {
				return checkVar(list, expr, operand)
			}
			operands, ok := operand.([]any)
			if !ok {
				return flaw(`operation not of the form { "<operator>": [ <values...> ] }`)
			}
			op, known := operators[name]
			if !known {
				return flaw("unrecognised operator: %q", name)
			}
			return op.issues(list, name, expr, operands)
		}
	}
	return flaw("invalid CertLogic expression")
}

func (op operator) issues(list []Issue, name string, expr any, operands []any) []Issue {
	if n := len(operands); n < op.least || n > op.most {
		list = append(list, Issue{expr, op.wrongArity(name, n)})
		if op.arity == negation {
			return list
		}
		operands = operands[:min(n, op.most)]
	}
	if op.check != nil {
		return op.check(list, expr, operands)
	}
	for _, o := range operands {
		list = issues(list, o)
	}
	return list
}

func checkVar(list []Issue, expr, operand any) []Issue {
	path, ok := operand.(string)
	if !ok {
		return append(list, Issue{expr, `not of the form { "var": "<path>" }`})
	}
	if path != "" && slices.Contains(strings.Split(path, "."), "") {
		return append(list, Issue{expr, "data access path doesn't have a valid format: " + path})
	}
	return list
}

func checkPlusTime(list []Issue, expr any, operands []any) []Issue {
	if len(operands) > 0 {
		list = issues(list, operands[0])
	}
	if len(operands) > 1 && valueOf(operands[1]).kind != integer {
		list = append(list, Issue{expr, `"amount" argument (#2) of "plusTime" must be an integer, but it is: ` + written(operands[1])})
	}
	if len(operands) > 2 {
		if name, ok := operands[2].(string); !ok || !slices.Contains(units[:], name) {
			list = append(list, Issue{expr, fmt.Sprintf(
				`"unit" argument (#3) of "plusTime" must be a string equal to one of %s, but it is: %s`,
				strings.Join(units[:], ", "), written(operands[2]))})
		}
	}
	return list
}

func checkExtract(list []Issue, expr any, operands []any) []Issue {
	if len(operands) > 0 {
		list = issues(list, operands[0])
	}
	if len(operands) > 1 && valueOf(operands[1]).kind != integer {
		list = append(list, Issue{expr, `"index" argument (#2) of "extractFromUVCI" must be an integer, but it is: ` + written(operands[1])})
	}
	return list
}

// written is a value as messages show it.
func written(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
