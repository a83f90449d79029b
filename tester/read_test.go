package tester_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tester"
)

// What go test printed of tests that fail in every way is understood: each stream was
// recorded once, and beside it is what a reader is shown of it.
func TestStreams(t *testing.T) {
	files, err := filepath.Glob("testdata/streams/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no streams: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := read(t, string(text))
			golden := strings.TrimSuffix(file, ".json") + ".txt"
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// read gives what there is to say of a stream.
func read(t *testing.T, stream string) string {
	t.Helper()
	source := map[string]string{ // lines of the recorded tests
		"/m/plain/plain_test.go:21": "t.Log(\"a log line\")",
		"/m/plain/plain_test.go:31": "t.Log(\"only said\")",
	}
	r := tester.NewReader(1, false, tester.Sources{
		Excerpt: func(file string, line int) ([]string, int) {
			if text, ok := source[fmt.Sprintf("%s:%d", file, line)]; ok {
				return []string{text}, line
			}
			return []string{"the source"}, line
		},
		Own:   func(file string) bool { return strings.HasPrefix(file, "/m/") },
		DirOf: func(pkg string) string { return "/m/" + strings.TrimPrefix(pkg, "ex.com/fail/") },
	})
	var out strings.Builder
	for line := range strings.Lines(stream) {
		var e builder.TestEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Action == "fail" && strings.Contains(line, "FailedBuild") { // package builder finds these
			e.Diagnostics = []builder.Diagnostic{{Message: "it does not build"}}
		}
		result, ok := r.Read(e)
		if !ok || result.Outcome == tester.PackageRunning {
			continue
		}
		fmt.Fprintf(&out, "%s %s: %d passed, %d skipped, %d failed\n", result.Package, result.Outcome, result.Passed, result.Skipped, len(result.Failures))
		for _, b := range result.Benchmarks {
			fmt.Fprintf(&out, "bench: %s\n", b)
		}
		for _, f := range result.Failures {
			out.WriteString("\n" + words.TestFailure("/m", tester.State{}, f))
			for i, sign := range tester.Signs(f.Message) {
				if sign != 0 {
					fmt.Fprintf(&out, "    %c %s\n", sign, f.Message[i])
				}
			}
		}
	}
	return out.String()
}

// Of a part of the tests, those that ran are named: what is known of the others remains.
func TestRanAlone(t *testing.T) {
	for _, partial := range []bool{true, false} {
		r := tester.NewReader(1, partial, tester.Sources{})
		var last tester.Result
		for _, e := range []builder.TestEvent{
			{Action: "run", Test: "TestSum"}, {Action: "run", Test: "TestSum/one"},
			{Action: "pass", Test: "TestSum/one"}, {Action: "pass", Test: "TestSum"}, {Action: "pass"},
		} {
			e.Package = "m"
			last, _ = r.Read(e)
		}
		var want []string
		if partial {
			want = []string{"TestSum", "TestSum/one"}
		}
		if last.Outcome != tester.PackagePassed || !slices.Equal(last.Ran, want) {
			t.Errorf("partial %t: %s, ran %v, want %v", partial, last.Outcome, last.Ran, want)
		}
	}
}

// FuzzReader: whatever a test prints, and in whatever order, its package has one outcome.
func FuzzReader(f *testing.F) {
	f.Add("run TestA\noutput TestA    a_test.go:7: got 1\nfail TestA\noutput FAIL\nfail\n")
	f.Add("run TestA/b\npass TestA\noutput TestA panic: x [recovered]\noutput goroutine 1 [running]:\nfail\n")
	f.Add("bench BenchmarkX\nskip TestA\npass\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := tester.NewReader(1, false, tester.Sources{
			Excerpt: func(string, int) ([]string, int) { return nil, 0 },
			Own:     func(string) bool { return true }, DirOf: func(string) string { return "/m" },
		})
		ended := 0
		read := func(e builder.TestEvent) {
			e.Package = "m"
			if result, ok := r.Read(e); ok && result.Outcome != tester.PackageRunning {
				ended++
			}
		}
		for line := range strings.Lines(text) {
			action, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			test, output, _ := strings.Cut(rest, " ")
			if test == "" && (action == "pass" || action == "fail" || action == "skip") {
				continue
			}
			read(builder.TestEvent{Action: action, Test: test, Output: output + "\n"})
		}
		if read(builder.TestEvent{Action: "fail"}); ended != 1 {
			t.Errorf("%d outcomes", ended)
		}
	})
}
