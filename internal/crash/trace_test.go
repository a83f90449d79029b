package crash

import (
	"reflect"
	"strings"
	"testing"
)

const deadlock = `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [sync.Mutex.Lock]:
internal/sync.runtime_SemacquireMutex(0x35352fd341e0?, 0x38?, 0x411dfd?)
	/usr/local/go/src/runtime/sema.go:95 +0x25
sync.(*Mutex).Lock(...)
	/usr/local/go/src/sync/mutex.go:46
main.main()
	/code/me/my project/main.go:8 +0x5f

goroutine 5 [select]:
main.other()
	/code/me/other.go:1 +0x1
exit status 2`

var deadlockFrames = []Frame{
	{Func: "internal/sync.runtime_SemacquireMutex", File: "/usr/local/go/src/runtime/sema.go", Line: 95},
	{Func: "sync.(*Mutex).Lock", File: "/usr/local/go/src/sync/mutex.go", Line: 46, Inlined: true},
	{Func: "main.main", File: "/code/me/my project/main.go", Line: 8},
}

const dataRace = `==================
WARNING: DATA RACE
Read at 0x00c000018108 by goroutine 8:
  main.(*counter).add()
      /tmp/dr/main.go:7 +0x36
  main.main.func1()
      /tmp/dr/main.go:13 +0x31

Previous write at 0x00c000018108 by main goroutine:
  main.(*counter).add()
      /tmp/dr/main.go:7 +0x104

Goroutine 8 (running) created at:
  main.main()
      /tmp/dr/main.go:12 +0xe4
==================
3
Found 1 data race(s)
exit status 66`

var dataRaceTrace = Trace{Kind: "data race", Message: "Read at 0x00c000018108 by goroutine 8", Frames: []Frame{
	{Func: "main.(*counter).add", File: "/tmp/dr/main.go", Line: 7},
	{Func: "main.main.func1", File: "/tmp/dr/main.go", Line: 13},
}}

const simple = `panic: boom

goroutine 7 [running]:
main.f({0x1, 0x2}, 0xc000012345)
	/a/f.go:3 +0x1d
created by main.main in goroutine 1
	/a/main.go:9 +0x2`

var simpleTrace = Trace{Kind: "panic", Message: "boom", Frames: []Frame{{Func: "main.f", File: "/a/f.go", Line: 3}}}

// each puts a prefix, which may depend on the line's number, before each line.
func each(s string, prefix func(i int) string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = prefix(i) + lines[i]
	}
	return strings.Join(lines, "\n")
}

