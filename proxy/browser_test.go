package proxy

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/patience"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// browser is one Chromium for all tests; nil where there is none.
var browser = sync.OnceValue(func() context.Context {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		return nil
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1000, 700))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {})) // what is newer than chromedp
	if err := chromedp.Do(ctx); err != nil {
		panic(err)
	}
	stopBrowser = func() { chromedp.Cancel(ctx); stop() }
	return ctx
})

var stopBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopBrowser()
	os.Exit(code)
}

// A tab is a page in the browser.
type tab struct {
	context.Context
	t *testing.T

	mu      sync.Mutex
	console []string
}

func newTab(t *testing.T) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser")
	}
	b := browser()
	if b == nil {
		t.Skip("there is no Chromium")
	}
	tb := &tab{t: t}
	// A window for each: what is behind another tab is hidden.
	ctx, cancel := chromedp.NewContext(b, chromedp.WithNewWindow(true))
	t.Cleanup(cancel)
	tb.Context = ctx
	console := chromedp.Console(ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the tab
		for m := range console {
			tb.mu.Lock()
			tb.console = append(tb.console, m.Text)
			tb.mu.Unlock()
		}
	}()
	return tb
}

func (tb *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := chromedp.Do(tb, actions...); err != nil {
		tb.t.Fatal(err)
	}
}

// eval is the value of an expression, as text.
func (tb *tab) eval(expression string) string {
	tb.t.Helper()
	v, err := chromedp.Run(tb, chromedp.Evaluate[any](expression))
	if err != nil {
		tb.t.Fatalf("%s: %v", expression, err)
	}
	return fmt.Sprint(v)
}

// await waits until an expression has a value.
func (tb *tab) await(expression, want string) {
	tb.t.Helper()
	got := ""
	err := patience.Until(func() bool {
		v, err := chromedp.Run(tb, chromedp.Evaluate[any](expression))
		if err != nil { // while a page is loaded again there is nothing to ask
			return false
		}
		got = fmt.Sprint(v)
		return got == want
	})
	if err != nil {
		tb.mu.Lock()
		defer tb.mu.Unlock()
		tb.t.Fatalf("%s is %q, want %q: %v\nconsole:\n%s", expression, got, want, err, strings.Join(tb.console, "\n"))
	}
}

// said waits for a line of the console.
func (tb *tab) said(text string) {
	tb.t.Helper()
	err := patience.Until(func() bool {
		tb.mu.Lock()
		defer tb.mu.Unlock()
		return strings.Contains(strings.Join(tb.console, "\n"), text)
	})
	if err != nil {
		tb.t.Fatalf("%q was not said: %v\n%s", text, err, strings.Join(tb.console, "\n"))
	}
}

// A site is a program whose files change.
type site struct {
	files atomic.Pointer[map[string]string]
	addr  string
}

