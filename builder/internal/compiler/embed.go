package compiler

import (
	"encoding/json"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// Embedcfg returns the file that resolves the //go:embed patterns of a package for the
// compiler; empty if it embeds nothing.
func Embedcfg(pkg source.Package) (string, error) {
	if len(pkg.EmbedPatterns) == 0 {
		return "", nil
	}
	cfg := struct {
		Patterns map[string][]string
		Files    map[string]string
	}{map[string][]string{}, map[string]string{}}
	for _, f := range pkg.EmbedFiles {
		rel, err := filepath.Rel(pkg.Dir, f)
		if err != nil {
			return "", err
		}
		cfg.Files[filepath.ToSlash(rel)] = f
	}
	for _, pattern := range pkg.EmbedPatterns {
		glob, all := strings.CutPrefix(pattern, "all:")
		cfg.Patterns[pattern] = []string{}
		for _, name := range slices.Sorted(maps.Keys(cfg.Files)) {
			// A pattern that matches a folder embeds its content.
			for dir := name; dir != "."; dir = path.Dir(dir) {
				if ok, _ := path.Match(glob, dir); ok {
					cfg.Patterns[pattern] = append(cfg.Patterns[pattern], name)
					break
				}
				if base := path.Base(dir); !all && (base[0] == '.' || base[0] == '_') {
					break // another pattern embeds it
				}
			}
		}
	}
	text, err := json.Marshal(cfg)
	return string(text), err
}

// LanguageOf shortens a go directive's version to the version of the language.
func LanguageOf(v string) string {
	parts := strings.SplitN(strings.TrimPrefix(v, "go"), ".", 3)
	if len(parts) < 2 {
		return v
	}
	minor := strings.TrimRight(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return ' '
		}
		return r
	}, parts[1]), " ")
	minor, _, _ = strings.Cut(minor, " ")
	return "go" + parts[0] + "." + minor
}
