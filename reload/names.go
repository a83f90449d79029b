//go:build hotdev && cgo && (linux || darwin || freebsd)

package reload

import (
	"go/token"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// generated is the last element of the import path of a package's copy, without
// its number.
const generated = "hotdev_gen"

// An origin is a package and which of its copies.
type origin struct {
	pkg string // its own import path
	gen int
}

var copyPath = regexp.MustCompile(`/` + generated + `([0-9]+)`)

// original is text with every copy's path replaced by its package's own.
func original(text string) string {
	if !strings.Contains(text, generated) {
		return text
	}
	return copyPath.ReplaceAllString(text, "")
}

// originOf reads the import path of a package or of a copy.
func originOf(path string) origin {
	o := origin{pkg: original(path)}
	if m := copyPath.FindStringSubmatch(path); m != nil {
		o.gen, _ = strconv.Atoi(m[1])
	}
	return o
}

// splitName separates a function's name, as the runtime has it, into its
// package's import path and the rest.
func splitName(name string) (pkg, rest string) {
	slash := strings.LastIndexByte(name, '/') + 1
	last, rest, _ := strings.Cut(name[slash:], ".")
	// The linker escapes what would look like a separator, in the last element.
	if plain, err := url.PathUnescape(last); err == nil {
		last = plain
	}
	return name[:slash] + last, rest
}

// unfit says why a function cannot be replaced; empty if it can.
func unfit(pkg, rest string) string {
	switch {
	case strings.Contains(rest, "["):
		return "it is generic"
	case strings.HasSuffix(rest, "-fm"):
		return "it is a method value"
	case strings.HasPrefix(rest, "glob."), strings.Contains(rest, ".func"):
		return "it is a function literal"
	case strings.Contains(rest, "."):
		return "it is a method"
	case pkg == "main":
		return "it is in package main, which cannot be loaded into a program"
	case !token.IsExported(rest):
		return "it is not exported"
	}
	return ""
}
