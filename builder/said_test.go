package builder

import (
	"os"
	"path/filepath"
	"testing"
)

// The places that generators name are found, however they say them.
func TestSaid(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "page.templ")
	if err := os.WriteFile(file, []byte("package page\n\ntempl Shop() {\n\t<p>{ o </p>\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line    string
		message string // empty: no place
	}{
		{"page.templ:4:6: missing brace", "missing brace"},
		{"  ./page.templ:4:6: missing brace", "missing brace"},
		{`(✗) Error [ error=failed to generate code for "` + file + `": ` + file + ` parsing error: string expression: missing close brace: line 4, col 6 ]`, "parsing error: string expression: missing close brace"},
		{"page.templ: missing brace on line 4, column 6", "missing brace"},
		{"missing brace in page.templ at line 4, column 6", "missing brace in page.templ"},
		{"no such file: nowhere.templ: line 4, col 6", ""},
		{"compiled 4 files in line 4, col 6", ""},
	} {
		var s Said
		s.Line(c.line)
		s.Line("exit status 1") // as go run says it
		ds := s.Complaints(dir, []string{"templ", "generate"}, "exit status 1")
		if c.message == "" {
			if len(ds) != 1 || ds[0].Message != "templ generate: exit status 1" || len(ds[0].More) != 1 {
				t.Errorf("%s: %+v", c.line, ds)
			}
			continue
		}
		if d := ds[0]; len(ds) != 1 || d.File != file || d.Line != 4 || d.Column != 6 || d.Message != c.message || len(d.Excerpt) == 0 {
			t.Errorf("%s: %+v", c.line, ds)
		}
	}

	// What has no place explains the failure.
	var s Said
	s.Line("page.templ:4:6: missing brace")
	s.Line("1 file failed")
	if ds := s.Complaints(dir, []string{"templ", "generate"}, "exit status 1"); len(ds) != 2 || ds[1].Message != "templ generate: exit status 1" || len(ds[1].More) != 1 {
		t.Errorf("with a summary: %+v", ds)
	}
}
