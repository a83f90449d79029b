package argv

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The right values are those of the go command (go help environment, and what
// go env GOFLAGS and go build do with them).
func TestSplitQuoted(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
		err  string
	}{
		{"", nil, ""},
		{" \t\r\n", nil, ""},
		{"-race  -tags=a", []string{"-race", "-tags=a"}, ""},
		{"'-ldflags=-X=main.a=1 -X=main.b=2'", []string{"-ldflags=-X=main.a=1 -X=main.b=2"}, ""},
		{`"-ldflags=-s -w" -v`, []string{"-ldflags=-s -w", "-v"}, ""},
		{`-ldflags='-s -w'`, []string{"-ldflags='-s", "-w'"}, ""}, // quotes within count for nothing
		{`-tags="a b"`, []string{`-tags="a`, `b"`}, ""},
		{`"it's"`, []string{"it's"}, ""},
		{`'a'b`, []string{"a", "b"}, ""}, // an element ends with its quote
		{`''`, []string{""}, ""},
		{`a\ b`, []string{`a\`, "b"}, ""},
		{`C:\cc "C:\my cc"`, []string{`C:\cc`, `C:\my cc`}, ""},
		{"a\u00a0b", []string{"a\u00a0b"}, ""},
		{"-race '-ldflags=-s", nil, "unterminated ' string"},
		{`"`, nil, `unterminated " string`},
	} {
		got, err := SplitQuoted(c.in)
		if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%q: %q, %v; want %q, %q", c.in, got, err, c.want, c.err)
		}
	}
}

func TestJoinQuoted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		words := make([]string, rng.IntN(4))
		both := false
		for i := range words {
			for range rng.IntN(5) {
				words[i] += string([]rune(`ab -='"é`)[rng.IntN(8)])
			}
			both = both || strings.Contains(words[i], "'") && strings.Contains(words[i], `"`)
		}
		list, err := JoinQuoted(words)
		if both != (err != nil) {
			t.Fatalf("%q: %q, %v", words, list, err)
		}
		if back, err2 := SplitQuoted(list); err == nil && (err2 != nil || !slices.Equal(back, words)) {
			t.Fatalf("%q: %q, which is split into %q, %v", words, list, back, err2)
		}
	}
}
