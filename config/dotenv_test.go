package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// dotenv reads text as the file ".env", in an environment of HOME and PATH.
func dotenv(text string) (values map[string]string, notices []string, bad *Error) {
	values = map[string]string{"HOME": "/h/me", "PATH": "/bin"}
	set := map[string]string{}
	notices, bad = readDotenv(".env", text, scope{
		fold:   func(name string) string { return name },
		lookup: func(name string) (string, bool) { value, ok := values[name]; return value, ok },
		assign: func(a assignment) { set[a.name], values[a.name] = a.value, a.value },
	})
	return set, notices, bad
}

// What a value stands for. Where something may have been meant that it does not
// stand for, or where it is not what other tools read, a notice says so.
func TestDotenvValues(t *testing.T) {
	const (
		unset   = `has a "$" that is kept as it is, for no variable of the name that follows it is set; single quotes, '…', make that certain`
		noName  = `has a "${" that is kept as it is, for it begins no variable such as ${NAME}; single quotes, '…', make that certain`
		command = `has "$(", which is kept as it is, for no command is run here; single quotes, '…', make that certain`
		two     = `has "$$", which means one "$", as in docker compose; single quotes, '…', keep both`
		path    = `looks like a Windows path, so its backslashes are kept as they are; single quotes, '…', make that certain`
		braces  = `has ${NOPE}, which is kept as it is, for NOPE is not set; ${NOPE-} may be empty, and single quotes, '…', make certain that no variable is meant`
	)
	for _, test := range []struct{ text, want, notice string }{
		// Without quotes.
		{`V=a b`, "a b", ""},
		{`V = a `, "a", ""},
		{"V\t=\ta\t", "a", ""},
		{`V: a`, "a", ""},
		{`V:`, "", ""},
		{`export V=a`, "a", ""},
		{"export\t V=a", "a", ""},
		{`  V=a`, "a", ""},
		{`V=`, "", ""},
		{`V=a=b==`, "a=b==", ""},
		{`V=a # b`, "a", ""},
		{"V=a\t# b", "a", ""},
		{`V=a#b`, "a#b", ""},
		{`V=#b`, "#b", ""},
		{`V= # b`, "", ""},
		{`V=it's`, "it's", ""},
		{`V=a "b" c`, `a "b" c`, ""},
		{`V={"a": "b"}`, `{"a": "b"}`, ""},
		{`V=ünï ✓`, "ünï ✓", ""},
		{"V=a\u00a0", "a\u00a0", ""},
		{"V=a\r\nW=b\r\n", "a", ""},
		{"\ufeffV=a", "a", ""},
		{"\n\n# c\n  # d\nV=a", "a", ""},

		// Backslashes.
		{`V=C:\temp\new`, `C:\temp\new`, ""},
		{`V=^\d+\.\w+$`, `^\d+\.\w+$`, ""},
		{`V=a\`, `a\`, ""},
		{`V=\\server\x`, `\\server\x`, ""},
		{`V="^\d+\.\w+$"`, `^\d+\.\w+$`, ""},
		{`V="a\nb\tc\rd\"e\\f"`, "a\nb\tc\rd\"e\\f", ""},
		{`V="-----BEGIN-----\nabc\n-----END-----\n"`, "-----BEGIN-----\nabc\n-----END-----\n", ""},
		{`V="C:\temp\new"`, `C:\temp\new`, path},
		{`V="C:\temp\\new"`, `C:\temp\\new`, path},
		{`V="C:\Users\me"`, `C:\Users\me`, ""},
		{`V="C:\\temp\\new"`, `C:\temp\new`, ""},
		{`V="D:\bin;C:\new"`, `D:\bin;C:\new`, path},
		{`V="\\server\new"`, `\\server\new`, path},
		{`V="\\server\\new"`, `\server\new`, ""},
		{`V="a:\nb"`, `a:\nb`, path}, // it cannot be told from a path
		{`V="Subject:\nb"`, "Subject:\nb", ""},
		{`V='C:\temp\new'`, `C:\temp\new`, ""},
		{`V='a\nb'`, `a\nb`, ""},
		{`V='it\'s'`, "it's", ""},
		{`V='a\\'`, `a\\`, ""},

		// Quotes.
		{`V=""`, "", ""},
		{`V=''`, "", ""},
		{`V="a # b" # c`, "a # b", ""},
		{`V='a'#c`, "a", ""},
		{`V=" a "`, " a ", ""},
		{"V=\"a\nb\"", "a\nb", ""},
		{"V='a\r\nb'", "a\nb", ""},
		{`V="it's"`, "it's", ""},
		{`V='"'`, `"`, ""},

		// Dollars that are none of a variable.
		{`V=$2b$12$Pg8A.R220dUZQT1z`, "$2b$12$Pg8A.R220dUZQT1z", unset},
		{`V="$2a$10$abc/def"`, "$2a$10$abc/def", unset},
		{`V=abc$def`, "abc$def", unset},
		{`V='$2b$12$Pg8A'`, "$2b$12$Pg8A", ""},
		{`V='$HOME ${HOME} $$ $(x)'`, "$HOME ${HOME} $$ $(x)", ""},
		{`V=\$HOME`, "$HOME", ""},
		{`V="\$HOME"`, "$HOME", ""},
		{`V=5$`, "5$", ""},
		{`V=$5`, "$5", ""},
		{`V=$.x$-`, "$.x$-", ""},
		{`V=pa$$word`, "pa$word", two},
		{`V=$$HOME`, "$HOME", two},
		{`V=$(pwd)/x`, "$(pwd)/x", command},
		{`V=${`, "${", noName},
		{`V=${}`, "${}", noName},
		{`V=${HOME`, "${HOME", noName},
		{`V=${1}`, "${1}", noName},
		{`V=${a.b}`, "${a.b}", noName},
		{`V=${HOME%/*}`, "${HOME%/*}", noName},
		{`V={{ .Name }}`, "{{ .Name }}", ""},

		// Variables.
		{`V=$HOME/x`, "/h/me/x", ""},
		{`V=${HOME}/data`, "/h/me/data", ""},
		{`V="${HOME}/data"`, "/h/me/data", ""},
		{`V=x$HOME.y`, "x/h/me.y", ""},
		{"A=1\nV=$A$A", "11", ""},
		{"a=1\nV=$a", "1", ""},
		{"A='$HOME'\nV=$A", "$HOME", ""},
		{`V=$NOPE`, "$NOPE", unset},
		{`V=${NOPE}/x`, "${NOPE}/x", braces},
		{`V=$V`, "$V", unset},
		{`V=${HOME:-x}${NOPE:-y}${NOPE-z}`, "/h/meyz", ""},
		{"A=\nV=${A:-x}${A-y}.${A:+x}.${A+y}", "x..y", ""},
		{`V=${HOME:+there}${NOPE:+gone}${NOPE+gone}`, "there", ""},
		{`V=${NOPE-}`, "", ""},
		{`V=${HOME:?why}`, "/h/me", ""},
		{`V=${NOPE:-${HOME}/x}y`, "/h/me/xy", ""},
		{`V=${NOPE:-${NOPE:-a}}}`, "a}", ""},
		{`V="${NOPE:-a\"b}"`, `a"b`, ""},
		{`V=${NOPE:-a b}`, "a b", ""},
		{`V=${NOPE:-$2y}`, "$2y", ""},
		{`V=${HOME:x}`, "${HOME:x}", noName},

		{"V=1\nV=2", "2", "is set in line 1, too; this one counts"},
	} {
		values, notices, bad := dotenv(test.text)
		if bad != nil {
			t.Errorf("%s: %v", test.text, bad)
			continue
		}
		if values["V"] != test.want {
			t.Errorf("%s: have %q, want %q", test.text, values["V"], test.want)
		}
		var want []string
		if test.notice != "" {
			want = []string{fmt.Sprintf(".env:%d: V %s", 1+strings.Count(test.text, "\n"), test.notice)}
		}
		if !slices.Equal(notices, want) {
			t.Errorf("%s:\nhave %q\nwant %q", test.text, notices, want)
		}
	}
}

func TestDotenvNames(t *testing.T) {
	values, notices, bad := dotenv("spring.port=1\nMY-KEY=2\nlist[0]=3\nä=4\n_=5\nexport=6\nexported=7\n1ST=8\n")
	if bad != nil || len(notices) > 0 {
		t.Fatal(bad, notices)
	}
	equal(t, values, map[string]string{
		"spring.port": "1", "MY-KEY": "2", "list[0]": "3", "ä": "4", "_": "5", "export": "6", "exported": "7", "1ST": "8",
	})
}

// A notice has the line that its assignment begins in, and tells nothing of the
// value.
func TestDotenvNoticesHaveLines(t *testing.T) {
	const secret = "hunter2"
	_, notices, bad := dotenv("# c\r\nA='x\r\ny'\r\n\r\nB=\"1\r\n2\r\n$" + secret + "\"\r\nC=ok\r\nD=a$$" + secret + "$" + secret + "\n")
	if bad != nil {
		t.Fatal(bad)
	}
	var places []string
	for _, notice := range notices {
		place, _, _ := strings.Cut(notice, " has ")
		places = append(places, place)
		if strings.Contains(notice, secret) {
			t.Errorf("the notice tells a secret: %s", notice)
		}
	}
	equal(t, places, []string{".env:5: B", ".env:9: D", ".env:9: D"})
}

// Variables that name each other grow no further than a program can be given.
func TestDotenvBoundsValues(t *testing.T) {
	text := "A0=0123456789\n"
	for i := range 40 {
		text += fmt.Sprintf("A%d=$A%d$A%[2]d\n", i+1, i)
	}
	if _, _, bad := dotenv(text); bad == nil || bad.Line != 15 || bad.Message != "the value is longer than a program can be given" {
		t.Errorf("have %v", bad)
	}
	// Nor does it take long to see that nothing ends.
	for _, text := range []string{strings.Repeat("${", 1<<15), strings.Repeat("${A:-", 1<<14), strings.Repeat("${A:-", 1<<13) + strings.Repeat("}", 1<<13)} {
		if _, _, bad := dotenv("V=" + text); bad != nil {
			t.Error(bad)
		}
	}
}

// FuzzDotenv: no file makes the reading panic or yields what a process cannot be
// started with.
func FuzzDotenv(f *testing.F) {
	for _, text := range []string{"", "A=1\n", "export A='x\ny'", "A=\"\\", "A=${", "=", "A", "A: b", "'", "A=\"$(x)\"#", "\ufeff\r\nA=1",
		"A=${B:-${C}}", "A=$A$$", `A="C:\x\n"`, "A=\nB=${A:?x}", "\xff\xfeA", "A='\\'", "A=1\nA=2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, _, bad := dotenv(text)
		if bad != nil {
			if lines := strings.Count(text, "\n") + 1; bad.Line < 1 || bad.Line > lines {
				t.Errorf("line %d of %d", bad.Line, lines)
			}
			return
		}
		for name, value := range values {
			if !validName(name) || strings.Contains(value, "\x00") {
				t.Errorf("%q=%q", name, value)
			}
		}
	})
}

// FuzzDotenvQuoted: single quotes keep every value as it is, as the notices
// promise, and what is no escape, variable or comment needs none.
func FuzzDotenvQuoted(f *testing.F) {
	for _, value := range []string{"", "a", "$2b$12$Pg8A", `C:\temp`, "a\nb", "a # b", `"`, "${HOME}", "é\xff"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsAny(value, "'\x00\r") || strings.HasSuffix(value, `\`) {
			t.Skip()
		}
		values, notices, bad := dotenv("V='" + value + "' # c\nW=1")
		if bad != nil || len(notices) > 0 || values["V"] != value || values["W"] != "1" {
			t.Errorf("%q: have %q, %v, %v", value, values, notices, bad)
		}
		if strings.ContainsAny(value, "$\n#\\") || value != strings.Trim(value, blanks) || strings.HasPrefix(value, `"`) {
			return
		}
		values, notices, bad = dotenv("V=" + value)
		if bad != nil || len(notices) > 0 || values["V"] != value {
			t.Errorf("%q without quotes: have %q, %v, %v", value, values, notices, bad)
		}
	})
}
