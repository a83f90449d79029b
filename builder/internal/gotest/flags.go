package gotest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// reserved are the flags that users must not set, with the reason: hotdev sets them
// itself, or they would change what go test prints or does.
var reserved = map[string]string{
	"json": "hotdev reads the stream of go test itself",
	"v":    "hotdev shows what tests print when they fail",
	"c":    "hotdev runs tests; build a test binary by hand",
	"o":    "hotdev runs tests; build a test binary by hand",
	"n":    "it would run nothing",
	"x":    "it would bury the results in commands; run go test -x by hand",
	"C":    "use hotdev -C DIR",
	"list": "it would run nothing; name tests with -run",
	"args": "arguments of a test binary cannot be given",
	"exec": "hotdev starts the tests itself",
}

// boolean are the flags of go test, and not of go build, that take no value.
var boolean = []string{"failfast", "fullpath", "short", "benchmem", "v", "c", "json", "artifacts"}

// graphShaping are the flags that change the graph.
var graphShaping = []string{"tags", "mod", "modfile", "overlay", "race", "msan", "asan", "installsuffix", "compiler"}

type flag struct{ name, text, value string }

// parse parses flags as go test does.
func parse(flags []string) (given []flag, err error) {
	for i := 0; i < len(flags); i++ {
		f := flags[i]
		name := strings.TrimPrefix(strings.TrimPrefix(f, "-"), "-")
		if name == f || name == "" {
			return given, fmt.Errorf("test flag %q: a flag starts with \"-\"; packages are not named here", f)
		}
		name = strings.TrimPrefix(name, "test.")
		name, value, ok := strings.Cut(name, "=")
		switch {
		case ok:
		case gocmd.Boolean(name), slices.Contains(boolean, name):
			value = "true"
		case i+1 == len(flags):
			return given, fmt.Errorf("test flag %s needs a value", f)
		default:
			i++
			value = flags[i]
		}
		given = append(given, flag{name, f, value})
	}
	return given, nil
}

// CheckFlags returns an error if a flag of go test cannot be used: which one, and why.
func CheckFlags(flags []string) error {
	given, err := parse(flags)
	for _, f := range given {
		if why, ok := reserved[f.name]; ok {
			return fmt.Errorf("test flag -%s cannot be used: %s", f.name, why)
		}
	}
	return err
}

// graphFlags returns the flags that go list needs.
func graphFlags(flags []string) (some []string) {
	given, _ := parse(flags)
	for _, f := range given {
		if slices.Contains(graphShaping, f.name) {
			some = append(some, "-"+f.name+"="+f.value)
		}
	}
	return some
}

// direct are the flags that a test binary can be built and run with without go test,
// those of the build with true. Others make another binary, or have go test do more
// than to run it.
var direct = map[string]bool{
	"tags": true, "race": true, "trimpath": true, "mod": true, "modfile": true,
	"run": false, "skip": false, "short": false, "timeout": false, "parallel": false, "cpu": false, "count": false,
	"shuffle": false, "fullpath": false, "vet": false,
}

// Direct are the flags of the build, and those of the test, if a test binary can be
// built and run with all of them without go test.
func Direct(flags []string) (build, test []string, ok bool) {
	given, err := parse(flags)
	if err != nil {
		return nil, nil, false
	}
	for _, f := range given {
		ofBuild, known := direct[f.name]
		if !known || strings.ContainsAny(f.value, " \t\n'\"") { // go test -n does not quote them
			return nil, nil, false
		}
		if text := "-" + f.name + "=" + f.value; ofBuild {
			build = append(build, text)
		} else {
			test = append(test, text)
		}
	}
	return build, test, true
}

// Given reports whether flags contain the flag of this name, with any value.
func Given(flags []string, name string) bool {
	given, _ := parse(flags)
	return slices.ContainsFunc(given, func(f flag) bool { return f.name == name })
}
