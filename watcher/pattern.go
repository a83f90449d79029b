package watcher

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A plan is a Set that has been checked and made ready for matching.
type plan struct {
	set   Set
	roots []string
	rules []*rule
	files map[string]bool
}

type rule struct {
	dir     string
	include []pattern
	exclude []string
	ignore  []ignore // of the whole set

	match    Match
	boundary string
	skip     *regexp.Regexp // nil is none
}

// takes reports whether the rule is about what has the mode type t. A link to a
// folder has the bits of both.
func (r *rule) takes(t fs.FileMode) bool {
	switch r.match {
	case MatchAny:
		return true
	case MatchRegular:
		return t == 0
	}
	return !t.IsDir()
}

// hides reports whether the rule's wildcards pass over a folder.
func (r *rule) hides(name string) bool { return r.match == "" && shy(name) }

// An ignore is a rule of what is not watched.
type ignore struct {
	dir      string
	patterns []string
	regexps  []*regexp.Regexp // of files
}

// matches reports whether the file or the folder at path is ignored.
func (g ignore) matches(path string, folder bool) bool {
	rel, ok := below(g.dir, path)
	if !ok || rel == "" {
		return false
	}
	rel = filepath.ToSlash(rel)
	return slices.ContainsFunc(g.patterns, func(text string) bool {
		return doublestar.MatchUnvalidated(text, rel)
	}) || !folder && slices.ContainsFunc(g.regexps, func(re *regexp.Regexp) bool {
		return re.MatchString("/" + rel)
	})
}

