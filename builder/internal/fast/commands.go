package fast

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// printCommands makes go build print the commands that build the program, with -n and
// -a. With -a it prints all of them, because it takes nothing from its cache.
func (p *Plan) printCommands(ctx context.Context) ([]string, error) {
	return p.printed(ctx, slices.Concat([]string{"go", "build", "-n", "-a", "-o", p.Output}, p.Flags, p.Target))
}

// printed returns the commands that the go command prints. Any failure but ctx's is a
// [Refusal].
func (p *Plan) printed(ctx context.Context, argv []string) (lines []string, err error) {
	err = gocmd.Command{
		Argv: argv, Tree: true, Nice: p.Nice, Dir: p.Dir, Env: gocmd.WorkIn(p.Env, p.Folder),
		Stdout: func(l string) { lines = append(lines, l) }, // -n prints to both streams
	}.Run(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, Refusal{strings.Join(argv[:3], " ") + ": " + err.Error()}
	}
	return lines, nil
}

// readCommands takes the plan's commands from the output of printCommands.
func (p *Plan) readCommands(lines []string) error {
	r := newCommandReader(p)
	for _, l := range lines {
		r.line(l)
	}
	return r.finish()
}

// A commandReader parses the output of go build -n.
type commandReader struct {
	plan *Plan
	// document is the file that the current lines are written to (cat >F << 'EOF').
	document  string
	documents map[string]string // by file
	pkg       string            // the package that the commands belong to
	folders   map[string]string // by package: the folder of its action
	link      []string
	profiles  map[string]string // that the compiler is given: by file, what each is made of
}

func newCommandReader(p *Plan) commandReader {
	return commandReader{plan: p, documents: map[string]string{}, folders: map[string]string{}, profiles: map[string]string{}}
}

const heredoc = " << 'EOF'"

func (r *commandReader) line(l string) {
	switch {
	case r.document != "" && l == "EOF":
		r.document = ""
	case r.document != "" && l == "}EOF": // JSON has no newline at its end
		r.documents[r.document] += "}"
		r.document = ""
	case r.document != "":
		r.documents[r.document] += l + "\n"
	case strings.HasPrefix(l, "cat >") && strings.Contains(l, heredoc):
		r.document, _, _ = strings.Cut(strings.TrimPrefix(l, "cat >"), heredoc)
		r.documents[r.document] = ""
	case strings.HasPrefix(l, "# ") && !strings.Contains(l[2:], " "):
		r.pkg = l[2:]
	default:
		r.command(l)
	}
}

// command reads a command of the compiler or the linker.
func (r *commandReader) command(l string) {
	words, ok := SplitWords(l)
	if !ok {
		return
	}
	i := 0
	for i < len(words) && strings.Contains(words[i], "=") && !strings.HasPrefix(words[i], "-") {
		i++ // GOROOT='…'
	}
	if i == len(words) {
		return
	}
	switch strings.TrimSuffix(filepath.Base(words[i]), ".exe") {
	case "compile":
		r.compile(words[i+1:])
	case "link":
		r.plan.linking.env = words[:i]
		r.link = words[i+1:]
	case "preprofile":
		if i+5 == len(words) && words[i+1] == "-o" && words[i+3] == "-i" {
			r.profiles[words[i+2]] = words[i+4]
		}
	case "asm", "pack":
		r.refuse(r.pkg, "assembly")
	case "cgo":
		pkg := r.pkg
		// The first run of cgo is printed before its package is named, among the
		// commands of another package.
		if i := slices.Index(words, "-importpath"); i >= 0 && i+1 < len(words) {
			pkg = words[i+1]
		}
		r.refuse(pkg, "cgo")
	}
}

// refuse records why a package needs more than the Go compiler.
func (r *commandReader) refuse(pkg, why string) {
	n := r.plan.Nodes[pkg]
	if n == nil {
		return
	}
	if n.step == nil {
		n.step = &compileStep{}
	}
	n.step.why = why
}

