package runner

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
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
		{in: `ü 'ß é'`, want: []string{"ü", "ß é"}},
		{in: `a && b > c`, want: []string{"a", "&&", "b", ">", "c"}},
		{in: `é 'b`, err: "column 3: the quote ' is not closed"},
		{in: `a "b 'c`, err: `column 3: the quote " is not closed`},
		{in: `ab\`, err: "column 3: nothing follows the backslash"},
	}
	for _, test := range tests {
		got, err := Split(test.in)
		if !slices.Equal(got, test.want) || (err != nil) != (test.err != "") || err != nil && err.Error() != test.err {
			t.Errorf("Split(%q) = %q, %v; want %q, %s", test.in, got, err, test.want, test.err)
		}
	}
}