// ignored reports whether the rule's own folder is ignored, or one above it.
func (r *rule) ignored() bool {
	for dir := r.dir; ; dir = filepath.Dir(dir) {
		if slices.ContainsFunc(r.ignore, func(g ignore) bool { return g.matches(dir, true) }) {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// A pattern is a doublestar pattern and its segments. The segments decide which
// folders are worth entering, the text decides about files.
type pattern struct {
	text string
	segs []string
}

func newPlan(s Set) (plan, error) {
	switch s.Poll {
	case "":
		s.Poll = PollAuto
	case PollAuto, PollAlways, PollNever:
	default:
		return plan{}, fmt.Errorf("poll %q: want %q, %q or %q", s.Poll, PollAuto, PollAlways, PollNever)
	}
	if s.Quiet <= 0 {
		s.Quiet = DefaultQuiet
	}
	if s.Max <= 0 {
		s.Max = DefaultMax
	}
	if s.PollInterval <= 0 {
		s.PollInterval = DefaultPollInterval
	}
	p := plan{set: s, files: map[string]bool{}}
	for _, r := range s.Roots {
		if !filepath.IsAbs(r) {
			return plan{}, fmt.Errorf("root %q: not an absolute path", r)
		}
		p.roots = append(p.roots, filepath.Clean(r))
	}
	for _, f := range s.Files {
		if !filepath.IsAbs(f) {
			return plan{}, fmt.Errorf("file %q: not an absolute path", f)
		}
		p.files[filepath.Clean(f)] = true
	}
	ignores, err := newIgnores(s.Ignore)
	if err != nil {
		return plan{}, err
	}
	for _, r := range s.Rules {
		if err := r.check(); err != nil {
			return plan{}, err
		}
		c := &rule{dir: filepath.Clean(r.Dir), exclude: trimmed(r.Exclude), match: r.Match, boundary: r.Boundary}
		if r.Skip != "" {
			if c.skip, err = regexp.Compile(r.Skip); err != nil {
				return plan{}, fmt.Errorf("folder %s: skip: %w", r.Dir, err)
			}
		}
		if r.Match == "" {
			own, err := newIgnores(r.Ignore)
			if err != nil {
				return plan{}, err
			}
			c.ignore = slices.Concat(ignores, own)
		}
		for _, text := range trimmed(r.Include) {
			c.include = append(c.include, pattern{text, segments(text)})
		}
		if !c.ignored() {
			p.rules = append(p.rules, c)
		}
	}
	return p, nil
}

func newIgnores(rules []Rule) ([]ignore, error) {
	var ignores []ignore
	for _, r := range rules {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("ignore: %w", err)
		}
		g := ignore{dir: filepath.Clean(r.Dir), patterns: trimmed(r.Include)}
		for _, text := range r.Regexps {
			re, err := regexp.Compile(text)
			if err != nil {
				return nil, fmt.Errorf("ignore: folder %s: %w", r.Dir, err)
			}
			g.regexps = append(g.regexps, re)
		}
		ignores = append(ignores, g)
	}
	return ignores, nil
}

func (r Rule) check() error {
	if !filepath.IsAbs(r.Dir) {
		return fmt.Errorf("folder %q: not an absolute path", r.Dir)
	}
	switch r.Match {
	case "", MatchAny, MatchRegular:
	default:
		return fmt.Errorf("folder %s: match %q: want %q or %q", r.Dir, r.Match, MatchAny, MatchRegular)
	}
	for _, text := range slices.Concat(r.Include, r.Exclude) {
		if !doublestar.ValidatePattern(text) {
			return fmt.Errorf("folder %s: pattern %q: %w", r.Dir, text, doublestar.ErrBadPattern)
		}
	}
	return nil
}

// trimmed gives patterns without the "./" that people write before a path.
func trimmed(patterns []string) []string {
	out := make([]string, len(patterns))
	for i, text := range patterns {
		out[i] = strings.TrimPrefix(text, "./")
	}
	return out
}

// covers reports whether the file at path would be watched if it existed.
func (p *plan) covers(path string) bool {
	if p.files[path] {
		return true
	}
	dir, name := filepath.Dir(path), filepath.Base(path)
	return slices.ContainsFunc(p.rules, func(r *rule) bool {
		s, ok := r.scope(dir)
		return ok && s.matches(name)
	})
}

// scope is what the rule says about the folder dir; ok is false if it can watch
// nothing there.
func (r *rule) scope(dir string) (s scope, ok bool) {
	rel, ok := below(r.dir, dir)
	if !ok {
		return scope{}, false
	}
	s = newScope(r)
	if rel == "" {
		return s, true
	}
	for _, d := range strings.Split(filepath.ToSlash(rel), "/") {
		if s, ok = s.enter(d); !ok {
			return scope{}, false
		}
	}
	return s, true
}

// below gives path relative to dir if it is dir or below it.
func below(dir, path string) (rel string, ok bool) {
	if path == dir {
		return "", true
	}
	prefix := dir
	if !strings.HasSuffix(prefix, string(filepath.Separator)) {
		prefix += string(filepath.Separator)
	}
	return strings.CutPrefix(path, prefix)
}

// segments cuts a pattern at its slashes. A slash within braces is no place to
// cut; such a segment may stand for any number of folders, so it becomes "**",
// which only means that more is entered than need be.
func segments(text string) []string {
	var segs []string
	depth, start, wide := 0, 0, false
	cut := func(end int) {
		if wide {
			segs = append(segs, "**", "*")
		} else {
			segs = append(segs, text[start:end])
		}
		start, wide = end+1, false
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			depth--
		case '/':
			if depth > 0 {
				wide = true
			} else {
				cut(i)
			}
		}
	}
	cut(len(text))
	return segs
}

// A scope is what a rule says about one folder: for each include pattern, the
// positions in its segments at which the folder's entries may go on. A pattern
// without positions does not reach into the folder.
type scope struct {
	rule *rule
	rel  string // slash-separated, "" for the rule's own folder
	at   [][]int
}

func newScope(r *rule) scope {
	s := scope{rule: r, at: make([][]int, len(r.include))}
	for i, p := range r.include {
		s.at[i] = p.reach(nil, 0)
	}
	return s
}

// reach adds position i, and those that an empty "**" leads to.
func (p pattern) reach(at []int, i int) []int {
	for ; i < len(p.segs) && !slices.Contains(at, i); i++ {
		at = append(at, i)
		if p.segs[i] != "**" {
			break
		}
	}
	return at
}

// enter gives the scope of the folder name within s; ok is false if the rule can
// watch nothing there.
func (s scope) enter(name string) (scope, bool) {
	next := scope{rule: s.rule, rel: s.join(name), at: make([][]int, len(s.at))}
	ok := false
	for i, p := range s.rule.include {
		for _, at := range s.at[i] {
			switch seg := p.segs[at]; {
			case seg == "**":
				if !s.rule.hides(name) && (s.rule.skip == nil || !s.rule.skip.MatchString(name)) {
					next.at[i] = p.reach(next.at[i], at)
				}
			case at == len(p.segs)-1:
				// The last segment speaks of files.
			case seg == name || !s.rule.hides(name) && doublestar.MatchUnvalidated(seg, name):
				next.at[i] = p.reach(next.at[i], at+1)
			}
		}
		ok = ok || len(next.at[i]) > 0
	}
	return next, ok && !s.excluded(name, true)
}

// matches reports whether the file name within s is watched.
func (s scope) matches(name string) bool {
	if dropping(name) || s.excluded(name, false) {
		return false
	}
	for i, p := range s.rule.include {
		if len(s.at[i]) > 0 && doublestar.MatchUnvalidated(p.text, s.join(name)) {
			return true
		}
	}
	return false
}

// excluded reports whether the rule or the set excludes name, which is to be
// entered as a folder or not. What matches a folder is said of all below it,
// because such a folder is not entered.
func (s scope) excluded(name string, folder bool) bool {
	rel := s.join(name)
	if slices.ContainsFunc(s.rule.exclude, func(text string) bool {
		text, alone := strings.CutSuffix(text, "/")
		return (folder || !alone) && doublestar.MatchUnvalidated(text, rel)
	}) {
		return true
	}
	if len(s.rule.ignore) == 0 {
		return false
	}
	path := filepath.Join(s.rule.dir, filepath.FromSlash(rel))
	return slices.ContainsFunc(s.rule.ignore, func(g ignore) bool { return g.matches(path, folder) })
}

func (s scope) join(name string) string {
	if s.rel == "" {
		return name
	}
	return s.rel + "/" + name
}

// shy folders are entered only where a pattern names them literally: the go
// command skips the first two kinds, and the third holds more files than all
// the rest together.
func shy(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "node_modules"
}

// dropping reports whether name is what an editor or a desktop leaves beside
// the files that one edits. The list is short on purpose: only names that no
// one gives to a source, and only those that may outlive the quiet window (what
// comes and goes within it is no change anyway).
func dropping(name string) bool {
	switch {
	case name == ".DS_Store", // Finder
		name == "4913",                // vim asks whether it may create files here
		strings.HasSuffix(name, "~"),  // backups of vim, emacs, gedit, kate
		strings.HasPrefix(name, ".#"), // emacs: lock, a dangling symlink
		strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#"),         // emacs: auto-save
		strings.HasSuffix(name, "___jb_tmp___"),                              // JetBrains: the new file before its rename
		strings.HasSuffix(name, "___jb_old___"),                              // JetBrains: the old file after its rename
		strings.HasPrefix(name, ".goutputstream-"),                           // GLib: the new file before its rename
		strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".kate-swp"): // Kate: swap
		return true
	}
	// Vim's swap files: .swp, then .swo, .swn … for each further vim; with a
	// leading dot unless 'directory' is set.
	switch ext := filepath.Ext(name); {
	case ext == ".swp", ext == ".swo", ext == ".swx":
		return true
	case len(ext) == 4 && strings.HasPrefix(ext, ".sw") && strings.HasPrefix(name, "."):
		return true
	}
	// main.go.tmp.4242.1700000000: what programs that write atomically call the
	// new file, with a process id, a time or a random number.
	if _, tail, ok := strings.Cut(name, ".tmp."); ok && tail != "" {
		return strings.Trim(tail, "0123456789.") == ""
	}
	return false
}