func newSite(t *testing.T, files map[string]string) *site {
	s := &site{}
	s.files.Store(&files)
	s.addr = serves(t, func(w http.ResponseWriter, r *http.Request) {
		text, ok := (*s.files.Load())[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if csp := (*s.files.Load())["csp"]; csp != "" {
			w.Header().Set("Content-Security-Policy", csp)
		}
		w.Header().Set("Content-Type", map[bool]string{true: "text/css", false: "text/html; charset=utf-8"}[strings.HasSuffix(r.URL.Path, ".css")])
		if strings.HasSuffix(r.URL.Path, ".svg") {
			w.Header().Set("Content-Type", "image/svg+xml")
		}
		fmt.Fprint(w, text)
	})
	return s
}

func (s *site) set(name, text string) {
	files := map[string]string{name: text}
	for k, v := range *s.files.Load() {
		if k != name {
			files[k] = v
		}
	}
	s.files.Store(&files)
}

// saves has an asset of the site change.
func (s *stage) saves(paths ...string) {
	s.state.Settings.Web.Assets = []watcher.Rule{{Dir: "/p", Include: []string{"**"}}}
	s.happens(engine.Changed{Batch: watcher.Batch{Paths: paths, First: time.Now()}})
}

// shown waits for a page to tell that it shows an update.
func (s *stage) shown(tier string) engine.Shown {
	s.t.Helper()
	e, err := s.await(func(e engine.Event) bool { x, ok := e.(engine.Shown); return ok && x.Tier == tier })
	if err != nil {
		s.t.Fatal(err)
	}
	return e.(engine.Shown)
}

const page = `<!doctype html>
<html lang="en"><head><title>one</title><link rel="stylesheet" href="/a.css"></head>
<body><h1 id="title">one</h1><form><input id="name" name="name" value="x"></form><ul id="list"><li>a</li><li>b</li></ul>
<img src="/i.svg"><div id="widget"></div><div style="height:3000px"></div>
<script>window.loads = (window.loads || 0) + 1; document.getElementById('widget').innerHTML = '<b>made by a script</b>';</script></body></html>`

func TestStyleSwap(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	site := newSite(t, map[string]string{"/": page, "/a.css": "h1 { color: rgb(255, 0, 0) }", "/i.svg": "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>"})
	s.up(site.addr, engine.Cycle{})
	const colour = `getComputedStyle(document.getElementById('title')).color`
	tb.run(chromedp.Navigate(s.url))
	tb.await(colour, "rgb(255, 0, 0)")
	tb.eval("window.mark = 1")
	site.set("/a.css", "h1 { color: rgb(0, 0, 255) }")
	s.saves("/p/static/a.css")
	tb.await(colour, "rgb(0, 0, 255)")
	if shown := s.shown("css"); shown.Why != "static/a.css saved" {
		t.Errorf("%+v", shown)
	}
	tb.said("css swapped")
	if tb.eval("window.mark") != "1" || tb.eval("document.querySelectorAll('link').length") != "1" {
		t.Error("the page was loaded again, or has two style sheets")
	}
	site.set("/i.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='77' height='10'/>")
	s.saves("/p/static/i.svg")
	tb.await("document.querySelector('img').naturalWidth", "77")
	if s.shown("image"); tb.eval("window.mark") != "1" {
		t.Error("the page was loaded again")
	}
}

func TestMorph(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	site := newSite(t, map[string]string{"/": page, "/a.css": ""})
	s.up(site.addr, engine.Cycle{})
	tb.run(chromedp.Navigate(s.url), chromedp.SetValue(chromedp.ID("name"), "half filled in"))
	tb.eval("window.mark = 1; document.documentElement.classList.add('dark'); scrollTo(0, 500); document.getElementById('name').focus({preventScroll: true})")
	site.set("/", strings.NewReplacer(">one<", ">two<", "<li>a</li>", "<li>new</li><li class='x'>a</li>", "height:3000px", "height:3001px").Replace(page))
	s.saves("/p/page.html")
	tb.await("document.getElementById('title').textContent", "two")
	if shown := s.shown("morph"); shown.Why != "page.html saved" {
		t.Errorf("%+v", shown)
	}
	for expression, want := range map[string]string{
		"window.mark": "1", "window.loads": "1", "scrollY": "500", "document.title": "two",
		"document.getElementById('name').value":         "half filled in",
		"document.activeElement.id":                     "name",
		"document.documentElement.className":            "dark",
		"document.getElementById('widget').textContent": "made by a script",
		"document.getElementById('list').textContent":   "newab",
	} {
		if got := tb.eval(expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	// A second one goes on from there.
	site.set("/", strings.NewReplacer(">one<", ">three<").Replace(page))
	s.saves("/p/page.html")
	tb.await("document.getElementById('title').textContent + document.getElementById('list').textContent + window.mark", "threeab1")
	// Where a script changed, only loading again will do.
	site.set("/", strings.NewReplacer(">one<", ">four<", "window.loads =", "window.other = 5; window.loads =").Replace(page))
	s.saves("/p/page.html")
	tb.await("window.other", "5")
	if shown := s.shown("reload"); shown.Why != "page.html saved; not morphed: its scripts changed" {
		t.Errorf("%+v", shown)
	}
}

// A page is loaded again when the new program is ready, and not before; what waits
// meanwhile is hotdev's own.
func TestReloadWhenReady(t *testing.T) {
	tb, two, s := newTab(t), newTab(t), newStage(t)
	s.up(newSite(t, map[string]string{"/": page}).addr, engine.Cycle{})
	tb.run(chromedp.Navigate(s.url))
	two.run(chromedp.Navigate(s.url + "/?two"))
	tb.await("document.title", "one")
	s.state.Build.Phase = engine.Compiling
	s.happens(engine.Changed{Batch: watcher.Batch{Paths: []string{"/p/main.go"}}})
	s.stopping()
	s.gone()
	s.state.Settings.Web.Wait = time.Millisecond
	s.happens(engine.Configured{})
	late := newTab(t)
	late.run(chromedp.Navigate(s.url))
	late.await("document.title", "hotdev")
	if tb.eval("document.title") != "one" {
		t.Error("loaded again too early")
	}
	s.up(newSite(t, map[string]string{"/": strings.ReplaceAll(page, "one", "new")}).addr, engine.Cycle{Cause: engine.Cause{Kind: engine.BySave}})
	for _, tb := range []*tab{tb, two, late} {
		tb.await("document.title", "new")
	}
	if shown := s.shown("reload"); shown.Why != "main.go saved; restarted" {
		t.Errorf("%+v", shown)
	}
	tb.run(chromedp.NavigateBack())
	tb.await("document.title", "") // the tab's first page
	tb.run(chromedp.NavigateForward())
	tb.await("document.title", "new")
}

// After a page was morphed, htmx knows the elements that are new in it.
func TestMorphTellsHtmx(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	const script = `<script>window.htmx = { process: (e) => { e.dataset.processed = document.querySelectorAll('[hx-get]').length } }</script>`
	site := newSite(t, map[string]string{"/": "<!doctype html><title>x</title><body><p hx-get=/a>a</p>" + script})
	s.up(site.addr, engine.Cycle{})
	tb.run(chromedp.Navigate(s.url))
	tb.await("document.title", "x")
	site.set("/", "<!doctype html><title>x</title><body><p hx-get=/a>a</p><p hx-get=/b>b</p>"+script)
	s.saves("/p/page.html")
	tb.await("document.body.dataset.processed", "2")
}

// What went wrong shows in open pages at once, and goes by itself.
func TestOverlay(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	s.up(newSite(t, map[string]string{"/": page}).addr, engine.Cycle{})
	tb.run(chromedp.Navigate(s.url))
	tb.await("document.title", "one")
	s.state.Build.Phase = engine.Broken
	s.state.Build.DiagnosticsGen = 2
	s.state.Build.Diagnostics = []builder.Diagnostic{{Package: "app", File: "/p/main.go", Line: 7, Column: 2, Message: "undefined: <i>x</i>", Excerpt: []string{"func main() {", "\tx()"}, First: 6}}
	s.happens(engine.Built{Gen: 2})
	const root = "document.querySelector('hotdev-overlay').shadowRoot"
	tb.await(root+".querySelector('.badge').textContent", "The build is broken")
	tb.eval(root + ".querySelector('.badge').click()")
	tb.await(root+".querySelector('.text').textContent", "undefined: <i>x</i>")
	tb.await(root+".querySelector('.at').textContent", "main.go:7:2")
	tb.await(root+".querySelector('pre').textContent", "     6 │ func main() {\n›    7 │ \tx()\n       │ \t^\n")
	tb.eval(root + ".querySelector('button.at').click()")
	if at, err := patience.Receive(s.opened); err != nil || at != "/p/main.go:7:2" {
		t.Error(at, err)
	}
	s.state.Build = engine.BuildState{Phase: engine.Idle, DiagnosticsGen: 3}
	s.happens(engine.Built{Gen: 3})
	tb.await("document.querySelector('hotdev-overlay')", "<nil>")
}

// Policies are kept: the script comes in by the page's nonce, or not at all.
func TestContentSecurityPolicy(t *testing.T) {
	for csp, works := range map[string]bool{
		"default-src 'none'; script-src 'nonce-abc'; style-src 'self'; require-trusted-types-for 'script'": true,
		"default-src 'self'":                         true,
		"script-src 'self'; connect-src https://x.y": true,
		"script-src 'sha256-abc'; style-src 'self'":  false,
	} {
		t.Run(csp, func(t *testing.T) {
			tb, s := newTab(t), newStage(t)
			site := newSite(t, map[string]string{"/": page, "/a.css": "h1 { color: rgb(255, 0, 0) }", "csp": csp})
			s.up(site.addr, engine.Cycle{})
			tb.run(chromedp.Navigate(s.url))
			if !works {
				if text := get(t, s.url).text; text != page {
					t.Error("a script where none is allowed")
				}
				return
			}
			site.set("/", strings.ReplaceAll(page, ">one<", ">two<"))
			s.saves("/p/page.html")
			tb.await("document.getElementById('title').textContent", "two")
			s.state.Process.Phase, s.state.Process.Exit = engine.Crashed, &runner.Exit{Code: 2}
			s.happens(engine.Exited{Gen: 1})
			tb.await("getComputedStyle(document.querySelector('hotdev-overlay').shadowRoot.querySelector('.badge')).cursor", "pointer")
		})
	}
}

// Errors of a page appear in the program's output.
func TestPageErrors(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	s.up(newSite(t, map[string]string{"/": `<!doctype html><title>x</title><script>
console.error('no', {a: 1}, new TypeError('bad'));
Promise.reject(new Error('nobody cares'));
fetch('/missing?x');
setTimeout(() => { undefinedFunction() });
</script>`}).addr, engine.Cycle{})
	tb.run(chromedp.Navigate(s.url))
	for _, want := range []string{
		`browser: no {"a":1} TypeError: bad at /:2:`,
		"browser: unhandled rejection: Error: nobody cares at /:3:",
		"browser: 404 /missing?x (fetch)",
		"browser: Uncaught ReferenceError: undefinedFunction is not defined at /:5:",
	} {
		if _, err := s.await(func(e engine.Event) bool {
			w, ok := e.(engine.Wrote)
			return ok && w.Gen == 1 && strings.Contains(fmt.Sprint(w.Lines), want)
		}); err != nil {
			t.Errorf("%s: %v\n%v", want, err, s.sent)
		}
	}
}

// An open page survives hotdev's restart, and is loaded again by the next one, once.
func TestAnotherHotdev(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	site := newSite(t, map[string]string{"/": page, "/a.css": ""})
	s.up(site.addr, engine.Cycle{})
	tb.run(chromedp.Navigate(s.url))
	tb.await("document.title", "one")
	s.leave()
	site.set("/", strings.ReplaceAll(page, "one", "new"))
	next := newStageAt(t, s.state.Settings.Web.Port)
	next.up(site.addr, engine.Cycle{})
	tb.await("document.title", "new")
	tb.eval("window.mark = 1")
	site.set("/a.css", "h1 { color: rgb(0, 0, 255) }")
	next.saves("/p/a.css")
	tb.await("getComputedStyle(document.getElementById('title')).color + window.mark", "rgb(0, 0, 255)1")
}

// A page that a form was posted for is not posted again.
func TestPosted(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	var posts atomic.Int32
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			fmt.Fprintf(w, "<!doctype html><title>posted %d</title>", posts.Add(1))
			return
		}
		fmt.Fprint(w, `<!doctype html><title>form</title><form method="post"><button id="go">go</button></form>`)
	}), engine.Cycle{})
	tb.run(chromedp.Navigate(s.url), chromedp.Click(chromedp.ID("go")))
	tb.await("document.title", "posted 1")
	s.saves("/p/page.html")
	tb.said("this page came of a form")
	if tb.eval("document.title") != "posted 1" || posts.Load() != 1 {
		t.Error("posted again")
	}
}

