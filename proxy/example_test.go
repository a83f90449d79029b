package proxy

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The whole loop with the example: hotdev, the program, and a browser.
func TestExample(t *testing.T) {
	tb, l := newTab(t), newLoop(t)
	if err := os.CopyFS(l.dir, os.DirFS("../examples/web")); err != nil {
		t.Fatal(err)
	}
	l.write("go.mod", "module example.com/web\n\ngo 1.24\n")
	l.edit("main.go", "127.0.0.1:8080", fmt.Sprintf("127.0.0.1:%d", freePort(t)))
	l.edit(".air-like.toml", "target = \":8080\"\n", "")
	l.edit(".air-like.toml", "[run]", "[live]\nmode = \"off\" # whether it is ready in time is chance\n\n[run]")
	l.start()
	tb.run(chromedp.Navigate(l.url)) // waits for the build
	tb.await("document.querySelector('h1').textContent", "Nobody was here yet")
	tb.run(chromedp.SetValue(chromedp.ID("text"), "half filled"))
	tb.eval("window.mark = 1; scrollTo(0, 1)")

	l.edit("static/book.css", "teal", "rgb(1, 2, 3)")
	shown := l.await("shown", `"tier":"css"`)
	t.Logf("a style sheet after %v", shown.Took)
	tb.await("getComputedStyle(document.querySelector('h1')).color", "rgb(1, 2, 3)")

	l.edit("templates/book.html", "Your words", "Your name")
	shown = l.await("shown", `"tier":"morph"`)
	t.Logf("a template after %v", shown.Took)
	tb.await("document.querySelector('label').textContent + document.getElementById('text').value + window.mark", "Your namehalf filled1")

	l.edit("main.go", "Nobody was here yet", "Be the first")
	shown = l.await("shown", `"tier":"reload"`)
	t.Logf("code after %v", shown.Took)
	tb.await("document.querySelector('h1').textContent + window.mark", "Be the firstundefined")

	l.edit("main.go", "Be the first", `Be the " first`)
	tb.await("document.querySelector('hotdev-overlay')?.shadowRoot.querySelector('.badge').textContent", "The build is broken")
	// The picture of docs/web.md.
	if file := os.Getenv("HOTDEV_SCREENSHOT"); file != "" {
		tb.eval("document.querySelector('hotdev-overlay').shadowRoot.querySelector('.badge').click()")
		png, err := chromedp.Run(tb, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l.edit("main.go", `Be the " first`, "Be the second")
	tb.await("document.querySelector('h1').textContent + document.querySelector('hotdev-overlay')", "Be the secondnull")

	// A handler that panics is said in the page.
	l.edit("main.go", "	b.mu.Lock()\n	defer b.mu.Unlock()\n	if err", "	if len(b.entries) == 0 { panic(\"nobody\") }\n	if err")
	tb.await("document.querySelector('hotdev-overlay')?.shadowRoot.querySelector('.text').textContent", "panic in a handler: nobody")
}

// A change of a templ template's text is in the page without a build, and what was
// written into the page, and how far it was scrolled, stay.
func TestTempl(t *testing.T) {
	if os.Getenv("HOTDEV_LONG") == "" { // .ci/run sets it
		t.Skip("HOTDEV_LONG=1 runs it")
	}
	list := exec.Command("go", "list", "-deps", "./...", "tool")
	list.Dir = "../examples/shop"
	list.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off")
	if list.Run() != nil {
		t.Skip("the modules of examples/shop are not on this machine")
	}
	tb, l := newTab(t), newLoop(t)
	if err := os.CopyFS(l.dir, os.DirFS("../examples/shop")); err != nil {
		t.Fatal(err)
	}
	l.edit(".air-like.toml", "[[program]]", "live.mode = \"off\"\n\n[[program]]")
	l.edit("page/page.templ", "<ul ", `<input id="note"/><div style="height: 3000px"></div><ul `)
	l.start("api")
	tb.run(chromedp.Navigate(l.url))
	tb.await("document.getElementById('note')?.id", "note") // after hotdev's own page, until the program is there
	tb.eval("document.getElementById('note').value = 'half filled in'; window.mark = 1; scrollTo(0, 500)")

	l.edit("page/page.templ", "<h1>Shop</h1>", `<h1 class="new">Our "shop"</h1>`)
	shown := l.await("shown", `"tier":"morph"`)
	t.Logf("after %v: %s", shown.Took.Round(time.Millisecond), shown.Why)
	tb.await("document.querySelector('h1.new')?.textContent", `Our "shop"`)
	if got := tb.eval("[document.getElementById('note').value, scrollY, window.mark].join(', ')"); got != "half filled in, 500, 1" {
		t.Errorf("the page has %s", got)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, `"event":"building"`) && strings.Contains(line, `"gen":2`) {
			t.Errorf("built: %s", line)
		}
	}
}
