package live

import (
	"regexp"
	"strings"
)

// numbered reports whether a symbol is named after its position, not its meaning. Such
// symbols are compared by content.
func numbered(name string) bool { return isTemporary(name) || strings.Contains(name, "..dict.") }

// isTemporary reports whether the compiler stores parts of other variables in a symbol,
// or passes it to type assertions and switches.
func isTemporary(name string) bool {
	_, rest, ok := strings.Cut(name, "..")
	return ok && (strings.Contains(rest, "stmp_") || strings.HasPrefix(rest, "gobytes.") || strings.HasPrefix(rest, "typeAssert.") || strings.HasPrefix(rest, "interfaceSwitch."))
}

var innerTail = regexp.MustCompile(`^(.+)(\.func\d+|\.gowrap\d+|\.deferwrap\d+|-range\d+|\.\d+)$`)

// enclosing returns the function that contains a closure, by the closure's name; "" if
// the name is not a closure's.
func enclosing(name string) string {
	if !strings.Contains(name, ".func") && !strings.Contains(name, ".gowrap") && !strings.Contains(name, ".deferwrap") && !strings.Contains(name, "-range") {
		return ""
	}
	if m := innerTail.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return ""
}

// outermost returns the declared function that a symbol's code belongs to.
func outermost(name string) string {
	for {
		up := enclosing(name)
		if up == "" {
			return strings.TrimSuffix(name, "-fm")
		}
		name = up
	}
}

// declared returns the declaration that a function's symbol belongs to, as "path.F" or
// "path.T.M", without type arguments, stars and closures.
func declared(name string) string {
	name = strings.TrimSuffix(outermost(withoutTypeArgs(name)), "-fm")
	slash := strings.LastIndexByte(name, '/') + 1
	rest := strings.NewReplacer("(*", "", "(", "", ")", "").Replace(name[slash:])
	return name[:slash] + rest
}

// withoutTypeArgs removes everything in brackets.
func withoutTypeArgs(name string) string {
	if strings.IndexByte(name, '[') < 0 {
		return name
	}
	var b strings.Builder
	depth := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

var onceName = regexp.MustCompile(`^(init|map\.init)(\.\d+)?$`)

// runsOnce reports whether a function is part of a package's initialisation.
func runsOnce(name string) bool {
	pkg := packageOf(name)
	return len(name) > len(pkg)+1 && onceName.MatchString(name[len(pkg)+1:])
}

// readable returns a function's name as developers know it: (*Store).List, main.route.
func readable(name string) string {
	name = withoutTypeArgs(name)
	slash := strings.LastIndexByte(name, '/') + 1
	rest := name[slash:]
	if pkg, fn, ok := strings.Cut(rest, "."); ok && pkg != "" && (strings.HasPrefix(fn, "(") || strings.Contains(outermost(fn), ".")) {
		rest = fn
	}
	return strings.ReplaceAll(rest, "%2e", ".")
}
