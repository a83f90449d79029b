package proxy

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/hotdev/hotdev/internal/patience"
)

// The whole loop with the example: hotdev, the program, and a browser.
func TestExample(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells which port the program listens on")
	}
	tb := newTab(t)
	dir := t.TempDir()
	hotdev := filepath.Join(dir, "hotdev")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", hotdev, "../cmd/hotdev").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	example := filepath.Join(dir, "web")
	if err := os.CopyFS(example, os.DirFS("../examples/web")); err != nil {
		t.Fatal(err)
	}
	edit := func(file, old, now string) {
		t.Helper()
		path := filepath.Join(example, file)
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), old) {
			t.Fatalf("%s: %v, or no %q", file, err, old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, now, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(example, "go.mod"), []byte("module example.com/web\n\ngo 1.24\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	edit("main.go", "127.0.0.1:8080", fmt.Sprintf("127.0.0.1:%d", freePort(t)))
	edit(".air-like.toml", "target = \":8080\"\n", "")
	edit(".air-like.toml", "[run]", "[live]\nmode = \"off\" # whether it is ready in time is chance\n\n[run]")
	time.Sleep(50 * time.Millisecond) // the clock of files is coarse: what hotdev finds is to be older than its start

	port := freePort(t)
	cmd := exec.Command(hotdev, "--json", fmt.Sprintf("--web=%d", port))
	cmd.Dir = example
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "GOFLAGS=")
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, name+"="+strings.TrimSpace(string(out)))
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	var mu sync.Mutex
	var lines []string
	go func() { // ends with hotdev
		s := bufio.NewScanner(out)
		s.Buffer(nil, 16<<20)
		for s.Scan() {
			mu.Lock()
			lines = append(lines, s.Text())
			mu.Unlock()
		}
	}()
	await := func(event, with string) (found struct {
		Took time.Duration `json:"took_ns"`
		Why  string
	}) {
		t.Helper()
		err := patience.Until(func() bool {
			mu.Lock()
			defer mu.Unlock()
			for i, l := range lines {
				if strings.Contains(l, `"event":"`+event+`"`) && strings.Contains(l, with) {
					lines[i] = ""
					return json.Unmarshal([]byte(l), &found) == nil
				}
			}
			return false
		})
		if err != nil {
			mu.Lock()
			defer mu.Unlock()
			t.Fatalf("no %s with %q: %v\n%s", event, with, err, strings.Join(lines[max(0, len(lines)-20):], "\n"))
		}
		return found
	}
	await("served", fmt.Sprint(port))
	tb.run(chromedp.Navigate(fmt.Sprintf("http://127.0.0.1:%d/", port))) // waits for the build
	tb.await("document.querySelector('h1').textContent", "Nobody was here yet")
	tb.run(chromedp.SetValue(chromedp.ID("text"), "half filled"))
	tb.eval("window.mark = 1; scrollTo(0, 1)")

	edit("static/book.css", "teal", "rgb(1, 2, 3)")
	shown := await("shown", `"tier":"css"`)
	t.Logf("a style sheet after %v", shown.Took)
	tb.await("getComputedStyle(document.querySelector('h1')).color", "rgb(1, 2, 3)")

	edit("templates/book.html", "Your words", "Your name")
	shown = await("shown", `"tier":"morph"`)
	t.Logf("a template after %v", shown.Took)
	tb.await("document.querySelector('label').textContent + document.getElementById('text').value + window.mark", "Your namehalf filled1")

	edit("main.go", "Nobody was here yet", "Be the first")
	shown = await("shown", `"tier":"reload"`)
	t.Logf("code after %v", shown.Took)
	tb.await("document.querySelector('h1').textContent + window.mark", "Be the firstundefined")

	edit("main.go", "Be the first", `Be the " first`)
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
	edit("main.go", `Be the " first`, "Be the second")
	tb.await("document.querySelector('h1').textContent + document.querySelector('hotdev-overlay')", "Be the secondnull")

	// A handler that panics is said in the page.
	edit("main.go", "	b.mu.Lock()\n	defer b.mu.Unlock()\n	if err", "	if len(b.entries) == 0 { panic(\"nobody\") }\n	if err")
	tb.await("document.querySelector('hotdev-overlay')?.shadowRoot.querySelector('.text').textContent", "panic in a handler: nobody")
}
