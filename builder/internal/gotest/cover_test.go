package gotest

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const covered = `package cart

// Total adds up.
func Total(prices []int) (sum int) {
	for _, p := range prices {
		if p < 0 {
			// nobody pays us
			p = 0

			sum += p
		} else {
			sum += p
		}
	}
	print(` + "`" + `a
b` + "`" + `)
	if sum > 9 {
		panic("much")
	}
	return
}

var half = func(n int) int { return n / 2 }
`

// The profile is of two test binaries, each with one of the branches.
const profiled = `mode: set
m/cart/cart.go:4.37,5.27 1 1
m/cart/cart.go:5.27,6.12 1 1
m/cart/cart.go:6.12,11.4 2 0
m/cart/cart.go:11.10,13.4 1 0
m/cart/cart.go:15.2,17.13 2 1
m/cart/cart.go:17.13,19.3 1 0
m/cart/cart.go:20.2,20.8 1 1
m/cart/cart.go:23.28,23.42 1 0
m/cart/cart.go:11.10,13.4 1 7
m/cart/cart.go:17.13,19.3 1 0
`

func TestCoverage(t *testing.T) {
	dir := t.TempDir()
	source, profile := filepath.Join(dir, "cart.go"), filepath.Join(dir, "profile")
	write := func(file, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(source, covered)
	write(profile, profiled)
	g := Graph{Packages: []Package{{ImportPath: "m/cart", Dir: dir, Files: []string{source}}}}
	lines := func(from, to int) Missed {
		return Missed{Span{from, to}, strings.Split(covered, "\n")[from-1 : to]}
	}
	for _, c := range []struct {
		name     string
		profile  string
		measured []string
		lines    []Span
		want     []FileCoverage
	}{
		{"all", profile, []string{"m/cart"}, []Span{{1, 24}}, []FileCoverage{{Lines: 11, Covered: 7, Missed: []Missed{lines(8, 10), lines(18, 18), lines(23, 23)}}}},
		{"part", profile, []string{"m/cart"}, []Span{{5, 8}, {12, 13}}, []FileCoverage{{Lines: 4, Covered: 3, Missed: []Missed{lines(8, 8)}}}},
		{"no code", profile, []string{"m/cart"}, []Span{{1, 4}, {7, 7}, {9, 9}}, nil},
		{"the file has become shorter", profile, []string{"m/cart"}, []Span{{20, 99}}, []FileCoverage{{Lines: 2, Covered: 1, Missed: []Missed{lines(23, 23)}}}},
		{"nothing ran", filepath.Join(dir, "none"), []string{"m/cart"}, []Span{{18, 18}}, []FileCoverage{{Lines: 1, Missed: []Missed{lines(18, 18)}}}},
		{"no test contains it", filepath.Join(dir, "none"), nil, []Span{{17, 24}}, []FileCoverage{{Lines: 4, Missed: []Missed{lines(17, 20), lines(23, 23)}, Untested: true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.want {
				c.want[i].File = source
			}
			got, err := Coverage(g, c.profile, c.measured, []Change{{File: source, Lines: c.lines}, {File: filepath.Join(dir, "excluded.go"), Lines: []Span{{1, 9}}}})
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
	write(profile, "mode: set\nm/cart/cart.go is fine\n")
	if _, err := Coverage(g, profile, nil, nil); err == nil || !strings.Contains(err.Error(), "is fine") {
		t.Errorf("an unknown line: %v", err)
	}
}
