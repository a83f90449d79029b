package argv

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestPOSIX(t *testing.T) {
	tests := []struct {
		in   string
		want []string
		err  string
	}{
		{in: ``},
		{in: " \t\n"},
		{in: `go generate ./...`, want: []string{"go", "generate", "./..."}},
		{in: `  a   b  `, want: []string{"a", "b"}},
		{in: `a '' ""`, want: []string{"a", "", ""}},
		{in: `a'b c'd"e f"`, want: []string{"ab cde f"}},
		{in: `'$HOME \n "x"'`, want: []string{`$HOME \n "x"`}},
		{in: `"a \"b\" \\ \$x \n"`, want: []string{`a "b" \ $x \n`}},
		{in: `a\ b \'c \\`, want: []string{"a b", "'c", `\`}},
		{in: "a\\\nb", want: []string{"ab"}},
		{in: "a \\\n b", want: []string{"a", "b"}},
		{in: "\"a\\\nb\" 'a\\\nb'", want: []string{"ab", "a\\\nb"}},
		{in: `ü 'ß é'`, want: []string{"ü", "ß é"}},
		{in: `a && b > c`, want: []string{"a", "&&", "b", ">", "c"}},
		{in: `é 'b`, err: "column 3: the quote ' is not closed"},
		{in: `a "b 'c`, err: `column 3: the quote " is not closed`},
		{in: `ab\`, err: "column 3: nothing follows the backslash"},
	}
	for _, test := range tests {
		got, err := Split(test.in, POSIX)
		if !slices.Equal(got, test.want) || (err != nil) != (test.err != "") || err != nil && err.Error() != test.err {
			t.Errorf("Split(%q) = %q, %v; want %q, %s", test.in, got, err, test.want, test.err)
		}
	}
}

// Windows paths survive, also of a server; what contains blanks can be quoted.
func TestPaths(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []string
		err  string
	}{
		{in: `C:\tools\vim.exe -R`, want: []string{`C:\tools\vim.exe`, "-R"}},
		{in: `\\server\bin\vim`, want: []string{`\\server\bin\vim`}},
		{in: `"C:\Program Files\x.exe" -g`, want: []string{`C:\Program Files\x.exe`, "-g"}},
		{in: `a\ b \"c "d\"e" 'f\'`, want: []string{"a b", `"c`, `d"e`, `f\`}},
		{in: `a\`, want: []string{`a\`}},
		{in: "$X ~ && *", want: []string{"$X", "~", "&&", "*"}},
		{in: `é "b`, err: `column 3: the quote " is not closed`},
	} {
		got, err := Split(test.in, Paths)
		if !slices.Equal(got, test.want) || (err != nil) != (test.err != "") || err != nil && err.Error() != test.err {
			t.Errorf("Split(%q) = %q, %v; want %q, %s", test.in, got, err, test.want, test.err)
		}
	}
}

// The tokens of a script in a row: words as they are quoted in Go, operators as
// they are, special places behind a word.
func TestScript(t *testing.T) {
	for in, want := range map[string]string{
		`a 'b c'"d" ''`:             `"a" "b cd" ""`,
		`a && b;c|d`:                `"a" && "b" ; "c" | "d"`,
		"a\nb":                      "\"a\" \n \"b\"",
		`x 2>&1 &`:                  `"x" "2" > & "1" &`,
		`a '&&' "|" \  \\`:          `"a" "&&" "|" " " "\\"`,
		`C:\in\x`:                   `"C:\\in\\x"`,
		`go build -o $(pwd)/x "$y"`: `"go" "build" "-o" "$(pwd)/x"[12] "$y"[22]`,
		"a`b c`d '$e' *.go":         "\"a`b c`d\"[1] \"$e\" \"*.go\"[13]",
		`~/x a~ "~" [ab]?`:          `"~/x"[0] "a~" "~" "[ab]?"[11 15]`,
		`$(a "(b)") c`:              `"$(a \"(b)\")"[0] "c"`,
		`a "b`:                      `"a" "b" column 3: the quote " is not closed`,
		`a b$(c`:                    `"a" "b"[3] column 4: what begins with $ has no end`,
	} {
		tokens, err := Scan(in, Script)
		var got []string
		for _, token := range tokens {
			text := strconv.Quote(token.Text)
			if token.Operator {
				text = token.Text
			}
			if token.Special != nil {
				text += fmt.Sprint(token.Special)
			}
			got = append(got, text)
			if raw := in[token.From:token.To]; err == nil && raw != token.Text && !strings.ContainsAny(raw, `'"\`) {
				t.Errorf("%q: %q is at %q", in, token.Text, raw)
			}
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q:\nhave %s\nwant %s", in, strings.Join(got, " "), want)
		}
	}
}
