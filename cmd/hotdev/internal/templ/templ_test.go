package templ

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What templ generates from a template is the same code after a change of text, also of
// one that moves lines, and another after any other change.
func TestRead(t *testing.T) {
	const file = "../../../../examples/shop/page/page_templ.go"
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, ok := parse(src)
	if !ok || len(f.Texts) < 5 || !strings.HasPrefix(f.Texts[0], `<!doctype html><html lang=\"en\">`) {
		t.Fatalf("texts: %q", f.Texts)
	}
	for _, c := range []struct {
		old, new   string
		same, well bool
	}{
		{"<h1>Shop</h1>", `<h1>\"Our\" shop</h1>`, true, true},
		{"Line: 27, Col: 18", "Line: 24, Col: 9", true, true},
		{"// Shop lists the orders", "// Shop shows them", true, true},
		{"o.String()", "o.Name()", false, true},
		{"o.Shipped", "!o.Shipped", false, true},
		{"Buffer, 4, ", "Buffer, 7, ", false, false},
		{`">tea</button> "`, "`>tea</button> `", false, false},
		{`">tea</button> "`, `">tea</button> `, false, false},
	} {
		text := strings.Replace(string(src), c.old, c.new, 1)
		got, ok := parse([]byte(text))
		if text == string(src) || ok != c.well || ok && (got.Code == f.Code) != c.same {
			t.Errorf("%s: known %v, the same %v", c.new, ok, got.Code == f.Code)
		}
		if changed := !slices.Equal(got.Texts, f.Texts); ok && changed != strings.Contains(c.old, "h1") {
			t.Errorf("%s: other texts: %v", c.new, changed)
		}
	}
}

// The name of the file is the one under which templ looks for it.
func TestWrite(t *testing.T) {
	folder := t.TempDir()
	f := File{Texts: []string{"<b>", `a\nb`}}
	if err := f.Write(folder, "/nowhere/page/page_templ.go"); err != nil {
		t.Fatal(err)
	}
	// The SHA-256 of "/nowhere/page/page.templ".
	text, err := os.ReadFile(folder + "/templ_e6024d0246c7a64c503ca8a826fc0693aaf48fd2282ff96e1fabc72c761d8d79.txt")
	if err != nil || string(text) != "<b>\na\\nb" {
		t.Errorf("%q, %v", text, err)
	}
}
