package complaint

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestSuggest(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("pgx/conn.go", "package pgx\n\nfunc Connect() {}\nfunc connact() {}\nfunc Close() {}\n\ntype Rows struct{ Count int; hidden int }\nfunc (*Rows) Next() bool { return false }\n")
	write("pgx/conn_windows.go", "package pgx\n\nfunc ConnectX() {}\n")
	write("pgx/conn_plan9.go", "package pgx\n\nfunc ConnectX() {}\n")
	write("app/other.go", "package app\n\nconst maxItems = 3\n\ntype cart struct{ items []int; owner string; *base }\ntype base struct{}\nfunc (c *cart) Total() int { return 0 }\ntype list[T any] struct{ first T }\nfunc (l list[T]) Append(T) {}\n")
	file := write("app/app.go", `package app

import (
	"fmt"
	db "example.com/pgx/v5"
	"example.com/pgx/v5"
)

func handle(request string) {
	response := fmt.Sprint(1)
	for index, value := range request {
		_ = index
	}
	later := 1
}
func elsewhere() { unrelated := 1 }
`)
	folder := func(path string) string {
		if path == "example.com/pgx/v5" {
			return filepath.Join(dir, "pgx")
		}
		return ""
	}
	for _, c := range []struct {
		line    int
		message string
		want    []string
	}{
		{10, "undefined: pgx.Conect", []string{"Connect"}},
		{10, "undefined: db.connect", []string{"Connect"}},
		{10, "undefined: pgx.Frobnicate", nil},
		{10, "undefined: nowhere.Conect", nil},
		{11, "undefined: respnose", []string{"response"}},
		{11, "undefined: reqest", []string{"request"}},
		{11, "undefined: maxItem", []string{"maxItems"}},
		{11, "undefined: latre", nil}, // it comes after
		{11, "undefined: unrelate", nil},
		{11, "undefined: fnt", []string{"fmt", "int"}},
		{11, "undefined: x", nil},
		{11, "undefined: eror", []string{"error"}},
		{11, "undefined: pritnln", []string{"println"}},
		{11, "c.itms undefined (type cart has no field or method itms)", []string{"items"}},
		{11, "c.Totl undefined (type *cart has no field or method Totl)", []string{"Total"}},
		{11, "c.total undefined (type *cart has no field or method total, but does have method Total)", []string{"Total"}},
		{11, "l.Apend undefined (type list[int] has no field or method Apend)", []string{"Append"}},
		{11, "rows.Nex undefined (type *pgx.Rows has no field or method Nex)", []string{"Next"}},
		{11, "rows.hiden undefined (type pgx.Rows has no field or method hiden)", nil},
		{11, "unknown field onwer in struct literal of type cart", []string{"owner"}},
		{11, "unknown field Totl in struct literal of type cart", nil}, // a method is no field
		{11, "missing return", nil},
	} {
		list := withSuggestions([]Diagnostic{{File: file, Line: c.line, Message: c.message}}, folder)
		if got := list[0].Suggest; !slices.Equal(got, c.want) {
			t.Errorf("%s: suggested %q, want %q", c.message, got, c.want)
		}
	}
	// Nothing to read is no error.
	for _, d := range []Diagnostic{{Message: "undefined: a"}, {File: filepath.Join(dir, "gone.go"), Line: 3, Message: "undefined: abcdef"}} {
		if got := withSuggestions([]Diagnostic{d}, nil)[0].Suggest; got != nil {
			t.Errorf("%v: suggested %q", d, got)
		}
	}
}

func TestEchoes(t *testing.T) {
	dependsOn := func(pkg, other string) bool { return pkg > other && pkg < "d" } // c on b on a
	list := []Diagnostic{
		{Package: "a", Message: "undefined: x"}, {Package: "a", Message: "missing return"}, {Package: "a", Message: "undefined: x"},
		{Package: "c", Message: "too many arguments"}, {Package: "d", Message: "unused"}, {Message: "the linker failed"},
	}
	want := []bool{false, false, true, true, false, false}
	for i, d := range withEchoes(list, dependsOn) {
		if d.Echo != want[i] {
			t.Errorf("%s: %s: echo %t", d.Package, d.Message, d.Echo)
		}
	}
}
