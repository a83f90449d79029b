package inject

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const tag = "<T>"

func read(t testing.TB, from io.Reader, whole bool) string {
	t.Helper()
	got, err := io.ReadAll(NewReader(io.NopCloser(from), []byte(tag), whole))
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func TestPlace(t *testing.T) {
	for _, doc := range []string{ // "@" is where the tag goes
		`<!doctype html><html lang=en><head>@<title>x</title></head><body>y</body></html>`,
		"\xef\xbb\xbf \n<!-- <head> -->\n<!DOCTYPE html PUBLIC \"-//W3C//DTD\" \"http://x\">\n<HTML><HEAD class='a>b'>@<TITLE>",
		`<html data-x = ">" y=">"><head>@`,
		`<html a"=>@text`, // a quote in a name is none
		`<html>@<body>hello`,
		`<!doctype html>@<title>x</title><p>`,
		`<!doctype html>@hello`,
		`<html><!-- a --!><head/>@x`,
		`<!--><html>@<header>not a head</header>`,
		`<?xml version="1.0"?><html xmlns="x"><head>@</head>`,
		`@<body>x`,
		`<head>@`,
		`<!doctype html>@`,
	} {
		want := strings.Replace(doc, "@", tag, 1)
		raw := strings.Replace(doc, "@", "", 1)
		for _, whole := range []bool{true, false} {
			if got := read(t, strings.NewReader(raw), whole); got != want {
				t.Errorf("%q\n got %q\nwant %q", raw, got, want)
			}
			if got := read(t, iotest.OneByteReader(strings.NewReader(raw)), whole); got != want {
				t.Errorf("%q by bytes\n got %q\nwant %q", raw, got, want)
			}
		}
	}
}

// What does not look like a whole document gets the tag only if it is known to be one.
func TestFragment(t *testing.T) {
	for _, raw := range []string{`<h1>hi</h1>`, ` hello`, `<!-- a --><li>one</li>`, `{"a":1}`, `<`, `<he`, ``, `<header>x`, `<bold>`, `<!`} {
		if got := read(t, strings.NewReader(raw), false); got != raw {
			t.Errorf("%q became %q", raw, got)
		}
	}
	for raw, want := range map[string]string{
		`<h1>hi</h1>`:            tag + `<h1>hi</h1>`,
		` hello`:                 ` ` + tag + `hello`,
		`<!-- a --><li>`:         `<!-- a -->` + tag + `<li>`,
		``:                       tag,
		`<!-- unfinished <head>`: `<!-- unfinished <head>`,
	} {
		if got := read(t, strings.NewReader(raw), true); got != want {
			t.Errorf("%q\n got %q\nwant %q", raw, got, want)
		}
	}
}

// What is complete is not held back until more comes.
func TestStreams(t *testing.T) {
	from, to := io.Pipe()
	r := NewReader(from, []byte(tag), true)
	defer r.Close()
	for _, step := range []struct{ in, out string }{
		{"<!doctype html><html>", "<!doctype html><html>"},
		{"\n<he", "\n"},
		{"ad><title>", "<head>" + tag + "<title>"},
		{"x", "x"},
	} {
		go to.Write([]byte(step.in))
		got := make([]byte, len(step.out))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != step.out {
			t.Fatalf("%q: %q, %v; want %q", step.in, got, err, step.out)
		}
	}
}

// A document that breaks off does so at the same byte, with the same error.
func TestError(t *testing.T) {
	broken := errors.New("broken")
	for _, raw := range []string{"", "<!doctype ", "<!doctype html>", "<html><head>x"} {
		got, err := io.ReadAll(NewReader(io.NopCloser(io.MultiReader(strings.NewReader(raw), iotest.ErrReader(broken))), []byte(tag), true))
		if !errors.Is(err, broken) || strings.Replace(string(got), tag, "", 1) != raw {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add("<!doctype html><html><head><title>x", 3, true)
	f.Add("\xef\xbb\xbf<!-- --!><html a='>'>", 1, false)
	f.Fuzz(func(t *testing.T, raw string, size int, whole bool) {
		if strings.Contains(raw, tag) {
			return
		}
		got := read(t, strings.NewReader(raw), whole)
		if strings.Count(got, tag) > 1 || strings.Replace(got, tag, "", 1) != raw {
			t.Fatalf("%q became %q", raw, got)
		}
		if parts := read(t, &chunks{[]byte(raw), max(1, size%17)}, whole); parts != got {
			t.Fatalf("%q in parts: %q, whole %q", raw, parts, got)
		}
	})
}

// chunks reads n bytes at a time.
type chunks struct {
	rest []byte
	n    int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(c.n, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

func BenchmarkReader(b *testing.B) {
	doc := bytes.Repeat([]byte("<p>text</p>\n"), 1<<16)
	doc = append([]byte("<!doctype html><html><head></head>"), doc...)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := io.Copy(io.Discard, NewReader(io.NopCloser(bytes.NewReader(doc)), []byte(tag), true)); err != nil {
			b.Fatal(err)
		}
	}
}
