package plugin

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// linker writes the C compiler that the Go linker calls for a plugin.
//
// The Go linker first runs the C compiler several times on an empty program, to find
// out which flags it supports. A plugin that is loaded once needs none of these flags,
// and the tests take as long as linking itself, so this compiler answers no. It is a
// shell script, because a shell starts ten times as fast as any Go program. Plugins
// exist only on systems that have a shell.
func (p *plugin) linker() (file string, err error) {
	cc := slices.Clone(p.chain.CC)
	if cc[0], err = gocmd.LookPath(cc[0], p.req.Dir, p.chain.Env); err != nil {
		return "", err
	}
	if fast := fastestLinker(p.req.Dir, p.chain.Env); fast != "" {
		cc = append(cc, "-fuse-ld="+fast)
	}
	for i, word := range cc {
		cc[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	script := "#!/bin/sh\nfor word; do case $word in *trivial.c) exit 1 ;; esac; done\nexec " + strings.Join(cc, " ") + " \"$@\"\n"
	file = filepath.Join(p.req.Folder, "hotdev-ld")
	if now, err := os.ReadFile(file); err == nil && string(now) == script {
		return file, nil
	}
	_ = os.Remove(file) // another process may be running it
	if err := os.WriteFile(file, []byte(script), 0o700); err != nil {
		return "", fmt.Errorf("folder for plugins: %w", err)
	}
	return file, nil
}

// fastestLinker returns the fastest linker that is installed, for -fuse-ld, or "" for
// the compiler's default. Measured on a program that serves HTTP: mold is some ten
// percent faster than lld, and lld than gold.
func fastestLinker(dir string, env []string) string {
	for _, l := range [][2]string{{"mold", "mold"}, {"ld.lld", "lld"}, {"ld.gold", "gold"}} {
		if _, err := gocmd.LookPath(l[0], dir, env); err == nil {
			return l[1]
		}
	}
	return ""
}
