package certlogic

import "sync"

// Program is a set of expressions that are evaluated on the same data, as the
// rules of a country are on one certificate. What several of them look up or
// compute from the data alone is computed once. A program is complete before its
// first run, and then safe for use by several goroutines.
type Program struct {
	slots map[string]int // of shared nodes, by what they compute
	runs  sync.Pool
}

// Compile is [Compile] for an expression of the program.
func (p *Program) Compile(expr []byte) (*Expression, error) {
	if p.slots == nil {
		p.slots = make(map[string]int)
	}
	c := compiler{program: p}
	return c.compile(expr)
}

// shared lets the program compute a node once a run. In a lambda data is
// another for each item, so that nothing there is shared.
func (c *compiler) shared(what string, n node) node {
	if c.program == nil || c.lambda > 0 {
		return n
	}
	slot, known := c.program.slots[what]
	if !known {
		slot = len(c.program.slots)
		c.program.slots[what] = slot
	}
	return &sharedNode{slot, n}
}

// outcome is what a shared node came to.
type outcome struct {
	value value
	err   error
	set   bool
}

type sharedNode struct {
	slot int
	node node
}

func (n *sharedNode) eval(e *env) (value, error) {
	o := &e.known[n.slot]
	if o.set {
		return o.value, o.err
	}
	v, err := n.node.eval(e)
	if err != errSteps { // which is this expression's, not the next one's
		*o = outcome{v, err, true}
		e.used = append(e.used, n.slot)
	}
	return v, err
}

// Run is the evaluation of a program's expressions on one set of data.
type Run struct {
	program *Program
	env     env
}

// Start begins a run. It must be ended, or the next one allocates.
func (p *Program) Start(data any) *Run {
	r, ok := p.runs.Get().(*Run)
	if !ok || len(r.env.known) < len(p.slots) {
		r = &Run{program: p, env: env{known: make([]outcome, len(p.slots))}}
	}
	r.env.data = valueOf(data)
	return r
}

// Holds evaluates an expression of the program that comes out as a boolean.
func (r *Run) Holds(x *Expression) (bool, error) {
	r.env.steps = MaxSteps
	v, err := x.root.eval(&r.env)
	if err == nil && v.kind != boolean {
		err = errNotBoolean
	}
	return err == nil && v.n != 0, err
}

// End forgets the data, which is a person's.
func (r *Run) End() {
	for _, slot := range r.env.used {
		r.env.known[slot] = outcome{}
	}
	r.env.used, r.env.data = r.env.used[:0], value{}
	r.program.runs.Put(r)
}