// A long document is shown while it comes, with the script in it.
func TestLongDocument(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	seen := make(chan struct{})
	see := sync.OnceFunc(func() { close(seen) })
	const size = 5 << 20
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/seen" {
			see()
			return
		}
		fmt.Fprint(w, "<!doctype html><title>long</title><link rel=icon href=data:><script>fetch('/seen')</script><p id=text>")
		w.(http.Flusher).Flush()
		select {
		case <-seen: // the rest comes when its beginning is in the page
		case <-r.Context().Done():
			return
		}
		line := strings.Repeat("x", 1023) + "\n"
		for range size / len(line) {
			fmt.Fprint(w, line)
		}
		fmt.Fprint(w, "<p id=end>end")
	}), engine.Cycle{})
	tb.run(chromedp.Navigate(s.url))
	tb.await("document.getElementById('end')?.textContent + document.getElementById('text')?.textContent.length", fmt.Sprintf("end%d", size))
	s.saves("/p/page.html") // too long to be morphed
	tb.said("reloading")
}

// The tabs of a browser are counted, though they share one stream.
func TestTabs(t *testing.T) {
	one, two, s := newTab(t), newTab(t), newStage(t)
	s.up(newSite(t, map[string]string{"/": page}).addr, engine.Cycle{})
	tabs := func(n int) {
		t.Helper()
		if _, err := s.await(func(e engine.Event) bool { return e == engine.Event(engine.Visited{Tabs: n}) }); err != nil {
			t.Fatalf("%d tabs: %v, have %v", n, err, s.sent)
		}
		s.mu.Lock()
		s.sent = nil
		s.mu.Unlock()
	}
	one.run(chromedp.Navigate(s.url))
	tabs(1)
	two.run(chromedp.Navigate(s.url + "/?two"))
	tabs(2)
	two.run(chromedp.Navigate("about:blank"))
	tabs(1)
}
