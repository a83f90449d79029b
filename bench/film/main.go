//go:build linux

// Film makes the animated pictures of the documentation from hotdev's real screen:
//
//	go run ./bench/film -o docs/hotdev.svg
//	go run ./bench/film -shop -o docs/sessions.svg
//
// It copies examples/live, or examples/shop, runs hotdev on the copy in a
// pseudo-terminal, edits, breaks and repairs files, and writes what was on the screen as
// an SVG.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hotdev/hotdev/bench/internal/terminal"
)

const (
	cols, rows = 100, 26
	// pause is how long a picture is shown that a reader has to read.
	pause = 2500 * time.Millisecond
)

func main() {
	out := flag.String("o", "docs/hotdev.svg", "where to write the picture")
	ofShop := flag.Bool("shop", false, "film examples/shop instead of examples/live")
	flag.Parse()
	story := live
	if *ofShop {
		story = shop
	}
	if err := run(*out, story); err != nil {
		fmt.Fprintln(os.Stderr, "film:", err)
		os.Exit(1)
	}
}

// A script is what hotdev runs on, and what is done to it.
type script struct {
	app    string   // the folder of the module
	args   []string // of hotdev
	scenes []scene
}

func run(out string, story func(ctx context.Context, dir string) (script, error)) error {
	dir, err := os.MkdirTemp("", "hotdev-film-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	hotdev := filepath.Join(dir, "hotdev")
	if text, err := exec.Command("go", "build", "-o", hotdev, "./cmd/hotdev").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := story(ctx, dir)
	if err != nil {
		return err
	}
	// The layout that this user's hotdev remembers is not for the picture.
	t, err := terminal.Open(cols, rows, s.app, append([]string{hotdev}, s.args...),
		"COLORTERM=truecolor", "COLORFGBG=15;0", "LIVE_ADDR="+addr, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"))
	if err != nil {
		return err
	}
	defer t.Close()
	f := &film{terminal: t}
	for _, scene := range s.scenes {
		if err := f.play(scene, s.app); err != nil {
			return err
		}
	}
	return os.WriteFile(out, []byte(f.svg()), 0o644)
}

// live is the script with one program.
func live(ctx context.Context, dir string) (script, error) {
	app, err := copyLive(dir)
	const board = "board/board.go"
	return script{app: app, args: []string{"./cmd/live"}, scenes: []scene{
		{shows: "listening on"},
		{do: visit(ctx), shows: "2 open streams"},
		{shows: "patch "},
		{file: board, edit: [2]string{`"%d clicks, up %v`, `"%d visitors, up %v`}, shows: "state kept"},
		{file: board, edit: [2]string{"b.clicks++", "b.clicks += 10"}, shows: "Click ·"},
		{do: visit(ctx), shows: "22 visitors"},
		{file: board, edit: [2]string{"b.clicks += 10", "b.click += 10"}, shows: "did you mean"},
		{file: board, edit: [2]string{"b.click += 10", "b.clicks += 100"}, shows: "fixed"},
		{file: board, edit: [2]string{"clicks  int", "clicks  int64"}, shows: "restarted: board.go"},
		{key: "h", shows: "until ready"},
		{key: "q", shows: "3 Process"},
	}}, err
}

// shop is the script with several programs and generators.
func shop(_ context.Context, dir string) (script, error) {
	app := filepath.Join(dir, "shop")
	err := os.CopyFS(app, os.DirFS(filepath.Join("examples", "shop")))
	return script{app: app, scenes: []scene{
		{shows: "the shop is at"},
		{shows: "patch "},
		{file: "order/order.go", edit: [2]string{"return 250", "return 270"}, shows: "state kept"},
		{file: "page/page.templ", edit: [2]string{"<h1>Shop</h1>", "<h1>Our shop</h1>"}, shows: "written by templ"},
		{file: "order/order.go", edit: [2]string{"return 270", `return "270"`}, shows: "cannot use"},
		{file: "order/order.go", edit: [2]string{`return "270"`, "return 260"}, shows: "fixed"},
	}}, err
}

// addr is the address on which the program listens.
const addr = "127.0.0.1:8080"

// visit opens a stream, and clicks, as a browser with the page would.
func visit(ctx context.Context) func() error {
	return func() error {
		for _, path := range []string{"/line", "/click", "/line", "/click"} {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
			if err != nil {
				return err
			}
			answer, err := http.DefaultClient.Do(r) //nolint:bodyclose // it is closed when the stream ends
			if err != nil {
				return err
			}
			go func() { // ends with ctx
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}()
		}
		return nil
	}
}

// copyLive writes a module with the files of the example live.
func copyLive(dir string) (string, error) {
	app := filepath.Join(dir, "shop")
	if err := os.CopyFS(filepath.Join(app, "board"), os.DirFS(filepath.Join("examples", "live", "board"))); err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join("examples", "live", "main.go"))
	if err != nil {
		return "", err
	}
	text = []byte(strings.ReplaceAll(string(text), "github.com/hotdev/hotdev/examples/live/", "example.com/shop/"))
	command := filepath.Join(app, "cmd", "live")
	if err := os.MkdirAll(command, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(command, "main.go"), text, 0o644); err != nil {
		return "", err
	}
	return app, os.WriteFile(filepath.Join(app, "go.mod"), []byte("module example.com/shop\n\ngo 1.26\n"), 0o644)
}

// A scene is an action of the user's, and its effect on the screen.
type scene struct {
	file  string    // that is edited, in the module
	edit  [2]string // in it: the first becomes the second
	do    func() error
	key   string
	shows string
}

// A frame is the screen at one time.
type frame struct {
	cells [][]terminal.Cell
	lasts time.Duration
}

type film struct {
	terminal *terminal.Terminal
	frames   []frame
}

// play records a scene in real time, and then a pause.
func (f *film) play(s scene, app string) error {
	if s.file != "" {
		source := filepath.Join(app, filepath.FromSlash(s.file))
		text, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		if !strings.Contains(string(text), s.edit[0]) {
			return fmt.Errorf("%s has no %q", source, s.edit[0])
		}
		if err := os.WriteFile(source, []byte(strings.Replace(string(text), s.edit[0], s.edit[1], 1)), 0o644); err != nil {
			return err
		}
	}
	if s.do != nil {
		if err := s.do(); err != nil {
			return err
		}
	}
	if s.key != "" {
		if _, err := f.terminal.Keys.WriteString(s.key); err != nil {
			return err
		}
	}
	seen := time.Now()
	late := time.After(5 * time.Minute) // the shop's generators are built first
	for {
		f.shoot(&seen)
		if f.shows(s.shows) {
			break
		}
		select {
		case <-f.terminal.Drawn():
		case <-late:
			return fmt.Errorf("no %q on the screen", s.shows)
		}
	}
	// The next changes, of the port and the usage, belong to the picture. Meanwhile
	// hotdev prepares for the next save.
	time.Sleep(pause)
	f.shoot(&seen)
	f.frames[len(f.frames)-1].lasts = pause
	return nil
}

// shoot adds the screen to the film if it changed.
func (f *film) shoot(seen *time.Time) {
	// If the first build takes seconds, it is shortened.
	const longest = 700 * time.Millisecond
	cells := f.terminal.Cells()
	now := time.Now()
	if n := len(f.frames); n > 0 {
		last := &f.frames[n-1]
		last.lasts = min(last.lasts+now.Sub(*seen), max(longest, last.lasts))
		*seen = now
		if text(cells) == text(last.cells) {
			return
		}
	}
	f.frames = append(f.frames, frame{cells: cells})
}

func (f *film) shows(want string) bool {
	return strings.Contains(text(f.terminal.Cells()), want)
}

func text(cells [][]terminal.Cell) string {
	var b strings.Builder
	for _, row := range cells {
		for _, c := range row {
			b.WriteRune(c.Char)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
