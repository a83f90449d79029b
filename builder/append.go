package builder

import (
	"cmp"
	"context"
	"os"
	"runtime"
	"time"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/live"
)

// The appended link: instead of linking the whole program, what changed is appended to
// the executable that the linker made last. Package live has the details. In any doubt
// the linker links.

// CanAppend reports whether links can be appended on this system; if not, why says so in
// a sentence.
func CanAppend() (why string, ok bool) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "it needs Linux on amd64", false
	}
	return "", true
}

// A base is a program that the linker made, and that links are appended to. The
// program's turn guards it.
type base struct {
	plan  *plan
	host  *live.Host
	code  map[string]string // by package, see [fast.Node.Compiled]
	fresh map[string]string // archives of packages that it lacks, and that were appended
	uses  int
}

// maxAppends is the number of links that are appended to one base, which remembers a
// little of each.
const maxAppends = 100

// appendTo sets what links are appended to; nil is nothing.
func (p *program) appendTo(set *base) {
	if p.base != nil {
		p.base.host.Close()
	}
	p.base = set
}

// prepareAppend learns the published binary, if the linker made it, so that the next
// links can be appended to it. It takes as long as a link, and a build waits for it.
func (b *Builder) prepareAppend(ctx context.Context, req Request) error {
	prog := b.program(req.Output)
	if _, ok := CanAppend(); !ok || !req.Append || req.Live {
		return nil
	}
	turn, err := b.own(ctx, prog, false)
	if err != nil {
		return err
	}
	defer turn.done()
	if prog.base != nil || prog.unappendable {
		return nil
	}
	err = b.learnBase(ctx, prog, req)
	prog.unappendable = err != nil && ctx.Err() == nil
	return err
}

// learnBase is prepareAppend for who has the turn.
func (b *Builder) learnBase(ctx context.Context, prog *program, req Request) error {
	p, made, _ := prog.now()
	switch {
	case !p.linked(made, req) || made.appended:
		return nil
	case !tested(p.Tools.Version):
		return fast.Refusal{Reason: "appended links have not been tried with " + p.Tools.Version}
	}
	if err := p.Appendable(); err != nil {
		return err
	}
	tools, err := b.liveToolchain(ctx, p)
	if err != nil {
		return err
	}
	x := &base{plan: p, code: map[string]string{}, fresh: map[string]string{}}
	setup := live.Setup{Executable: req.Output, Toolchain: tools, Append: true}
	for _, name := range p.Linked() {
		n := p.Nodes[name]
		x.code[name] = n.Compiled()
		setup.Packages = append(setup.Packages, p.linkedPackage(n))
	}
	host, o := live.Open(setup)
	if o != nil {
		return o
	}
	host.Rest()
	x.host = host
	prog.appendTo(x)
	return nil
}

// linkedPackage converts a node's package for package live. Only the user's may change.
func (p *plan) linkedPackage(n *fast.Node) live.Package {
	q := live.Package{Path: n.Path, Archive: n.Archive}
	if n.Path == p.Main() {
		q.Path = "main"
	}
	if n.From != nil {
		q.Files = []live.File{}
	}
	return q
}

// append writes what the plan would link to a file. If it does not, why is the reason,
// which is empty if there is nothing to append to.
func (b *Builder) append(prog *program, p *plan, temp string) (took time.Duration, why string, ok bool) {
	x := prog.base
	if x == nil {
		return 0, "", false
	}
	began := time.Now()
	why = x.append(p, temp)
	if why != "" { // the next one is appended to what the linker makes now
		_ = os.Remove(temp)
		prog.appendTo(nil)
		return 0, why, false
	}
	if x.uses++; x.uses >= maxAppends {
		prog.appendTo(nil)
	}
	return time.Since(began), "", true
}

func (x *base) append(p *plan, temp string) (why string) {
	if !p.LinkedAlike(x.plan.Plan) {
		return "the modules or the linker's flags changed"
	}
	if err := p.Appendable(); err != nil {
		return err.Error()
	}
	var changed []live.Package
	for _, name := range p.Linked() {
		n := p.Nodes[name]
		was, known := x.code[name]
		switch {
		case known && was == n.Compiled():
		case known && n.From == nil:
			return "package " + name + " changed, which is not part of the program's own modules"
		case known:
			changed = append(changed, p.linkedPackage(n))
		case cmp.Or(x.fresh[name], n.Archive) != n.Archive:
			return "package " + name + " is new to the program, and changed"
		default:
			x.fresh[name] = n.Archive
			changed = append(changed, live.Package{Path: name, Archive: n.Archive})
		}
	}
	a, o := x.host.Append(changed)
	if o != nil {
		return o.Error()
	}
	if err := a.Write(temp); err != nil {
		return err.Error()
	}
	return ""
}

// relink replaces a published binary with an appended part by what the linker makes of
// the same archives. The running program is the same but for the places of its code.
func (b *Builder) relink(ctx context.Context, prog *program, req Request) error {
	p, made, _ := prog.now()
	if !p.linked(made, req) || !made.appended {
		return nil
	}
	place, err := b.scratch(req.Output)
	if err != nil {
		return err
	}
	defer place.remove()
	if err := p.Link(ctx, place.temp, place.work); err != nil {
		if ctx.Err() == nil { // the next build says so
			prog.appendTo(nil)
			b.drop(p, err)
		}
		return err
	}
	if err := replace(place.temp, req.Output); err != nil {
		return err
	}
	made.appended = false
	prog.publish(made)
	return nil
}
