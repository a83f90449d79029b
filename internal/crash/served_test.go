package crash

import (
	"reflect"
	"strings"
	"testing"
)

const servedReport = `2026/11/26 10:29:30 http: panic serving 127.0.0.1:59486: runtime error: index out of range [3] with length 2
goroutine 7 [running]:
net/http.(*conn).serve.func1()
	/go/src/net/http/server.go:1897 +0xbd
panic({0x7e1620?, 0x899920?})
	/go/src/runtime/panic.go:860 +0x13a
runtime.panicIndex(0x3)
	/go/src/runtime/panic.go:100 +0x13a
main.inner(...)
	/p/main.go:7
main.main.func2({0x10?, 0x48ecf2?}, 0x2d128f3e9af8?)
	/p/main.go:19 +0x25
net/http.HandlerFunc.ServeHTTP(0xc17ec0?, {0x89fe48?, 0x2d128f492000?}, 0x728c56?)
	/go/src/net/http/server.go:2286 +0x29
net/http.(*conn).serve(0x2d128f3f01b0, {0x8a07e0, 0x2d128f3a3890})
	/go/src/net/http/server.go:2067 +0x690
created by net/http.(*Server).Serve in goroutine 1
	/go/src/net/http/server.go:3464 +0x485
`

// A handler's panic is reported with its last line, by the frames that are not
// net/http's, whatever the other stream has between.
func TestPanics(t *testing.T) {
	var p Panics
	var got []Trace
	feed := func(stream, line string) {
		var one Trace
		var found bool
		if p, one, found = p.Feed(stream, line); found {
			got = append(got, one)
		}
	}
	for range 2 {
		for line := range strings.Lines(servedReport) {
			feed("stderr", strings.TrimSuffix(line, "\n"))
			feed("stdout", "GET /")
		}
	}
	want := Trace{Kind: HandlerPanic, Message: "runtime error: index out of range [3] with length 2", Frames: []Frame{{Func: "main.inner", File: "/p/main.go", Line: 7, Inlined: true}, {Func: "main.main.func2", File: "/p/main.go", Line: 19}}}
	if len(got) != 2 || !reflect.DeepEqual(got[0], want) || !got[0].Same(got[1]) {
		t.Errorf("%+v", got)
	}
}

// One that is cut off is none, and neither is a line that looks like its beginning.
func TestPanicsCutOff(t *testing.T) {
	for _, text := range []string{
		strings.Split(servedReport, "created by")[0] + strings.Repeat("x\n", 1000) + "created by x\n\ty:1\n",
		"http: panic serving cake\ncreated by x\nat noon\n",
	} {
		var p Panics
		var found bool
		for line := range strings.Lines(text) {
			if p, _, found = p.Feed("stderr", strings.TrimSuffix(line, "\n")); found {
				t.Errorf("%.80q", text)
			}
		}
		if p.lines != nil {
			t.Error("goes on")
		}
	}
}
