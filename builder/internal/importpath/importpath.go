// Package importpath parses import paths.
package importpath

import (
	"path"
	"strings"
)

// LastElement returns the last element of an import path that is not a major version.
// go build names a binary after it, and most packages have it as their name.
func LastElement(importPath string) string {
	base := path.Base(importPath)
	if dir := path.Dir(importPath); dir != "." && dir != "/" && isMajor(base) {
		base = path.Base(dir)
	}
	return base
}

// isMajor reports whether an element is a major version, such as "v2".
func isMajor(s string) bool {
	digits, ok := strings.CutPrefix(s, "v")
	return ok && digits != "" && digits != "0" && digits != "1" && strings.Trim(digits, "0123456789") == "" && digits[0] != '0'
}
