// Command web measures what hotdev's web address costs and how soon a save reaches a
// page:
//
//	go run ./bench/web [-restarts N] [-rounds N] [-other NAME=COMMAND]
//	go run ./bench/web -endure N [-ways NAME] [-large MB]
//
// It runs a small program under hotdev and asks it directly and through the address:
// one request after the other, and by 64 connections at once. Then it saves a style
// sheet, a template and code, as a page would see it: a stream of events says that
// something changed, and a request brings the new content. At last it restarts the
// program, which does not end gracefully, again and again while requests come, and
// counts those that fail.
//
// Another proxy can be measured beside it: COMMAND is run in the program's folder with
// PORT and APP_PORT set.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// options are the flags'.
type options struct {
	restarts, rounds int
	others           []string
	load             time.Duration
	endure           int
	large            int64
	ways             string
	race             bool
}

func main() {
	if kind := os.Getenv(builtin); kind != "" {
		fmt.Fprintln(os.Stderr, builtins()[kind]("127.0.0.1:"+os.Getenv("PORT"), "127.0.0.1:"+os.Getenv("APP_PORT")))
		os.Exit(1)
	}
	var o options
	flag.IntVar(&o.restarts, "restarts", 20, "how often the program is restarted under load; 0: only the cost is measured")
	flag.IntVar(&o.rounds, "rounds", 5, "how often the cost is measured")
	flag.DurationVar(&o.load, "time", time.Second, "how long each load lasts")
	flag.Func("other", "`name=command` of another proxy; may be given again", func(s string) error { o.others = append(o.others, s); return nil })
	flag.IntVar(&o.endure, "endure", 0, "in place of all this, have new code come `n` times in each way while requests come, and send large bodies")
	flag.StringVar(&o.ways, "ways", "", "of the ways, only those with this in their `name`")
	flag.Int64Var(&o.large, "large", 1<<10, "of how many `MB` these are; 0: none")
	flag.BoolVar(&o.race, "race", false, "build hotdev with the race detector")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	dir, err := os.MkdirTemp("", "hotdev-web-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	hotdev := filepath.Join(dir, "hotdev")
	if out, err := exec.Command("go", "build", fmt.Sprintf("-race=%v", o.race), "-o", hotdev, "./cmd/hotdev").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	if o.endure > 0 {
		return endure(hotdev, dir, o.endure, o.large<<20, o.ways)
	}
	project := filepath.Join(dir, "app")
	port, appPort := freePort(), freePort()
	for name, text := range files(port, appPort) {
		path := filepath.Join(project, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	h, err := start(hotdev, project)
	if err != nil {
		return err
	}
	defer h.stop()
	through, direct := fmt.Sprintf("http://127.0.0.1:%d", port), fmt.Sprintf("http://127.0.0.1:%d", appPort)
	if err := until(through+"/text", "hello 0"); err != nil {
		return err
	}
	ways := []*way{
		{name: "the program itself", address: direct + "/text"},
		{name: "through hotdev", address: through + "/text", proxy: h.cmd.Process.Pid},
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for kind := range builtins() {
		o.others = append(o.others, kind+"="+self)
	}
	slices.Sort(o.others)
	for _, spec := range o.others {
		w, stop, err := other(spec, project, appPort)
		if err != nil {
			return err
		}
		defer stop()
		ways = append(ways, w)
	}
	compare(ways, h.program(), o.load, o.rounds)
	if o.restarts == 0 {
		return nil
	}

	page, err := open(through)
	if err != nil {
		return err
	}
	defer page.Close()
	fmt.Println("\n| saved | a page has it after |\n| --- | --- |")
	for _, s := range []struct {
		what, file, from string
		text             func(n int) string
	}{
		{"a style sheet", "static/a.css", "/a.css", func(n int) string { return fmt.Sprintf("h1 { width: %dpx }", n) }},
		{"a template", "page.html", "/", func(n int) string { return fmt.Sprintf("<!doctype html><title>page %d</title>", n) }},
		{"code, restarted", "main.go", "/text", func(n int) string { return source(appPort, n) }},
	} {
		var all []time.Duration
		for n := 1; n <= 9; n++ {
			text := s.text(n)
			want := regexp.MustCompile(`hello \d+|page \d+|\d+px`).FindString(text)
			begun := time.Now()
			if err := os.WriteFile(filepath.Join(project, s.file), []byte(text), 0o644); err != nil {
				return err
			}
			if err := page.next(through+s.from, want); err != nil {
				return fmt.Errorf("%s: %w", s.what, err)
			}
			all = append(all, time.Since(begun))
			time.Sleep(300 * time.Millisecond) // the next save is another one
		}
		slices.Sort(all)
		fmt.Printf("| %s | %d ms |\n", s.what, all[len(all)/2].Milliseconds())
	}
	return underLoad(project, through, appPort, o.restarts)
}

// underLoad restarts the program while requests come.
func underLoad(project, through string, appPort, restarts int) error {
	var done atomic.Bool
	var asked, failed atomic.Int64
	var worst atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			via := &http.Transport{}
			defer via.CloseIdleConnections()
			for !done.Load() {
				begun := time.Now()
				text, err := fetch(via, through+"/long")
				asked.Add(1)
				if err != nil || len(text) != longSize {
					failed.Add(1)
					fmt.Fprintf(os.Stderr, "failed: %v, %d bytes\n", err, len(text))
				}
				worst.Store(max(worst.Load(), int64(time.Since(begun))))
			}
		})
	}
	for n := range restarts {
		if err := os.WriteFile(filepath.Join(project, "main.go"), []byte(source(appPort, 100+n)), 0o644); err != nil {
			return err
		}
		if err := until(through+"/text", fmt.Sprintf("hello %d", 100+n)); err != nil {
			return err
		}
	}
	done.Store(true)
	wg.Wait()
	fmt.Printf("\n%d restarts under load: %d requests of %d bytes, %d failed, the longest took %d ms\n", restarts, asked.Load(), longSize, failed.Load(), time.Duration(worst.Load()).Milliseconds())
	return nil
}

const longSize = 100_000

func files(port, appPort int) map[string]string {
	return map[string]string{
		"go.mod":         "module example.com/app\n\ngo 1.24\n",
		"main.go":        source(appPort, 0),
		"page.html":      "<!doctype html><title>page 0</title>",
		"static/a.css":   "h1 { width: 0px }",
		".air-like.toml": fmt.Sprintf("[live]\nmode = \"off\"\n[web]\nport = %d\nassets = [\"static/**\", \"page.html\"]\n", port),
	}
}

func source(port, n int) string {
	return fmt.Sprintf(`package main

import (
	"bytes"
	"fmt"
	"net/http"
)

func main() {
	long := bytes.Repeat([]byte("x"), %d)
	http.HandleFunc("/text", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello %d") })
	http.HandleFunc("/long", func(w http.ResponseWriter, r *http.Request) { w.Write(long) })
	http.HandleFunc("/a.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "static/a.css") })
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "page.html") })
	if err := http.ListenAndServe("127.0.0.1:%d", nil); err != nil {
		panic(err)
	}
}
`, longSize, n, port)
}
