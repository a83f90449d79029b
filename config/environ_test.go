package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnvironOrder(t *testing.T) {
	dir := t.TempDir()
	one := write(t, dir, "one.env", "\ufeffREAL=file\r\nA=1 # comment\r\nB=1\r\nTABLE=1\r\nexport HOST=\"db\"\r\nURL=pg://${HOST}/x\r\n")
	two := write(t, dir, "two.env", "B=2\nKEY='-----\n  $A\n-----'\n")
	missing := filepath.Join(dir, "three.env")
	base := []string{"PATH=/bin", "REAL=env", "T=env", "EMPTY="}
	table := map[string]string{"TABLE": "t", "T": "t"}

	env, notices, err := Environ(base, []string{one, missing, two}, table)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, env, []string{
		"PATH=/bin", "REAL=env", "EMPTY=",
		"A=1", "B=2", "HOST=db", "KEY=-----\n  $A\n-----", "URL=pg://db/x",
		"T=t", "TABLE=t",
	})
	equal(t, notices, []string{"env file " + missing + " does not exist (yet)"})
	equal(t, base, []string{"PATH=/bin", "REAL=env", "T=env", "EMPTY="})
}

func TestEnvironAlone(t *testing.T) {
	env, notices, err := Environ([]string{"A=1"}, nil, nil)
	if err != nil || len(notices) > 0 {
		t.Errorf("have %v, %v", notices, err)
	}
	equal(t, env, []string{"A=1"})
}

// A variable in a file is what the program will see it as, and one that extends
// the environment's own wins over it.
func TestEnvironVariables(t *testing.T) {
	dir := t.TempDir()
	one := write(t, dir, "one.env", "A=$HOST\nPORT=1\nURL=${HOST}:${PORT}:${T}\nPATH=$PATH:/x\nNEW=$NEW:/y\nT=$T!\n")
	two := write(t, dir, "two.env", "B=$URL\nPATH=\"$PATH:/z\"\nNOPE=${HOST:-x}\nC=$PATH\n")
	env, notices, err := Environ([]string{"PATH=/bin", "HOST=db"}, []string{one, two}, map[string]string{"T": "t"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, env, []string{"HOST=db", "A=db", "B=db:1:t", "C=/bin:/x:/z", "NEW=$NEW:/y", "NOPE=db", "PORT=1", "URL=db:1:t", "PATH=/bin:/x:/z", "T=t"})
	equal(t, notices, []string{one + `:5: NEW has a "$" that is kept as it is, for no variable of the name that follows it is set; single quotes, '…', make that certain`})
}

// On Windows a reference finds its variable in whatever case.
func TestEnvironFoldsReferences(t *testing.T) {
	file := write(t, t.TempDir(), ".env", "Here=1\nA=$HERE\nPATH=$path;x\n")
	env, _, err := environ([]string{"Path=w"}, []string{file}, map[string]string{"here": "2"}, strings.ToUpper)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, env, []string{"A=2", "PATH=w;x", "here=2"})
}

// On Windows PATH and Path are one variable, and some names begin with "=".
func TestOverlayFoldsNames(t *testing.T) {
	env := overlay([]string{"=C:=C:\\x", "Path=a", "Temp=b"},
		map[string]string{"PATH": "file", "New": "file", "other": "file"},
		map[string]string{"TEMP": "t", "NEW": "t"}, strings.ToUpper)
	equal(t, env, []string{"=C:=C:\\x", "Path=a", "other=file", "NEW=t", "TEMP=t"})
}

func TestEnvironErrors(t *testing.T) {
	const secret = "hunter2"
	for _, test := range []struct{ name, file, want string }{
		{"no sign", "A=1\nB\nC=" + secret + "\n", "2: want NAME=value"},
		{"no sign, last line", "A=1\n" + secret, "2: want NAME=value"},
		{"bad name", "# c\n\nMY KEY=" + secret + "\nPASS=" + secret, "3: want NAME=value"},
		{"a sign in a name", "A+B=" + secret, "1: want NAME=value"},
		{"an address", "http://" + secret + ":80\n", "1: want NAME=value"},
		{"after a quote", "A=1\nB='x' " + secret + "\n", "2: after the closing quote ' only a comment may follow"},
		{"after a quote, lines below", "A=1\nB=\"x\ny\"" + secret + "\n", "3: after the closing quote \" only a comment may follow"},
		{"a path's end", "A='C:\\dir\\'\nB=1", "1: a quote is not closed (\\' does not close it)"},
		{"required", "A=1\nB=${NOPE:?ask the team for it}\n", "2: B: NOPE is not set: ask the team for it"},
		{"required and empty", "A=\nB=\"" + secret + "${A:?}\"\n", "2: B: A is empty"},
		{"UTF-16", "\xff\xfeA\x00=\x001\x00\n\x00", "1: is UTF-16; save it as UTF-8"},
		{"blank in a name", "A=1\nMY KEY=" + secret + "\n", "2: want NAME=value"},
		{"no name", "A=1\n=" + secret + "\nB=2", "2: want NAME=value"},
		{"quote", "A=\"x\ny\"\nB=\"" + secret + "\nC=1\n", "3: a quote is not closed"},
		{"after a value of several lines", "A='x\ny\n\nz'\n\n!\n", "6: want NAME=value"},
		{"NUL", "A=1\nB=" + secret + "\x00\nC=1", "2: a value must not hold the character U+0000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, t.TempDir(), ".env", test.file)
			env, _, err := Environ(nil, []string{path}, nil)
			if err == nil {
				t.Fatalf("no error; read %q", env)
			}
			if err.Error() != path+":"+test.want {
				t.Errorf("have %v\nwant %s:%s", err, path, test.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Error("the error tells a secret")
			}
		})
	}
}

func TestEnvironTellsAllBadFiles(t *testing.T) {
	dir := t.TempDir()
	one, two := write(t, dir, "1", "!"), write(t, dir, "2", "A=1\n?\n")
	_, _, err := Environ(nil, []string{one, two}, nil)
	want := one + ":1: want NAME=value\n" + two + ":2: want NAME=value"
	if err == nil || err.Error() != want {
		t.Errorf("have %v\nwant %s", err, want)
	}
	if err := os.Mkdir(filepath.Join(dir, ".env"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Environ(nil, []string{filepath.Join(dir, ".env")}, nil); err == nil {
		t.Error("a folder was read as an env file")
	}
}
