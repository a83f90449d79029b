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

// A kept plan is one in a file, for the next start. All of its archives are the go
// command's: it is kept as it was made, before anything was compiled here. What was
// saved since is what the plan's first build finds to be changed.
type kept struct {
	Maker          string // that wrote it, and for what settings
	Program        keptProgram
	Stamps         string
	Graph          source.Graph
	Sources        source.Kept
	Nodes          []keptNode
	Order          []string
	Flags, Env     []string // of the linker
	Packages, Rest []string
	Main           string
	Implicit       []string
	Derivable      bool
}

// keptProgram is what a program must be for its plan to be used again.
type keptProgram struct {
	Dir           string
	Target, Flags []string
	Tools         compiler.Toolchain
	Agent         *Agent
	PackageFlags  bool
}

type keptNode struct {
	Listed  Listed
	Size    int64 // of the archive
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
	tools.Env, tools.Workers = nil, nil // the maker has what counts of the environment
	return keptProgram{p.Dir, p.Target, p.Flags, tools, p.Agent, p.PackageFlags}
}

var errNotKept = errors.New("no plan is kept that may be used")

// Keep is a plan that was just made, to be written to a file; it cannot be of one
// that compiled anything. maker names who may read it.
func (p *Plan) Keep(maker string) ([]byte, error) {
	k := kept{
		Maker: maker, Program: p.kept(), Stamps: p.stamps, Graph: p.Graph, Sources: p.seen.Keep(),
		Flags: p.linking.flags, Env: p.linking.env, Packages: p.linking.packages, Rest: p.linking.rest, Main: p.linking.main,
		Implicit: p.implicit, Derivable: p.derivable,
	}
	if p.count > 0 || p.lost || len(p.unsettled) > 0 {
		return nil, errNotKept
	}
	for path, n := range p.Nodes {
		one := keptNode{Listed: n.listed, Origin: n.origin, User: n.From != nil, Imports: n.Imports}
		// Headers of C that change are the go command's to see, or not even that.
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

// Restore makes a plan of one that was kept, if it is for that program, in that
// place, with those tools, and if its archives are there. Sources that changed
// since are what its first build compiles; more than atMost packages of them are
// too many.
func Restore(program Program, text []byte, maker string, atMost int) (*Plan, error) {
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, err
	}
	p := &Plan{Program: program, stamps: program.Tools.Stamps(), Nodes: map[string]*Node{}, unsettled: map[*Node]bool{}}
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
