package words

import (
	"testing"

	"github.com/hotdev/hotdev/engine"
)

func TestCause(t *testing.T) {
	for _, c := range []struct {
		cause engine.Cause
		want  string
	}{
		{engine.Cause{Kind: "start"}, "first build"},
		{engine.Cause{Kind: "save"}, "files saved"},
		{engine.Cause{Kind: "save", Paths: []string{"/p/a/a.go"}}, "a/a.go saved"},
		{engine.Cause{Kind: "save", Paths: []string{"/p/a.go", "/p/b.go", "/p/c.go"}}, "a.go and 2 more saved"},
		// What was saved before, while saves were only remembered, is not the cause.
		{engine.Cause{Kind: "key", Paths: []string{"/p/a.go"}}, "asked for by key"},
		{engine.Cause{Kind: "config", Paths: []string{"/p/a.go"}}, "configuration changed"},
		{engine.Cause{Kind: "crash"}, "restarted after a crash"},
		{engine.Cause{Kind: "back"}, "went back"},
	} {
		if got := Cause("/p", c.cause); got != c.want {
			t.Errorf("%v: %q, want %q", c.cause, got, c.want)
		}
	}
}

func TestPath(t *testing.T) {
	for _, c := range []struct{ dir, file, want string }{
		{"/p", "/p/a/b.go", "a/b.go"},
		{"/p", "/p/..a/b.go", "..a/b.go"},
		{"/p", "/q/b.go", "/q/b.go"},
		{"/p/q", "/r/b.go", "/r/b.go"},
		{"/p/q", "/p", "/p"},
		{"", "/r/b.go", "/r/b.go"},
		{"/p", "", ""},
	} {
		if got := Path(c.dir, c.file); got != c.want {
			t.Errorf("in %s, %s is %q, want %q", c.dir, c.file, got, c.want)
		}
	}
}
