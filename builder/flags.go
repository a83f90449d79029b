package builder

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// reserved are flags that hotdev sets itself, or that would change what the go
// command prints, and why the user may not.
var reserved = map[string]string{
	"o":    "hotdev decides where the binary goes; use build.output",
	"json": "hotdev reads the build's output itself",
	"v":    "hotdev shows what is compiled by itself",
	"n":    "it would build nothing",
	"x":    "it would bury the errors in commands; run go build -x by hand",
	"C":    "use hotdev -C DIR",
}

// boolean are the flags of go build that take no value of their own; all
// others take the next argument if they have no "=".
var boolean = map[string]bool{
	"a": true, "asan": true, "buildvcs": true, "cover": true, "i": true, "json": true,
	"linkshared": true, "modcacherw": true, "msan": true, "n": true, "race": true,
	"trimpath": true, "v": true, "work": true, "x": true,
}

// CheckFlags says which of a user's build flags cannot be used, and why.
func CheckFlags(flags []string) error {
	return eachFlag(flags, func(name, _ string) error {
		if why, ok := reserved[name]; ok {
			return fmt.Errorf("build flag -%s cannot be used: %s", name, why)
		}
		return nil
	})
}

// eachFlag walks flags as the go command reads them.
func eachFlag(flags []string, visit func(name, value string) error) error {
	for i := 0; i < len(flags); i++ {
		f := flags[i]
		name := strings.TrimPrefix(strings.TrimPrefix(f, "-"), "-")
		if name == f || name == "" {
			return fmt.Errorf("build flag %q: a flag starts with \"-\"; packages and files are the target's part", f)
		}
		name, value, ok := strings.Cut(name, "=")
		if !ok && !boolean[name] && reserved[name] == "" {
			if i++; i == len(flags) {
				return fmt.Errorf("build flag %s needs a value", f)
			}
			value = flags[i]
		}
		if err := visit(name, value); err != nil {
			return err
		}
	}
	return nil
}

// flagValue finds a flag in a user's flags, else in GOFLAGS.
func flagValue(flags []string, goflags, want string) (value string, ok bool) {
	find := func(name, v string) error {
		if name == want {
			value, ok = v, true
		}
		return nil
	}
	// GOFLAGS has no flags with separate values. Quoted entries with spaces are
	// of no interest here.
	for _, f := range strings.Fields(goflags) {
		_ = eachFlag([]string{strings.Trim(f, `'"`)}, find)
	}
	_ = eachFlag(flags, find)
	return value, ok
}

// WithTag is flags with one build tag more than the user's own flags and
// GOFLAGS name, as go build wants it: the last -tags counts alone.
func (b *Builder) WithTag(ctx context.Context, dir string, env, flags []string, tag string) ([]string, error) {
	tool, err := b.tool(ctx, dir, env)
	if err != nil {
		return nil, err
	}
	tags, _ := flagValue(flags, tool.GOFLAGS, "tags")
	if tags != "" {
		tag = strings.Join(strings.FieldsFunc(tags, func(r rune) bool { return r == ',' || r == ' ' }), ",") + "," + tag
	}
	return append(slices.Clip(flags), "-tags="+tag), nil
}

// noStamp turns version stamping off unless the user asked about it: it runs
// git at every build, and lets a commit alone make another binary.
func noStamp(flags []string, goflags string) []string {
	if _, ok := flagValue(flags, goflags, "buildvcs"); ok {
		return nil
	}
	return []string{"-buildvcs=false"}
}

// goFlags are the flags for go build: the user's, and what hotdev adds to them.
// Debugging information is left out unless it is asked for: it takes the linker
// as long as all the rest, and stack traces do without.
func goFlags(req Request, tool goEnv) []string {
	flags := append(noStamp(req.Flags, tool.GOFLAGS), req.Flags...)
	if req.agent != nil {
		flags = append(flags, "-overlay="+req.agent.file)
	}
	if req.Debug {
		return flags
	}
	v, ok := flagValue(req.Flags, tool.GOFLAGS, "ldflags")
	switch {
	case !ok || v == "":
		return append(flags, "-ldflags=-w")
	case strings.HasPrefix(v, "-"):
		return append(flags, "-ldflags="+v+" -w")
	}
	return flags // for some packages only: what is added would count instead
}

// pathFlag is the absolute path that a flag names; empty if it is not set.
func pathFlag(dir string, flags []string, goflags, name string) string {
	v, _ := flagValue(flags, goflags, name)
	if v == "" || filepath.IsAbs(v) {
		return v
	}
	return filepath.Join(dir, v)
}
