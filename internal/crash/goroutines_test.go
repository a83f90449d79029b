package crash

import (
	"reflect"
	"strings"
	"testing"
)

// All stacks of a report are kept, equal ones counted, with where they began.
func TestGoroutines(t *testing.T) {
	const dump = `SIGQUIT: quit
PC=0x47a8c1 m=0 sigcode=0

goroutine 0 gp=0x5f3a40 m=0 mp=0x5f4e60 [idle]:
runtime.futex(0x5f4fa0, 0x80, 0x0, 0x0, 0x0, 0x0)
	/usr/local/go/src/runtime/sys_linux_amd64.s:557 +0x21

goroutine 1 gp=0xc000002380 m=nil [chan receive]:
main.main()
	/app/main.go:9 +0x5f

goroutine 7 gp=0xc000002390 m=nil [chan receive, 2 minutes]:
main.worker(0x1)
	/app/work.go:5 +0x1d
created by main.main in goroutine 1
	/app/main.go:7 +0x3c

goroutine 8 gp=0xc0000023a0 m=nil [chan receive, 2 minutes]:
main.worker(0x2)
	/app/work.go:5 +0x1d
created by main.main in goroutine 1
	/app/main.go:7 +0x3c

rax    0xca
`
	got, ok := Parse(strings.Split(dump, "\n"))
	begun := &Frame{Func: "main.main", File: "/app/main.go", Line: 7}
	want := []Goroutine{
		{Title: "idle", Count: 1, Frames: []Frame{{Func: "runtime.futex", File: "/usr/local/go/src/runtime/sys_linux_amd64.s", Line: 557}}},
		{Title: "chan receive", Count: 1, Frames: []Frame{{Func: "main.main", File: "/app/main.go", Line: 9}}},
		{Title: "chan receive, 2 minutes", Count: 2, Frames: []Frame{{Func: "main.worker", File: "/app/work.go", Line: 5}}, Created: begun},
	}
	if !ok || got.Kind != "goroutine dump" || !reflect.DeepEqual(got.Goroutines, want) {
		t.Errorf("%t %s\nhave %+v\nwant %+v", ok, got.Kind, got.Goroutines, want)
	}
}
