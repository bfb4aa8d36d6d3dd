// Package certlogic evaluates CertLogic expressions, the language that the
// business rules of the EU Digital COVID Certificate are written in: JSON objects
// with one operator each, after JsonLogic, with arithmetic on dates
// (specification 1.3.3 of ehn-dcc-development/eu-dcc-business-rules).
//
//	minor, err := certlogic.Compile([]byte(`{"after": [
//		{"dccDateOfBirth": [{"var": "payload.dob"}]},
//		{"plusTime": [{"var": "external.validationClock"}, -18, "year"]}]}`))
//	yes, err := minor.Holds(data)
//
// [Compile] checks the whole expression ([Validate]) before it makes a tree of
// it, so that an invalid rule is refused when it is imported and not when
// a visitor waits. [Expression.Holds] then walks the tree, for most
// rules without allocating. Many rules on one certificate make a [Program], which
// looks up and computes once what several of them need.
//
// # Data
//
// What an expression is evaluated on is made of what encoding/json makes of
// JSON, integers of any size besides, and of two interfaces for data that is
// not kept as maps: [Object] and [List]. A leaf may be a pointer, which costs no
// allocation when it is turned into an interface:
//
//	nil, bool, string, int, int64, uint64, float64, json.Number,
//	*bool, *string, *int, *int64, []any, []string, map[string]any, Object, List
//
// Anything else is a value that no operation accepts.
//
// # Bounds
//
// An expression has at most [MaxSize] bytes and [MaxDepth] levels, and an
// evaluation takes at most [MaxSteps] steps: rules come from elsewhere, and a
// reduce in a reduce in a reduce must not hold up the queue.
package certlogic

// Version is the version of the specification.
const Version = "1.3.3"

// Bounds of an expression and of its evaluation.
const (
	MaxSize  = 64 << 10 // bytes of JSON
	MaxDepth = 64       // levels of JSON
	MaxSteps = 100_000  // operations evaluated
)
