package gocmd

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/internal/argv"
)

// reserved are the flags that users must not set, with the reason: hotdev sets them
// itself, or they would change what the go command prints.
var reserved = map[string]string{
	"o":    "hotdev decides where the binary goes; use build.output",
	"json": "hotdev reads the build's output itself",
	"v":    "hotdev shows what is compiled by itself",
	"n":    "it would build nothing",
	"x":    "it would bury the errors in commands; run go build -x by hand",
	"C":    "use hotdev -C DIR",
}

// boolean are the flags of go build that take no value. All others take the next
// argument as their value if they have no "=".
var boolean = map[string]bool{
	"a": true, "asan": true, "buildvcs": true, "cover": true, "i": true, "json": true,
	"linkshared": true, "modcacherw": true, "msan": true, "n": true, "race": true,
	"trimpath": true, "v": true, "work": true, "x": true,
}

// Boolean reports whether a flag of go build takes no value.
func Boolean(name string) bool { return boolean[name] }

// CheckFlags returns an error if a build flag cannot be used: which one, and why.
func CheckFlags(flags []string) error {
	given, err := parseFlags(flags)
	for _, f := range given {
		if why, ok := reserved[f.name]; ok {
			return fmt.Errorf("build flag -%s cannot be used: %s", f.name, why)
		}
	}
	return err
}

// A flag is a flag as the go command reads it. A boolean flag without a value has the
// value "true".
type flag struct{ name, value string }

// Flags are flags in the order in which the go command sets them: a later flag
// overrides an earlier one of the same name.
type Flags []flag

// parseFlags parses the flags of a command line, up to the first error.
func parseFlags(flags []string) (given Flags, err error) {
	for i := 0; i < len(flags); i++ {
		f := flags[i]
		name := strings.TrimPrefix(strings.TrimPrefix(f, "-"), "-")
		if name == f || name == "" {
			return given, fmt.Errorf("build flag %q: a flag starts with \"-\"; packages and files are the target's part", f)
		}
		name, value, ok := strings.Cut(name, "=")
		switch {
		case ok:
		case boolean[name]:
			value = "true"
		case i+1 == len(flags):
			return append(given, flag{name: name}), fmt.Errorf("build flag %s needs a value", f)
		default:
			i++
			value = flags[i]
		}
		given = append(given, flag{name, value})
	}
	return given, nil
}

// FlagsInForce returns the flags of GOFLAGS and, after them, the user's own. Flags that
// the go command rejects are left out: with those it never builds.
func FlagsInForce(flags []string, tool Env) Flags {
	var all Flags
	words, _ := argv.SplitQuoted(tool.GOFLAGS)
	for _, w := range words { // in GOFLAGS, a value never follows as a separate word
		if one, err := parseFlags([]string{w}); err == nil {
			all = append(all, one...)
		}
	}
	own, _ := parseFlags(flags)
	return append(all, own...)
}

// Value returns the value of the last flag of this name.
func (fs Flags) Value(name string) (value string, ok bool) {
	for _, f := range slices.Backward(fs) {
		if f.name == name {
			return f.value, true
		}
	}
	return "", false
}

// On reports whether a boolean flag is set. A value that is not a boolean
// (-buildvcs=auto, or a mistake) counts as set.
func (fs Flags) On(name string) bool {
	v, ok := fs.Value(name)
	b, err := strconv.ParseBool(v)
	return ok && (b || err != nil)
}

// Asks reports whether a flag has an effect: it is on, or it has a value other than the
// go command's default.
func (fs Flags) Asks(name string) bool {
	if boolean[name] {
		return fs.On(name)
	}
	v, _ := fs.Value(name)
	if name == "pgo" { // any other value is a file
		return v != "" && v != "off" && v != "auto"
	}
	return v != "" && v != "default"
}

// tags returns the build tags in force; only the last -tags counts. The go command
// reads a list with commas, or an older form with spaces, in which each tag may be
// quoted.
func (fs Flags) tags() (tags []string, err error) {
	v, _ := fs.Value("tags")
	if strings.ContainsAny(v, " '") {
		return argv.SplitQuoted(v)
	}
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' }), nil
}

// WithTag returns flags with an additional tag.
func WithTag(flags []string, tool Env, tag string) []string {
	tags, err := FlagsInForce(flags, tool).tags()
	if err != nil {
		return flags
	}
	tags = append(slices.Clip(tags), tag)
	list := strings.Join(tags, ",")
	if strings.ContainsAny(list, " '") || strings.Count(list, ",") != len(tags)-1 || slices.Contains(tags, "") {
		// Only the older form can hold an unusual tag. A tag with quotes of both
		// kinds fits neither, but no source can require such a tag.
		tags = slices.DeleteFunc(tags, func(t string) bool { return strings.Contains(t, "'") && strings.Contains(t, `"`) })
		list, _ = argv.JoinQuoted(tags)
	}
	return append(slices.Clip(flags), "-tags="+list)
}

// NoStamp returns a flag that turns version stamping off, unless the user has set one
// about it: stamping runs git in every build, and makes a new binary after every
// commit.
func NoStamp(flags []string, tool Env) []string {
	if _, ok := FlagsInForce(flags, tool).Value("buildvcs"); ok {
		return nil
	}
	return []string{"-buildvcs=false"}
}

// WithoutDebug returns the value of -ldflags that leaves out debugging information and
// otherwise equals the last -ldflags, if one was given. Only the last one counts, so
// one that applies to some packages only must stay the last.
func WithoutDebug(last string, given bool) (value string, add bool) {
	last = strings.TrimSpace(last)
	if !given || last == "" {
		return "-w", true
	}
	words, err := argv.SplitQuoted(last)
	said := func(w string) bool {
		name, _, _ := strings.Cut(w, "=")
		return name == "-w" || name == "--w"
	}
	if last[0] != '-' || err != nil || slices.ContainsFunc(words, said) {
		return "", false
	}
	return last + " -w", true
}

// ForDebugger are the flags that have a debugger understand what is built, to come after
// those that are given: the last one that is for a package counts.
func ForDebugger(given Flags) []string {
	flags := []string{"-gcflags=all=-N -l"}
	if given.On("trimpath") { // breakpoints are set by paths on the disk
		flags = append(flags, "-trimpath=false")
	}
	v, _ := given.Value("ldflags")
	pattern, text := "", strings.TrimSpace(v)
	if before, after, ok := strings.Cut(text, "="); ok && text[0] != '-' {
		pattern, text = before+"=", after
	}
	words, err := argv.SplitQuoted(text)
	if err != nil {
		return flags // the go command says what is wrong with it
	}
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		name, _, _ := strings.Cut(w, "=")
		return slices.Contains([]string{"-w", "--w", "-s", "--s"}, name)
	})
	if rest, err := argv.JoinQuoted(kept); err == nil && len(kept) < len(words) {
		flags = append(flags, "-ldflags="+pattern+rest)
	}
	return flags
}

// Path returns the absolute path that a flag names; empty if the flag is not set.
func (fs Flags) Path(dir, name string) string {
	v, _ := fs.Value(name)
	if v == "" || filepath.IsAbs(v) {
		return v
	}
	return filepath.Join(dir, v)
}
