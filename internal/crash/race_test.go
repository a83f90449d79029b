package crash

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
	got, ok := Parse(strings.Split(dataRace, "\n"))
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
		var r Races
		var found []Trace
		for _, text := range append(strings.Split(c.in, "\n"), "") {
			var more []Trace
			r, more = feed(r, text)
			found = append(found, more...)
		}
		if len(found) != c.want {
			t.Errorf("%s: %d reports, want %d", c.name, len(found), c.want)
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

// feed gives the lines of text to r, with a line of the other stream after each.
func feed(r Races, text string) (_ Races, found []Trace) {
	colours := newGrammar().colours
	for line := range strings.SplitSeq(text, "\n") {
		for _, l := range []struct{ stream, text string }{{"stderr", colours.ReplaceAllString(line, "")}, {"stdout", raceEnd}} {
			var t Trace
			var ok bool
			if r, t, ok = r.Feed(l.stream, l.text); ok {
				found = append(found, t)
			}
		}
	}
	return r, found
}

// What was fed once goes on from there, also a second time.
func TestRaceReportsAreValues(t *testing.T) {
	at := strings.Index(dataRace, "Previous write")
	half, _ := feed(Races{}, dataRace[:at-1])
	feed(half, "garbage\nand more\n"+strings.Repeat("of it\n", 20))
	_, found := feed(half, dataRace[at:])
	if len(found) != 1 || !reflect.DeepEqual(found[0].Goroutines, raceSides) {
		t.Errorf("%+v", found)
	}
}

func TestSame(t *testing.T) {
	a, _ := Parse(strings.Split(dataRace, "\n"))
	b, _ := Parse(strings.Split(strings.NewReplacer("0x00c000018108", "0x00c0000aaaaa", "oroutine 8", "oroutine 9").Replace(dataRace), "\n"))
	c, _ := Parse(strings.Split(strings.ReplaceAll(dataRace, "main.go:13", "main.go:14"), "\n"))
	p, _ := Parse(strings.Split(simple, "\n"))
	q, _ := Parse(strings.Split(strings.Replace(simple, "boom", "bang", 1), "\n"))
	if !a.Same(b) || a.Same(c) || a.Same(p) || p.Same(q) || !p.Same(p) {
		t.Error(a.Same(b), a.Same(c), a.Same(p), p.Same(q), p.Same(p))
	}
}
