//go:build linux && amd64

package live

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Many generations of everything, while goroutines of every kind run and the
// collector does. HOTDEV_LIVE_GENERATIONS is how many. The long run, with the
// same program under hotdev, is go run ./bench/torture live.
func TestStress(t *testing.T) {
	generations := 4
	if os.Getenv("HOTDEV_LONG") != "" { // .ci/run sets it
		generations = 40
	}
	if s := os.Getenv("HOTDEV_LIVE_GENERATIONS"); s != "" {
		generations, _ = strconv.Atoi(s)
	}
	l := newLab(t, "../../../bench/torture/testdata/stress")
	r := l.start(t)
	const file = "store/store.go"
	base := string(l.base[module+"/store"].Files[0].Text)
	for g := 2; g <= generations+1; g++ {
		text := strings.Replace(base, "const V = 1\n", fmt.Sprintf("const V = %d\n", g), 1)
		text = strings.Replace(text, "//PAD", strings.Repeat("\n", g%7), 1)
		// A type, a variable, a function and an instance of a generic function. The
		// program can make types by reflection, so later toolchains refuse new maps.
		if g%3 == 0 && l.tc.modules.sizes["typelinks"] > 0 {
			text += fmt.Sprintf("\ntype nt%[1]d struct{ a string; p *int }\nvar ng%[1]d = &nt%[1]d{}\nfunc newf%[1]d() any { ng%[1]d = &nt%[1]d{fmt.Sprint(V), &one}; return Sorted(map[string]nt%[1]d{\"q\": *ng%[1]d}) }\n", g)
			text = strings.Replace(text, "return len(fmt.Sprint(n))*0", fmt.Sprintf("return len(fmt.Sprint(newf%d()))*0 + len(fmt.Sprint(n))*0", g), 1)
		}
		before := string(r.now[module+"/store"].Files[0].Text)
		a, o := r.apply(edit{file, before, text})
		if o != nil {
			t.Fatalf("generation %d: %v", g, o)
		}
		if g%20 == 0 || g == generations+1 {
			t.Logf("generation %d: %d functions, %d bytes, stopped %v, patched in %v: %s", g, len(a.Functions), a.Bytes, a.Stopped, r.patched, r.ask("state"))
		}
	}
	// Every function has to come to its newest version.
	want := fmt.Sprint(generations + 1)
	for began, last := time.Now(), ""; ; { // the program always works: patience would never end
		var calls, wrong, collected, count, low string
		answer := r.ask("state")
		if _, err := fmt.Sscan(answer, &calls, &wrong, &collected, &count, &low); err != nil {
			t.Fatalf("%q: %v", answer, err)
		}
		if wrong != "0" {
			t.Fatalf("%s wrong answers\n%s", wrong, r.text)
		}
		if low == want {
			break
		}
		if low != last {
			began, last = time.Now(), low
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("for a minute a function has been at version %s, want %s", low, want)
		}
	}
	if r.text.Len() > 0 {
		t.Errorf("the program says %s", r.text)
	}
}
