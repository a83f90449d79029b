package builder

import (
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
)

// quick finds what go list -find finds, and leaves to it whatever is unusual.
func TestQuick(t *testing.T) {
	const mod, main = "module ex.com/Quick/v2\n\ngo 1.24\n", "package main\n\nfunc main() {}\n"
	dir := testModule(t, `
-- plain/go.mod --
`+mod+`
-- plain/main.go --
`+main+`
-- plain/cmd/x/main.go --
`+main+`
-- plain/cmd/x/main_test.go --
package main_test
-- plain/lib/lib.go --
package lib
-- plain/mixed/main.go --
`+main+`
-- plain/mixed/lib.go --
package lib
-- plain/broken/main.go --
pakage main
-- plain/tagged/main.go --
//go:build tagged

`+main+`
-- plain/named/main_windows.go --
`+main+`
-- plain/cgo/main.go --
package main

import "C"

func main() {}
-- [x]/go.mod --
`+mod+`
-- [x]/main.go --
`+main+`
-- vendor/go.mod --
`+mod+`
-- vendor/main.go --
`+main+`
-- vendor/vendor/modules.txt --
-- replace/go.mod --
`+mod+`
replace ex.com/gone => ../gone
-- replace/main.go --
`+main+`
-- require/go.mod --
`+mod+`
require (
	ex.com/missing v1.0.0 // indirect
)
-- require/main.go --
`+main+`
-- bad/go.mod --
`+mod+`
foo
-- bad/main.go --
`+main+`
-- future/go.mod --
module ex.com/future

go 1.99
-- future/main.go --
`+main+`
-- work/go.work --
go 1.24

use (
	./a
	./b
)
-- work/a/go.mod --
module ex.com/a

go 1.24
-- work/a/main.go --
`+main+`
-- work/b/go.mod --
module ex.com/b

go 1.24
-- nomod/main.go --
`+main+`
`)
	for _, c := range []struct {
		in, name string
		flags    []string
		ok       bool
	}{
		{"plain", ".", nil, true},
		{"plain", "./cmd/x", []string{"-tags=x"}, true},
		{"plain/cmd/x", "../..", nil, true},
		{"[x]", ".", nil, runtime.GOOS != "windows"}, // where patterns have no escapes
		{"plain", ".", []string{"-mod=mod"}, false},
		{"plain", ".", []string{"-overlay", "none.json"}, false},
		{"plain", "ex.com/Quick/v2", nil, false},
		{"plain", "./...", nil, false},
		{"plain", "./none", nil, false},
		{"plain/lib", ".", nil, false},
		{"plain/mixed", ".", nil, false},
		{"plain/broken", ".", nil, false},
		{"plain/tagged", ".", nil, false},
		{"plain/named", ".", nil, false},
		{"plain/cgo", ".", nil, false},
		{"vendor", ".", nil, false},
		{"replace", ".", nil, false},
		{"require", ".", nil, false},
		{"bad", ".", nil, false},
		{"future", ".", nil, false},
		{"work/a", ".", nil, false},
		{"nomod", ".", nil, false},
	} {
		b := New()
		q := query{b: b, req: Request{Dir: filepath.Join(dir, filepath.FromSlash(c.in)), Flags: c.flags, Env: goEnviron("GOFLAGS=", "GOTOOLCHAIN=local")}}
		got, ok := q.quick(t.Context(), c.name)
		if ok != c.ok {
			t.Errorf("%s in %s: %v, want %v", c.name, c.in, ok, c.ok)
		}
		if !ok {
			continue
		}
		found, err := q.list(t.Context(), c.name)
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		if want := q.target(found[0]); !reflect.DeepEqual(got, want) {
			t.Errorf("%s in %s: %+v, and go list finds %+v", c.name, c.in, got, want)
		}
	}
}

func TestHasModules(t *testing.T) {
	dir := testModule(t, `
-- cache/download/ex.com/!up/@v/v1.0.0-!r!c1.mod --
-- all/go.mod --
module ex.com/m // a comment

go 1.24

require ex.com/Up v1.0.0-RC1 // indirect
-- none/go.mod --
module ex.com/m

require (
	ex.com/Up v1.0.0-RC1

	ex.com/up v1.0.0-RC1
)
-- more/go.mod --
module ex.com/m

exclude ex.com/Up v1.0.0-RC1
`)
	cache := filepath.Dir(filepath.Join(dir, "cache"))
	for in, want := range map[string]bool{"all": true, "none": false, "more": false, "gone": false} {
		if got := hasModules(filepath.Join(dir, in, "go.mod"), cache); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}
