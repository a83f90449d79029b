package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Environ is the environment base ("NAME=value", as of os.Environ), with what
// dotenv files and a table add to it:
//
//   - a file sets what base does not; a later file wins over an earlier one;
//   - a value that refers to its own name, PATH=$PATH:/opt/bin, extends what base
//     has, and so wins over it;
//   - the table wins over all.
//
// So `PORT=9000 hotdev` does what it says, whatever the project's .env holds.
//
// notices are sentences about what the user may have meant otherwise, each with
// its file and line, and about files that do not exist: .env is seldom checked
// in, a program may well do without, and it may be written any moment. Anything
// else that is wrong with files is the error, all of it, as [Errors] where it is
// their content. Values do not appear in either, as they may be secrets.
func Environ(base, files []string, table map[string]string) (env, notices []string, err error) {
	fold := func(name string) string { return name }
	if runtime.GOOS == "windows" {
		fold = strings.ToUpper
	}
	return environ(base, files, table, fold)
}

// environ is Environ where two names with the same fold are one variable.
func environ(base, files []string, table map[string]string, fold func(string) string) (env, notices []string, err error) {
	given, over := map[string]string{}, map[string]string{} // by folded name
	for _, entry := range base {
		if name, value, ok := strings.Cut(entry, "="); ok {
			given[fold(name)] = value
		}
	}
	for name, value := range table {
		over[fold(name)] = value
	}
	set, extended := map[string]string{}, map[string]string{}
	known := map[string]string{} // set by folded name
	lookup := func(name string) (value string, ok bool) {
		for _, values := range []map[string]string{over, given, known} {
			if value, ok = values[fold(name)]; ok {
				break
			}
		}
		return value, ok
	}
	assign := func(a assignment) {
		set[a.name], known[fold(a.name)] = a.value, a.value
		if _, ok := given[fold(a.name)]; ok && a.itself {
			given[fold(a.name)], extended[a.name] = a.value, a.value
		}
	}
	var wrong Errors
	for _, file := range files {
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			notices = append(notices, fmt.Sprintf("env file %s does not exist (yet)", file))
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("env file: %w", err)
		}
		said, bad := readDotenv(file, string(data), scope{fold, lookup, assign})
		if bad != nil {
			wrong = append(wrong, bad)
			continue
		}
		notices = append(notices, said...)
	}
	if len(wrong) > 0 {
		return nil, nil, wrong
	}
	for name, value := range table {
		maps.DeleteFunc(extended, func(other, _ string) bool { return fold(other) == fold(name) })
		extended[name] = value
	}
	return overlay(base, set, extended, fold), notices, nil
}

// overlay puts set under base and table over it. Two names with the same fold
// are one variable.
func overlay(base []string, set, table map[string]string, fold func(string) string) []string {
	over := map[string]bool{}
	for name := range table {
		over[fold(name)] = true
	}
	taken := map[string]bool{}
	var env []string
	for _, entry := range base {
		// Windows has variables such as "=C:"; their names begin with the sign.
		name := entry
		if i := strings.Index(entry[min(1, len(entry)):], "="); i >= 0 {
			name = entry[:i+1]
		}
		if !over[fold(name)] {
			env = append(env, entry)
		}
		taken[fold(name)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if !taken[fold(name)] && !over[fold(name)] {
			env = append(env, name+"="+set[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		env = append(env, name+"="+table[name])
	}
	return env
}