func (r *commandReader) compile(words []string) {
	n := r.plan.Nodes[r.pkg]
	if n == nil {
		return
	}
	if n.step == nil {
		n.step = &compileStep{}
	}
	step := n.step
	step.flags = nil
	for i := 0; i < len(words); i++ {
		w := words[i]
		if i == len(words)-1 && w != "-pack" {
			step.why = "a command that is not understood" // files always follow
			return
		}
		switch w {
		case "-o":
			r.folders[r.pkg] = filepath.Dir(words[i+1])
			i++
		case "-importcfg":
			i++
		case "-trimpath":
			if r.plan.Agent == nil && !step.trims(words[i+1]) { // with an agent, the flags are the agent's
				step.why = "a -trimpath that is not understood"
				return
			}
			i++
		case "-embedcfg":
			step.embed = words[i+1]
			i++
		case "-symabis", "-asmhdr":
			step.why = "assembly"
			i++
		case "-p", "-lang", "-buildid", "-goversion", "-installsuffix":
			step.flags = append(step.flags, w, words[i+1])
			i++
		case "-pack":
			step.flags = append(step.flags, w)
			if s := r.plan.seen[r.pkg]; s != nil && step.why == "" && !r.plan.sameNames(words[i+1:], n.Files(s)) {
				step.why = "files that are not understood"
			}
			return // files follow
		default:
			if file, ok := strings.CutPrefix(w, "-pgoprofile="); ok {
				if of := r.profiles[file]; of == "" || of != r.plan.profileFile() {
					step.why = "a profile that is not understood"
					return
				}
				step.profiled, r.plan.profile.given = true, true
				continue
			}
			if !strings.HasPrefix(w, "-") || strings.Contains(w, "$WORK") {
				step.why = "a flag that is not understood"
				return
			}
			step.flags = append(step.flags, w)
		}
	}
}

// trims reads a command's -trimpath: its replacements of file names; the last one is of
// the action's folder. It reports whether there is nothing else in it.
func (s *compileStep) trims(value string) bool {
	own := strings.LastIndex(value, "$WORK/")
	if own < 0 {
		return false
	}
	s.trim = value[:own]
	rest, ok := strings.CutSuffix(value[own:], "=>")
	return ok && !strings.Contains(rest, "=>") && !strings.Contains(s.trim, "$WORK") && (s.trim == "" || strings.HasSuffix(s.trim, ";"))
}

// sameNames reports whether a command's files have the names of a package's files,
// apart from the agent's.
func (p *Plan) sameNames(files, of []string) bool {
	files = slices.Clone(files)
	for i, f := range files {
		files[i] = filepath.Base(f)
	}
	if p.Agent != nil {
		files = slices.DeleteFunc(files, func(f string) bool { return f == filepath.Base(p.Agent.Virtual) })
	}
	return slices.EqualFunc(files, of, func(a, b string) bool { return a == filepath.Base(b) })
}

