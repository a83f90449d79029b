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

	"github.com/joho/godotenv"
)

// Environ is the environment base ("NAME=value", as of os.Environ), with what
// dotenv files and a table add to it:
//
//   - a file sets what base does not; a later file wins over an earlier one;
//   - the table wins over both.
//
// So `PORT=9000 hotdev` does what it says, whatever the project's .env holds.
// Inside a file $NAME stands for what the same file set above.
//
// A file that does not exist is no error but a notice: .env is seldom checked
// in, a program may well do without, and it may be written any moment. Anything
// else that is wrong with files is the error, all of it, as [Errors] where it is
// their content. Names and values do not appear in it, as they may be secrets.
func Environ(base, files []string, table map[string]string) (env, notices []string, err error) {
	set := map[string]string{}
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
		values, bad := parseDotenv(file, string(data))
		if bad != nil {
			wrong = append(wrong, bad)
			continue
		}
		maps.Copy(set, values)
	}
	if len(wrong) > 0 {
		return nil, nil, wrong
	}
	fold := func(name string) string { return name }
	if runtime.GOOS == "windows" {
		fold = strings.ToUpper
	}
	return overlay(base, set, table, fold), notices, nil
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

// parseDotenv reads one file's content.
func parseDotenv(file, text string) (map[string]string, *Error) {
	text = strings.TrimPrefix(text, "\ufeff")
	values, err := dotenv(text)
	if err == nil {
		return values, nil
	}
	// The parser does not say where. So parse statement by statement (one may
	// have several lines, between quotes): the bad one is the first that is not
	// mended by any number of further lines.
	lines := strings.SplitAfter(text, "\n")
	begin := 0
	for end := 1; end <= len(lines); end++ {
		if _, err := dotenv(strings.Join(lines[begin:end], "")); err == nil {
			begin = end
		}
	}
	return nil, &Error{File: file, Line: begin + 1, Message: err.Error()}
}

// dotenv parses text; its errors repeat nothing of it.
func dotenv(text string) (map[string]string, error) {
	// Without the line's end, a last line that is only a name would pass.
	values, err := godotenv.Parse(strings.NewReader(text + "\n"))
	if err != nil && strings.HasPrefix(err.Error(), "unterminated quoted value") {
		return nil, errors.New("a quote is not closed")
	}
	if err != nil {
		return nil, errors.New("want NAME=value")
	}
	for name, value := range values {
		if !validName(name) {
			return nil, errors.New("want NAME=value")
		}
		if strings.Contains(value, "\x00") {
			return nil, errors.New("a value must not hold the character U+0000")
		}
	}
	return values, nil
}
