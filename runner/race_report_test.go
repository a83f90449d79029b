package runner

import (
	"reflect"
	"strings"
	"testing"
)

var raceSides = []Goroutine{
	{
		Title: "Read at 0x00c000018108 by goroutine 8", Count: 1, Created: &Frame{Func: "main.main", File: "/tmp/dr/main.go", Line: 12},
		Frames: []Frame{{Func: "main.(*counter).add", File: "/tmp/dr/main.go", Line: 7}, {Func: "main.main.func1", File: "/tmp/dr/main.go", Line: 13}},
	},
	{
		Title: "Previous write at 0x00c000018108 by main goroutine", Count: 1,
		Frames: []Frame{{Func: "main.(*counter).add", File: "/tmp/dr/main.go", Line: 7}},
	},
}

// Both accesses are kept, with where their goroutines were created.
func TestRaceSides(t *testing.T) {
	got, ok := ParseTrace(strings.Split(dataRace, "\n"))
	if !ok || !reflect.DeepEqual(got.Goroutines, raceSides) {
		t.Errorf("%t\nhave %+v\nwant %+v", ok, got.Goroutines, raceSides)
	}
}

// In the live stream a report counts once it is whole, in whatever pieces it
// comes and whatever the other stream says meanwhile.
func TestRaceReports(t *testing.T) {
	report := dataRace[:strings.LastIndex(dataRace, "\n3\n")]
	var endless strings.Builder
	for range maxRaceLines + 1 {
		endless.WriteString("x\n")
	}
	for _, c := range []struct {
		name, in string
		want     int
	}{
		{"nothing", "listening\nGET / 200", 0},
		{"one", "listening\n" + report + "\nGET / 200", 1},
		{"two", report + "\n" + report, 2},
		{"not at its end yet", strings.TrimSuffix(report, raceEnd), 0},
		{"with a prefix", each(report, func(int) string { return "api | " }), 1},
		{"amid a colour", each(report, func(int) string { return "\x1b[31m" }) + "\x1b[m", 1},
		{"each line in a colour", strings.ReplaceAll(each(report, func(int) string { return "\x1b[31m" }), "\n", "\x1b[m\n") + "\x1b[m", 1},
		{"with a coloured prefix", each(report, func(int) string { return "\x1b[31mapi |\x1b[m " }), 1},
		{"something else", "WARNING: DATA RACE\nis what the test looks for\n==================\n" + report, 1},
		{"without an end", "WARNING: DATA RACE\n" + endless.String() + "\n" + report, 1},
		{"ends of lines", strings.ReplaceAll(report, "\n", "\r\n"), 1},
	} {
		for _, size := range []int{1, 3, 1000} {
			var r Races
			var found []Trace
			var batch []Line
			for i, text := range append(strings.Split(c.in, "\n"), "") {
				batch = append(batch, Line{Stream: Stderr, Text: text}, Line{Stream: Stdout, Text: "=================="})
				if i%size == 0 {
					var more []Trace
					r, more = r.Feed(batch)
					found, batch = append(found, more...), nil
				}
			}
			r, more := r.Feed(batch)
			found = append(found, more...)
			if len(found) != c.want {
				t.Errorf("%s, %d at a time: %d reports, want %d", c.name, size, len(found), c.want)
			}
			for _, f := range found {
				if f.Kind != "data race" || !reflect.DeepEqual(f.Goroutines, raceSides) {
					t.Errorf("%s: %+v", c.name, f)
				}
			}
			if len(r.lines) > maxRaceLines {
				t.Errorf("%s: %d lines are kept", c.name, len(r.lines))
			}
		}
	}
}

// What was fed once goes on from there, also a second time.
func TestRaceReportsAreValues(t *testing.T) {
	lines := func(s string) (out []Line) {
		for _, text := range strings.Split(s, "\n") {
			out = append(out, Line{Stream: Stderr, Text: text})
		}
		return out
	}
	at := strings.Index(dataRace, "Previous write")
	half, _ := Races{}.Feed(lines(dataRace[:at-1]))
	half.Feed(lines("garbage\nand more\n" + strings.Repeat("of it\n", 20)))
	_, found := half.Feed(lines(dataRace[at:]))
	if len(found) != 1 || !reflect.DeepEqual(found[0].Goroutines, raceSides) {
		t.Errorf("%+v", found)
	}
}

func TestSame(t *testing.T) {
	a, _ := ParseTrace(strings.Split(dataRace, "\n"))
	b, _ := ParseTrace(strings.Split(strings.NewReplacer("0x00c000018108", "0x00c0000aaaaa", "oroutine 8", "oroutine 9").Replace(dataRace), "\n"))
	c, _ := ParseTrace(strings.Split(strings.ReplaceAll(dataRace, "main.go:13", "main.go:14"), "\n"))
	p, _ := ParseTrace(strings.Split(simple, "\n"))
	q, _ := ParseTrace(strings.Split(strings.Replace(simple, "boom", "bang", 1), "\n"))
	if !a.Same(b) || a.Same(c) || a.Same(p) || p.Same(q) || !p.Same(p) {
		t.Error(a.Same(b), a.Same(c), a.Same(p), p.Same(q), p.Same(p))
	}
}
