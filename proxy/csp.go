package proxy

import (
	"net/http"
	"slices"
	"strings"
)

// A page's Content-Security-Policy says which scripts may run in it and what these may
// connect to. Ours uses the nonce that the page's own scripts have, or that the page's
// own origin is allowed; where neither is so, the page is left as it is. To connect to
// its own origin is harmless, and what the script is for: connect-src is widened by
// 'self' where it forbids that.

const cspName = "Content-Security-Policy"

// admit reads the policies in an answer's header, of which all hold, and widens them.
// It gives the nonce that the script needs, if it needs one, and why there can be no
// script.
func admit(h http.Header) (nonce, reason string) {
	policies := h.Values(cspName)
	widened := make([]string, 0, len(policies))
	for _, header := range policies {
		var each []string
		for policy := range strings.SplitSeq(header, ",") {
			wider, n, ok := admitOne(policy)
			if !ok || nonce != "" && n != "" && n != nonce {
				return "", "its Content-Security-Policy allows no script from its own origin, and no nonce"
			}
			if n != "" {
				nonce = n
			}
			each = append(each, wider)
		}
		widened = append(widened, strings.Join(each, ","))
	}
	if len(widened) > 0 {
		h[http.CanonicalHeaderKey(cspName)] = widened
	}
	return nonce, ""
}

// admitOne is admit for one policy.
func admitOne(policy string) (wider, nonce string, ok bool) {
	directives := map[string][]string{}
	for text := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if _, again := directives[name]; !again { // the first one counts
			directives[name] = words[1:]
		}
	}
	if words, sandboxed := directives["sandbox"]; sandboxed && !slices.Contains(words, "allow-scripts") {
		return policy, "", false
	}
	if scripts, limited := firstOf(directives, "script-src-elem", "script-src", "default-src"); limited {
		for _, s := range scripts {
			if n, ok := strings.CutPrefix(s, "'nonce-"); ok {
				nonce = strings.TrimSuffix(n, "'")
			}
		}
		if nonce == "" && (!selfish(scripts) || has(scripts, "'strict-dynamic'")) {
			return policy, "", false
		}
	}
	connect, limited := firstOf(directives, "connect-src", "default-src")
	if !limited || selfish(connect) {
		return policy, nonce, true
	}
	words := slices.DeleteFunc(slices.Clone(connect), func(w string) bool { return strings.EqualFold(w, "'none'") })
	value := "connect-src " + strings.Join(append(words, "'self'"), " ")
	parts := slices.DeleteFunc(strings.Split(policy, ";"), func(text string) bool {
		words := strings.Fields(text)
		return len(words) == 0 || strings.EqualFold(words[0], "connect-src")
	})
	return strings.Join(append(parts, " "+value), ";"), nonce, true
}

func firstOf(directives map[string][]string, names ...string) ([]string, bool) {
	for _, name := range names {
		if words, ok := directives[name]; ok {
			return words, true
		}
	}
	return nil, false
}

// selfish reports whether a list of sources allows the page's own origin for certain.
func selfish(sources []string) bool {
	return has(sources, "'self'") || has(sources, "*") || has(sources, "http:")
}

func has(sources []string, word string) bool {
	return slices.ContainsFunc(sources, func(s string) bool { return strings.EqualFold(s, word) })
}