// finish completes the plan from what was read.
func (r *commandReader) finish() error {
	p := r.plan
	if len(r.link) == 0 {
		return Refusal{"go build -n printed no link command"}
	}
	var cfg string
	for i := 0; i < len(r.link)-1; i++ { // the last word is the archive of the main package
		switch w := r.link[i]; w {
		case "-o":
			i++
		case "-importcfg":
			cfg = r.link[i+1]
			i++
		default:
			if strings.Contains(w, "$WORK") {
				return Refusal{"the link command has a file that is not understood"}
			}
			p.linking.flags = append(p.linking.flags, w)
		}
	}
	p.linking.main = p.Graph.Main
	for l := range strings.Lines(r.documents[cfg]) {
		l = strings.TrimSuffix(l, "\n")
		if rest, ok := strings.CutPrefix(l, "packagefile "); ok {
			name, _, _ := strings.Cut(rest, "=")
			if n := p.Nodes[name]; n == nil || n.Archive == "" && !n.Stale {
				return Refusal{"the archive of package " + name + " is not known"}
			}
			p.linking.packages = append(p.linking.packages, name)
		} else if !strings.HasPrefix(l, "#") {
			p.linking.rest = append(p.linking.rest, l)
		}
	}
	if len(p.linking.packages) == 0 || p.Nodes[p.linking.main] == nil {
		return Refusal{"the link command is not understood"}
	}
	for name, folder := range r.folders {
		n := p.Nodes[name]
		for l := range strings.Lines(r.documents[folder+"/importcfg"]) {
			l = strings.TrimSuffix(l, "\n")
			if rest, ok := strings.CutPrefix(l, "packagefile "); ok {
				dep, _, _ := strings.Cut(rest, "=")
				n.Imports = append(n.Imports, dep)
				if d := p.Nodes[dep]; d != nil {
					d.importers = append(d.importers, n)
				}
			} else if strings.HasPrefix(l, "importmap ") {
				n.step.maps = append(n.step.maps, l)
			}
		}
		slices.Sort(n.Imports)
		if n.step.embed != "" {
			n.step.embed = r.documents[n.step.embed]
			if n.step.embed == "" || strings.Contains(n.step.embed, "$WORK") || !embedsThose(n.step.embed, p.seen[name]) {
				n.step.why = "an embed that is not understood"
			}
		}
	}
	for _, pkg := range p.Graph.Packages {
		n := p.Nodes[pkg.ImportPath]
		for _, imp := range pkg.Imports {
			if imp != "unsafe" && imp != "C" && (n == nil || !slices.Contains(n.Imports, imp)) {
				return Refusal{"the compile command of package " + pkg.ImportPath + " is not understood"}
			}
		}
	}
	p.sort()
	p.mayDerive()
	return nil
}

// embedsThose reports whether an embedcfg is for exactly the files that s embeds. An
// embedcfg that cannot be parsed is not.
func embedsThose(cfg string, s *source.Source) bool {
	var c struct{ Files map[string]string }
	if s == nil {
		return true
	}
	if json.Unmarshal([]byte(cfg), &c) != nil {
		return false
	}
	of := slices.Compact(slices.Sorted(slices.Values(s.Pkg.EmbedFiles)))
	return slices.Equal(slices.Compact(slices.Sorted(maps.Values(c.Files))), of)
}

// sort orders the packages that may have to be compiled: the user's own, and those that
// import them. Of all others only the archives matter.
func (p *Plan) sort() {
	var visit func(n *Node)
	seen := map[*Node]bool{}
	var order []*Node
	visit = func(n *Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, m := range n.importers {
			visit(m)
		}
		order = append(order, n)
	}
	names := make([]string, 0, len(p.Graph.Packages))
	for _, pkg := range p.Graph.Packages {
		names = append(names, pkg.ImportPath)
	}
	for _, name := range slices.Backward(names) {
		if n := p.Nodes[name]; n != nil {
			visit(n)
		}
	}
	slices.Reverse(order)
	p.Order = order
	for _, n := range p.Nodes {
		if !seen[n] {
			n.step, n.Imports, n.importers = nil, nil, nil
		}
	}
}

// SplitWords splits a command as the go command prints it: words with spaces in Go's
// quotes, or a variable's value in single quotes. ok is false if it cannot.
func SplitWords(l string) (words []string, ok bool) {
	for {
		l = strings.TrimLeft(l, " ")
		if l == "" {
			return words, true
		}
		if l[0] == '"' {
			q, err := strconv.QuotedPrefix(l)
			if err != nil {
				return nil, false
			}
			w, err := strconv.Unquote(q)
			if err != nil {
				return nil, false
			}
			words, l = append(words, w), l[len(q):]
			continue
		}
		end, quoted := 0, false
		for end < len(l) && (quoted || l[end] != ' ') {
			if l[end] == '\'' {
				quoted = !quoted
			}
			end++
		}
		words, l = append(words, strings.ReplaceAll(l[:end], "'", "")), l[end:]
	}
}
