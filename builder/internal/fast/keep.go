package fast

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// kept is a plan in a file, for the next start. All of its archives are the go
// command's, because the plan is kept as it was made, before it compiled anything. Its
// first build compiles what was saved since.
type kept struct {
	Maker          string // the hotdev that wrote it, and its settings
	Program        keptProgram
	Stamps         string
	Graph          source.Graph
	Sources        source.Kept
	Nodes          []keptNode
	Order          []string
	Flags, Env     []string // the linker's
	Packages, Rest []string
	Main           string
	Implicit       []string
	Derivable      bool
}

// keptProgram is the program of a kept plan. Only a program that equals it may use the
// plan.
type keptProgram struct {
	Dir           string
	Target, Flags []string
	Tools         compiler.Toolchain
	Agent         *Agent
	PackageFlags  bool
}

type keptNode struct {
	Listed  Listed
	Size    int64 // of the archive, in bytes
	Origin  string
	User    bool
	Imports []string
	Step    *keptStep
}

type keptStep struct {
	Why, Trim, Embed   string
	Flags, Maps, Files []string
}

func (p Program) kept() keptProgram {
	tools := p.Tools
	tools.Env, tools.Workers = nil, nil // maker covers the relevant part of the environment
	return keptProgram{p.Dir, p.Target, p.Flags, tools, p.Agent, p.PackageFlags}
}

var errNotKept = errors.New("no plan is kept that may be used")

// Keep returns a plan that was just made in the form for a file. It returns an error
// for a plan that has compiled anything. maker identifies who may read it.
func (p *Plan) Keep(maker string) ([]byte, error) {
	k := kept{
		Maker: maker, Program: p.kept(), Stamps: p.stamps, Graph: p.Graph, Sources: p.seen.Keep(),
		Flags: p.linking.flags, Env: p.linking.env, Packages: p.linking.packages, Rest: p.linking.rest, Main: p.linking.main,
		Implicit: p.implicit, Derivable: p.derivable,
	}
	if p.count > 0 || p.lost || len(p.unsettled) > 0 || p.profile.given {
		return nil, errNotKept
	}
	for path, n := range p.Nodes {
		one := keptNode{Listed: n.listed, Origin: n.origin, User: n.From != nil, Imports: n.Imports}
		// A change of C headers may be invisible here, or even to the go command.
		if !n.listed.Standard && len(n.listed.CgoFiles) > 0 {
			return nil, errNotKept
		}
		one.Listed.ImportPath, one.Listed.Export, one.Listed.BuildID = path, n.Archive, n.id
		if n.Archive != "" {
			st, err := os.Stat(n.Archive)
			if err != nil || filepath.Dir(n.Archive) == p.Folder {
				return nil, errNotKept
			}
			one.Size = st.Size()
		}
		if s := n.step; s != nil {
			one.Step = &keptStep{s.why, s.trim, s.embed, s.flags, s.maps, s.files}
		}
		k.Nodes = append(k.Nodes, one)
	}
	for _, n := range p.Order {
		k.Order = append(k.Order, n.Path)
	}
	return json.Marshal(k)
}

// Restore returns a plan that was kept, if it was made for that program, in the same
// place and with the same tools, and if its archives still exist. Its first build
// compiles the sources that changed since. It returns an error if more than atMost
// packages of them did.
func Restore(program Program, text []byte, maker string, atMost int) (*Plan, error) {
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, err
	}
	p := newPlan(program)
	if k.Maker != maker || k.Stamps != p.stamps || !reflect.DeepEqual(k.Program, program.kept()) {
		return nil, errNotKept
	}
	p.Graph = k.Graph
	p.seen = k.Sources.Restore(k.Graph)
	p.Shape = p.seen.Shape()
	p.linking = linkStep{flags: k.Flags, env: k.Env, packages: k.Packages, rest: k.Rest, main: k.Main}
	p.implicit, p.derivable = k.Implicit, k.Derivable
	for _, one := range k.Nodes {
		n := &Node{Path: one.Listed.ImportPath, Archive: one.Listed.Export, id: one.Listed.BuildID, origin: one.Origin, Imports: one.Imports, listed: one.Listed}
		if one.User {
			if n.From = p.seen[n.Path]; n.From == nil {
				return nil, errNotKept
			}
		}
		if s := one.Step; s != nil {
			n.step = &compileStep{why: s.Why, flags: s.Flags, trim: s.Trim, maps: s.Maps, embed: s.Embed, files: s.Files}
		}
		if n.Archive != "" {
			if st, err := os.Stat(n.Archive); err != nil || st.Size() != one.Size {
				return nil, errNotKept
			}
		}
		p.Nodes[n.Path] = n
	}
	p.link()
	for _, path := range k.Order {
		n := p.Nodes[path]
		if n == nil {
			return nil, errNotKept
		}
		p.Order = append(p.Order, n)
	}
	now := source.Read(p.Graph, p.seen)
	changed := 0
	for _, n := range p.Order {
		if n.From != nil && !n.From.Same(now[n.Path]) {
			changed++
		}
	}
	if changed > atMost || p.Nodes[p.linking.main] == nil {
		return nil, errNotKept
	}
	return p, nil
}
