// Package foreign finds arguments that look like flags but are not hotdev's, and
// suggests what to write instead. It does not depend on the library that parses flags.
package foreign

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/internal/nearest"
)

// A Command is one of hotdev's commands.
type Command struct {
	// Path is how the command is called: "hotdev build".
	Path string
	// Runs: it passes arguments after -- to a program.
	Runs bool
	// Tests: it passes them to go test.
	Tests bool
	Flags []Flag
}

// A Flag is a flag of a command.
type Flag struct {
	Name   string
	Letter string // without the dash; may be empty
	Value  bool   // its value is the next argument, unless it is attached
}

func (c Command) long(name string) (Flag, bool) {
	return c.flag(func(f Flag) bool { return f.Name == name })
}

func (c Command) short(letter string) (Flag, bool) {
	return c.flag(func(f Flag) bool { return f.Letter == letter })
}

func (c Command) flag(is func(Flag) bool) (Flag, bool) {
	i := slices.IndexFunc(c.Flags, is)
	if i < 0 {
		return Flag{}, false
	}
	return c.Flags[i], true
}

// Check returns an error for the first of a command's arguments that looks like a flag
// and is not one of the command's. A flag parser would complain about its first letter
// only, or take that for a flag: it would read -config c.toml as -c onfig, and -host
// :80 as a request for help.
func Check(c Command, args []string) error {
	word, at := c.find(args)
	if at < 0 {
		return nil
	}
	return c.misplaced(args, word, at)
}

// find returns the first foreign flag before "--", without its value, and its index;
// the index is negative if there is none.
func (c Command) find(args []string) (word string, at int) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		word, _, hasValue := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return "", -1
		case strings.HasPrefix(arg, "--"):
			f, ok := c.long(word[len("--"):])
			if !ok {
				return word, i
			}
			if f.Value && !hasValue {
				i++
			}
		case len(arg) < 2 || arg[0] != '-':
		default:
			f, ok := c.short(arg[1:2])
			_, isLong := c.long(word[1:])
			if !ok || len(word) > 2 && !attached(isLong, f.Value, arg[2:]) {
				return word, i
			}
			if len(arg) == 2 && f.Value {
				i++
			}
		}
	}
	return "", -1
}

// attached reports whether what follows a flag's letter is its value, as in -cdev.toml,
// rather than the rest of a word such as -config.
func attached(isLong, takesValue bool, value string) bool {
	if isLong || !takesValue {
		return false
	}
	if strings.ContainsAny(value, `./\`) {
		return true
	}
	_, err := os.Stat(value)
	return err == nil
}

// goFlags are the flags of go build that people are used to giving to any build tool.
func goFlags() []string {
	return []string{"asan", "asmflags", "buildmode", "buildvcs", "cover", "gcflags", "installsuffix", "ldflags", "mod", "modfile", "msan", "overlay", "pgo", "race", "tags", "toolexec", "trimpath"}
}

// misplaced suggests what to write instead of the foreign flag at args[at].
func (c Command) misplaced(args []string, word string, at int) error {
	name := strings.TrimLeft(word, "-")
	var known []string
	for _, f := range c.Flags {
		known = append(known, f.Name)
	}
	var hints []string
	near := nearest.Of(name, known)
	switch {
	case near == name:
		hints = append(hints, "write --"+name)
	case c.Tests:
		line := append(strings.Fields(c.Path), args[:at]...)
		hints = append(hints, "flags of go test go after --: "+asWritten(append(append(line, "--"), withoutDashes(args[at:])...)))
	case slices.Contains(goFlags(), name):
		hints = append(hints, "flags of go build go into --build-flags: --build-flags "+asWritten([]string{"-" + strings.TrimLeft(args[at], "-")}))
	case near != "":
		hints = append(hints, fmt.Sprintf("did you mean --%s?", near))
	}
	if near != name && c.Runs {
		line := append([]string{c.Path}, args[:at]...)
		line = append(append(line, "--"), withoutDashes(args[at:])...)
		hints = append(hints, "flags for the program go after --: "+asWritten(line))
	}
	text := fmt.Sprintf("unknown flag: %s (see %s --help)", word, c.Path)
	return errors.New(strings.Join(append([]string{text}, hints...), "\n\t"))
}

// withoutDashes removes a later "--", because after an earlier one it would be an
// ordinary argument.
func withoutDashes(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--" })
}

// asWritten returns a command line as one types it.
func asWritten(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = a
		if a == "" || strings.ContainsAny(a, " \t\n'\"\\$`*?;&|<>()#~!{}[]") {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