func TestParse(t *testing.T) {
	clock := func(i int) string { return "2026/11/23 12:00:0" + string(rune('0'+i%10)) + " " }
	tests := []struct {
		name string
		in   string
		want Trace // none if it has no Kind
	}{
		{"nothing", "", Trace{}},
		{"no crash", "listening\nGET / 200\n", Trace{}},
		{"simple", "listening\n" + simple, simpleTrace},
		{"deadlock", deadlock, Trace{Kind: "fatal error", Message: "all goroutines are asleep - deadlock!", Frames: deadlockFrames}},
		{"race", dataRace, dataRaceTrace},
		{"the last of two", dataRace + "\n" + simple + "\nexit status 2", simpleTrace},
		{"the last of two, race", simple + "\n\n" + dataRace, dataRaceTrace},
		{"container", each(simple, func(int) string { return "api-1  | " }), simpleTrace},
		{"times", each(simple, clock), simpleTrace},
		{"race with times", each(dataRace, clock), dataRaceTrace},
		{"colours", "\x1b[31m" + strings.ReplaceAll(simple, "\n", "\x1b[0m\r\n\x1b[1;31m") + "\x1b[0m", simpleTrace},
		{"a stranger's line between", strings.Replace(simple, "\n\t/a/f.go", "\nGET /x 200\n\t/a/f.go", 1), simpleTrace},
		{"cut off", "panic: boom\n\ngoroutine 7 [running]:\nmain.f()", Trace{Kind: "panic", Message: "boom"}},
		{
			"panicking twice",
			"panic: first [recovered]\n\tpanic: second\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]\n\ngoroutine 1 [running]:\nmain.f[...](...)\n\tC:/a b/f.go:3\npanic({0x1?, 0x2?})\n\tC:/go/src/runtime/panic.go:770 +0x132",
			Trace{Kind: "panic", Message: "second", Frames: []Frame{{Func: "main.f[...]", File: "C:/a b/f.go", Line: 3, Inlined: true}, {Func: "panic", File: "C:/go/src/runtime/panic.go", Line: 770}}},
		},
		{"repanicked", strings.Replace(simple, "boom", "boom [recovered, repanicked]", 1), simpleTrace},
		{"message on the second line", strings.Replace(simple, "boom", "\n\tboom\n\tmore", 1), simpleTrace},
		{
			"locked thread, many words",
			strings.Replace(simple, "[running]", "gp=0xc000002380 m=0 mp=0x5a [chan receive, 5 minutes, locked to thread]", 1),
			simpleTrace,
		},
		{"elided", strings.Replace(simple, "created by", "...23 frames elided...\ncreated by", 1), simpleTrace},
		{
			"the runtime's own stack",
			"runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw({0x1?, 0x1?})\n\t/go/panic.go:1 +0x4 fp=0x7f sp=0x7f pc=0x4\n\ngoroutine 1 gp=0x1 m=0 mp=0x2 [running]:\nmain.f(0x1)\n\t/a/f.go:4 +0x4 fp=0xc0 sp=0xc0 pc=0x49\n",
			Trace{Kind: "fatal error", Message: "stack overflow", Frames: []Frame{{Func: "main.f", File: "/a/f.go", Line: 4}}},
		},
		{
			"cgo",
			"SIGSEGV: segmentation violation\nPC=0x7f m=0 sigcode=1\nsignal arrived during cgo execution\n\ngoroutine 1 [syscall]:\nmain._Cfunc_f()\n\t_cgo_gotypes.go:39 +0x3f\n",
			Trace{Kind: "fatal error", Message: "SIGSEGV: segmentation violation", Frames: []Frame{{Func: "main._Cfunc_f", File: "_cgo_gotypes.go", Line: 39}}},
		},
		{
			"asked for",
			"up\nSIGQUIT: quit\nPC=0x47 m=0 sigcode=0\n\ngoroutine 1 [select]:\nmain.main()\n\t/a/main.go:9 +0x3f\n\nexit status 2\n",
			Trace{Kind: "goroutine dump", Message: "SIGQUIT: quit", Frames: []Frame{{Func: "main.main", File: "/a/main.go", Line: 9}}},
		},
		{"GOTRACEBACK=none", "up\npanic: boom\n\nexit status 2\n", Trace{Kind: "panic", Message: "boom"}},

		{"only a log line", "panic: at the disco\nGET / 200", Trace{}},
		{"gcc", "x.c:1:10: fatal error: foo.h: No such file or directory", Trace{}},
		{"a signal's log", "SIGTERM: stopping", Trace{}},
		{"net/http", "2026/11/23 12:00:00 http: panic serving 127.0.0.1:1: boom\ngoroutine 35 [running]:\nmain.f()\n\t/a/f.go:3 +0x1\n", Trace{}},
		{"recovered and logged", "2026/11/23 12:00:00 recovered panic: boom\ngoroutine 35 [running]:\nmain.f()\n\t/a/f.go:3 +0x1\n", Trace{}},
		{"recovered and printed", "panic: boom\ngoroutine 35 [running]:\nruntime/debug.Stack()\n\t/go/stack.go:26 +0x1\nmain.f()\n\t/a/f.go:3 +0x1\n", Trace{}},
		{"logged, then a crash", "2026/11/23 12:00:00 recovered panic: x\ngoroutine 3 [running]:\nmain.g()\n\t/a/g.go:3 +0x1\n\n" + simple, simpleTrace},
		{"a race without its accesses", "WARNING: DATA RACE\nnot really", Trace{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := Parse(strings.Split(test.in, "\n"))
			got.Goroutines = nil // see TestGoroutines
			if ok != (test.want.Kind != "") || ok && !reflect.DeepEqual(got, test.want) {
				t.Errorf("\n got %v %+v\nwant %+v", ok, got, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{simple, deadlock, dataRace} {
		f.Add(s)
		f.Add(each(s, func(int) string { return "é | " }))
	}
	f.Fuzz(func(t *testing.T, s string) {
		trace, ok := Parse(strings.Split(s, "\n"))
		if strings.Contains(trace.Message, "\n") || ok == (trace.Kind == "") {
			t.Errorf("%+v", trace)
		}
		for _, f := range trace.Frames {
			if f.Func == "" || f.File == "" {
				t.Errorf("%+v", f)
			}
		}
	})
}
