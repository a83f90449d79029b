package builder

import (
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/plugin"
)

// A program is everything that the builder knows about one output.
//
// Three things guard it. The turn (see [Builder.own]): a goroutine that builds,
// settles, patches or reloads the program has it, and no other reads or changes the
// contents of a plan, or makes a binary beside the output. The token prepare: a
// goroutine that looks at the program's host has it, beside a build or within one. The
// mutex: it guards the fields alone, for no longer than it takes to read or set them.
// So a plan is replaced as a whole, and the goroutine that has the turn keeps the plan
// that it began with.
type program struct {
	turn    chan struct{} // holds a token while no build has its turn
	prepare chan struct{} // holds a token while the published host is not being looked at

	mu    sync.Mutex // guards the fields below
	swept bool       // leftovers of dead builds have been removed from the folder
	base  *base      // what links are appended to, if there is anything; the turn guards it
	// unappendable: what go build made last cannot be appended to; the turn guards it.
	unappendable bool
	made         map[string]madeBy // by temporary file: the build that made it
	published    *host             // the file at the output; nil if nothing is known of it
	plan         *plan             // how to build without the go command; nil if that is impossible
	planless     fast.Refusal      // why plan is nil
	agentless    string            // why live code's agent is not built into the program, although it could be
	preparing    int               // running calls of PrepareReload
}

// madeBy is the build that made an artifact.
type madeBy struct {
	req   Request
	began time.Time // changes made later may be missing in it
	// plan and version are what the fast path made it from. For go build, plan is nil
	// until there is one that would link the same.
	plan     *plan
	version  int
	appended bool // it is an appended link
	// ids are the build IDs of the archives that the go command made it from, by import
	// path, until there is a plan; nil if the go command did not report them.
	ids map[string]string
}

// A host is a published program that plugins may be loaded into.
type host struct {
	// made is guarded by the program's mutex, except for its request and time, which
	// never change.
	made madeBy
	// learned is what plugins need to know of the program. The first Reload or
	// PrepareReload sets it; the program's token prepare guards it.
	learned *plugin.Host
}

// program returns what is known of an output. It never returns nil.
func (b *Builder) program(output string) *program {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.programs[output]
	if p == nil {
		p = &program{turn: make(chan struct{}, 1), prepare: make(chan struct{}, 1), made: map[string]madeBy{}}
		give(p.turn)
		give(p.prepare)
		b.programs[output] = p
	}
	return p
}

// now returns the plan and how the file at the output was made. known is false if
// nothing is known of that file.
func (p *program) now() (plan *plan, made madeBy, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.published != nil {
		made, known = p.published.made, true
	}
	return p.plan, made, known
}

// linked reports whether the file at the output, which was made so, is what the plan now
// links for a request.
func (p *plan) linked(made madeBy, req Request) bool {
	return p != nil && sameRequest(p.req, req) && made.plan == p && made.version == p.Version
}

// publish records that the file at the output is the artifact of a build, or equal to
// it.
func (p *program) publish(made madeBy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published = &host{made: made}
}

// host returns the file at the output; nil if nothing is known of it.
func (p *program) host() *host {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.published
}

// setPlan makes a plan the way to build the program from now on. The binary that the go
// command published may equal what the plan would link.
func (p *program) setPlan(plan *plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan, p.planless = plan, fast.Refusal{}
	if h := p.published; h != nil && h.made.plan == nil && sameRequest(h.made.req, plan.req) && plan.LinkedFrom(h.made.ids) {
		h.made.plan, h.made.version, h.made.ids = plan, plan.Version, nil
	}
}

// replacePlan replaces the plan old by another one, if old is still the program's.
func (p *program) replacePlan(old, plan *plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plan == old {
		p.plan = plan
	}
}

// dropPlan removes the plan, for the reason why, so that the go command does the next
// build.
func (p *program) dropPlan(why fast.Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan, p.planless = nil, why
}

// noPlan records why no plan could be made. A plan that exists is kept.
func (p *program) noPlan(why fast.Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.planless = why
}

func (p *program) whyPlanless() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.planless.Reason
}

// forget removes a temporary binary from those that may be published, and returns the
// build that made it.
func (p *program) forget(temp string) (made madeBy, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	made, ok = p.made[temp]
	delete(p.made, temp)
	return made, ok
}

// count adds n to the running calls of PrepareReload, and returns their number.
func (p *program) count(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.preparing += n
	return p.preparing
}
