//go:build unix

package runner

import (
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// BenchmarkStart measures from the start of a program to its first output, under
// supervision and without, and to the end of everything.
func BenchmarkStart(b *testing.B) {
	b.Run("exec", func(b *testing.B) {
		var first time.Duration
		for b.Loop() {
			begun := time.Now()
			cmd := exec.Command(os.Args[0], "play", "exit", "0")
			out, err := cmd.StdoutPipe()
			if err != nil {
				b.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			out.Read(make([]byte, 1))
			first += time.Since(begun)
			cmd.Wait()
		}
		b.ReportMetric(float64(first.Microseconds())/float64(b.N), "µs-to-output")
	})
	b.Run("supervised", func(b *testing.B) {
		var first time.Duration
		for b.Loop() {
			begun := time.Now()
			var once sync.Once
			p, err := Start(Spec{Path: os.Args[0], Args: []string{"play", "exit", "0"}}, func([]Line) {
				once.Do(func() { first += time.Since(begun) })
			})
			if err != nil {
				b.Fatal(err)
			}
			<-p.Done()
		}
		b.ReportMetric(float64(first.Microseconds())/float64(b.N), "µs-to-output")
	})
}

// BenchmarkFlood measures the way from a program's pipe to emit.
func BenchmarkFlood(b *testing.B) {
	b.SetBytes(200_000 * 100)
	for b.Loop() {
		p, err := Start(Spec{Path: os.Args[0], Args: []string{"play", "torrent", "200000"}}, func([]Line) {})
		if err != nil {
			b.Fatal(err)
		}
		<-p.Done()
	}
}
