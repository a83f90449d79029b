package builder

import (
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/plugin"
)

// A program is all that the builder knows of one output.
//
// Three things guard it. A goroutine that builds, settles, patches or reloads it
// has its turn (see [Builder.own]); no other reads or changes the contents of a
// plan, or makes a binary beside the output. One that looks at its host has the
// token prepare, beside a build or within one. The mutex guards the fields alone,
// for no longer than it takes to read or set them; so a plan is replaced as a
// whole, and the goroutine that has the turn keeps the plan that it began with.
type program struct {
	turn    chan struct{} // holds a token while no build has its turn
	prepare chan struct{} // holds a token while the published host is not being looked at

	mu        sync.Mutex        // guards what follows
	swept     bool              // the folder was cleared of what dead builds left
	made      map[string]madeBy // by temporary file: the build that it is of
	published *host             // the file at the output; nil while nothing is known of it
	plan      *plan             // how to build it without the go command; nil if there is no such way
	planless  fast.Refusal      // why there is none
	agentless string            // why live code's agent is not built into it, though it might be
	preparing int               // calls of PrepareReload under way
}

// madeBy is the build that an artifact is from.
type madeBy struct {
	req   Request
	began time.Time // what was written later may not be in it
	// plan and version are what the fast path made it from; nil for go build, until
	// there is a plan that would link the same.
	plan    *plan
	version int
	// ids are the build IDs of the archives that the go command made it from, by
	// import path, until there is a plan; nil where it did not tell.
	ids map[string]string
}

// A host is a published program, into which plugins may be loaded.
type host struct {
	// made is guarded by the program's mutex, but for its request and time, which
	// never change.
	made madeBy
	// learned is what plugins need to know of it. The first Reload or PrepareReload
	// makes it; the program's token prepare guards it.
	learned *plugin.Host
}

// program is what is known of an output.
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

// now returns the plan and how the file at the output was made. known reports whether
// anything is known of that file.
func (p *program) now() (plan *plan, made madeBy, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.published != nil {
		made, known = p.published.made, true
	}
	return p.plan, made, known
}

// publish records that the file at the output is the artifact of a build, or equal to
// it.
func (p *program) publish(made madeBy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published = &host{made: made}
}

// host is the file at the output; nil while nothing is known of it.
func (p *program) host() *host {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.published
}

// setPlan has the program built by a plan from now on. What the go command
// published may be what the plan would link.
func (p *program) setPlan(plan *plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan, p.planless = plan, fast.Refusal{}
	if h := p.published; h != nil && h.made.plan == nil && sameRequest(h.made.req, plan.req) && plan.LinkedFrom(h.made.ids) {
		h.made.plan, h.made.version, h.made.ids = plan, plan.Version, nil
	}
}

// replacePlan puts a plan in the place of old, unless there is another by now.
func (p *program) replacePlan(old, plan *plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plan == old {
		p.plan = plan
	}
}

// dropPlan has the go command build the program next, for that reason.
func (p *program) dropPlan(why fast.Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan, p.planless = nil, why
}

// noPlan notes why there is no plan but the one that there may be already.
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

// forget takes a temporary binary from those that may be published.
func (p *program) forget(temp string) (made madeBy, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	made, ok = p.made[temp]
	delete(p.made, temp)
	return made, ok
}

// count adds n to the calls of PrepareReload under way, and returns how many
// there are.
func (p *program) count(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.preparing += n
	return p.preparing
}
