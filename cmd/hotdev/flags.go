package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/internal/nearest"
)

// goFlags are those of go build that people are used to give to whatever builds.
func goFlags() []string {
	return []string{"asan", "asmflags", "buildmode", "buildvcs", "cover", "gcflags", "installsuffix", "ldflags", "mod", "modfile", "msan", "overlay", "pgo", "race", "tags", "toolexec", "trimpath"}
}

// A foreignFlag is an argument that looks like a flag and is none of hotdev's. The
// flag package would complain of its first letter, or take that for a flag: of
// -config c.toml it would read -c onfig, of -host :80 the help.
type foreignFlag struct {
	word string // as it was written, without its value
	at   int    // of the arguments
}

// foreign finds the first argument before "--" that is no flag of cmd.
func foreign(cmd *cobra.Command, args []string) (foreignFlag, bool) {
	flags := cmd.Flags() // with what its parents hand down
	for i := 0; i < len(args); i++ {
		arg := args[i]
		word, _, hasValue := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return foreignFlag{}, false
		case strings.HasPrefix(arg, "--"):
			f := flags.Lookup(word[len("--"):])
			if f == nil {
				return foreignFlag{word, i}, true
			}
			if f.NoOptDefVal == "" && !hasValue {
				i++
			}
		case len(arg) < 2 || arg[0] != '-':
		default:
			f := flags.ShorthandLookup(arg[1:2])
			if f == nil || len(word) > 2 && !attached(flags.Lookup(word[1:]) != nil, f.NoOptDefVal == "", arg[2:]) {
				return foreignFlag{word, i}, true
			}
			if len(arg) == 2 && f.NoOptDefVal == "" {
				i++
			}
		}
	}
	return foreignFlag{}, false
}

// attached reports whether what follows a flag's letter is its value, as in
// -cdev.toml, rather than the rest of a word such as -config.
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

// misplaced says what to write instead of a flag that is none of cmd's.
func misplaced(cmd *cobra.Command, args []string, f foreignFlag) error {
	name := strings.TrimLeft(f.word, "-")
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	var hints []string
	near := nearest.Of(name, known)
	switch {
	case near == name:
		hints = append(hints, "write --"+name)
	case slices.Contains(goFlags(), name):
		hints = append(hints, "flags of go build go into --build-flags: --build-flags "+asWritten([]string{"-" + strings.TrimLeft(args[f.at], "-")}))
	case near != "":
		hints = append(hints, fmt.Sprintf("did you mean --%s?", near))
	}
	if near != name && !cmd.HasParent() { // hotdev build runs nothing
		line := append([]string{cmd.CommandPath()}, args[:f.at]...)
		line = append(append(line, "--"), withoutDashes(args[f.at:])...)
		hints = append(hints, "flags for the program go after --: "+asWritten(line))
	}
	text := fmt.Sprintf("unknown flag: %s (see %s --help)", f.word, cmd.CommandPath())
	return project.Usage(errors.New(strings.Join(append([]string{text}, hints...), "\n\t")))
}

// withoutDashes leaves out a later "--", which the earlier one makes a word.
func withoutDashes(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--" })
}

// asWritten is a command line as one types it.
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

// checkFlags finds the flags that are none of hotdev's.
func checkFlags(root *cobra.Command, args []string) error {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	cmd, rest, err := root.Find(args)
	if err != nil || len(args) > 0 && strings.HasPrefix(args[0], "__complete") { // how a shell asks cobra
		return nil
	}
	cmd.InitDefaultHelpFlag() // and takes the flags that its parents hand down
	if f, ok := foreign(cmd, rest); ok {
		return misplaced(cmd, rest, f)
	}
	return nil
}
