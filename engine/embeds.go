package engine

import (
	"strings"

	"github.com/hotdev/hotdev/watcher"
)

// embedRules are the files below dir that the go command embeds for //go:embed
// patterns, and what makes it refuse to.
//
// A pattern is matched against names, hidden ones too, and whatever matches must
// be embeddable: a link, a socket, a folder without files or one of another module
// is an error. Of a folder that matches all regular files are taken, however deep,
// except what belongs to another module, what a module cannot contain, and
// (without "all:") what begins with "." or "_"; there, links are nothing.
func embedRules(dir string, patterns []string) []watcher.Rule {
	names := watcher.Rule{Dir: dir, Match: watcher.MatchAny}
	below := watcher.Rule{Dir: dir, Match: watcher.MatchRegular, Boundary: "go.mod", Skip: unmodular}
	hidden := below
	for _, p := range patterns {
		p, all := strings.CutPrefix(p, "all:")
		p = embedGlob(p)
		names.Include = append(names.Include, p)
		for i, c := range p + "/" {
			if c == '/' {
				names.Include = append(names.Include, p[:i]+"/go.mod")
			}
		}
		rule := &below
		if all {
			rule = &hidden
		}
		rule.Include = append(rule.Include, p+"/**")
		parent := p[:strings.LastIndex(p, "/")+1]
		rule.Exclude = append(rule.Exclude, parent+versionControl+"/", p+"/**/"+versionControl)
		if !all {
			rule.Exclude = append(rule.Exclude, p+"/**/{.,_}*")
		}
	}
	rules := []watcher.Rule{names}
	for _, r := range []watcher.Rule{below, hidden} {
		if len(r.Include) > 0 {
			rules = append(rules, r)
		}
	}
	return rules
}

// versionControl are folders that are never in a module.
const versionControl = "{.bzr,.git,.hg,.svn}"

// unmodular matches names of folders that a module cannot contain, since some system
// has no such names: those with other characters than letters (of any script), ASCII
// digits and some ASCII signs, those that end in a dot, and Windows' devices. (A file
// of such a name is an error.)
const unmodular = `[^\pL0-9 !#$%&()+,\-.=@[\]^_{}~]|\.$|^(?i:con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)`

// embedGlob makes a pattern of package path, which is what go:embed knows, mean
// the same to doublestar.
func embedGlob(pattern string) string {
	var b strings.Builder
	class, star := false, false
	for i := 0; i < len(pattern); i++ {
		c, wasStar := pattern[i], star
		star = false
		switch {
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteByte(c)
			c = pattern[i]
		case c == '{', c == '}', c == '!' && class && pattern[i-1] == '[':
			b.WriteByte('\\')
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '*':
			if star = true; wasStar {
				continue
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}
