//go:build linux && amd64

package live

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// BenchmarkOpen is what learning a program costs, in processor time and in
// memory of this process.
func BenchmarkOpen(b *testing.B) {
	l := theApp(b)
	cpu := func() int64 {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := cpu()
	var held []*Host
	for b.Loop() {
		h, o := Open(Setup{Executable: l.program, Packages: l.packages(), Toolchain: l.tc})
		if o != nil {
			b.Fatal(o)
		}
		held = append(held[:0], h)
	}
	b.ReportMetric(float64(cpu()-before)/1e6/float64(b.N), "cpu-ms/op")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/1e6, "heap-MB")
	b.ReportMetric(float64(len(held[0].names)), "symbols")
}

// BenchmarkPatch is all but the compiler: compare, judge, link, apply.
func BenchmarkPatch(b *testing.B) {
	r := theApp(b).start(b)
	var total, stopped float64
	i := 0
	for b.Loop() {
		i++
		a, o := r.apply(edit{store, fmt.Sprintf(`"v%d %%s=%%d"`, i), fmt.Sprintf(`"v%d %%s=%%d"`, i+1)})
		if o != nil {
			b.Fatal(o)
		}
		total += float64(r.patched)
		stopped += float64(a.Stopped)
	}
	b.ReportMetric(total/1e6/float64(b.N), "patch-ms/op")
	b.ReportMetric(stopped/1e6/float64(b.N), "stopped-ms/op")
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			b.Logf("the program's memory after %d patches: %s", i, strings.TrimSpace(rest))
		}
	}
}
