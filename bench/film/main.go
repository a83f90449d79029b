//go:build linux

// Film makes the animated picture of the README from hotdev's real screen:
//
//	go run ./bench/film -o docs/hotdev.svg
//
// It copies examples/live, runs hotdev on the copy in a pseudo-terminal, opens its
// streams, edits, breaks and repairs a file, and writes what was on the screen as an
// SVG.
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
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "film:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	dir, err := os.MkdirTemp("", "hotdev-film-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	hotdev := filepath.Join(dir, "hotdev")
	if text, err := exec.Command("go", "build", "-o", hotdev, "./cmd/hotdev").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	app, err := shop(dir)
	if err != nil {
		return err
	}
	// The layout that this user's hotdev remembers is not for the picture.
	t, err := terminal.Open(cols, rows, app, []string{hotdev, "./cmd/live"},
		"COLORTERM=truecolor", "COLORFGBG=15;0", "LIVE_ADDR="+addr, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"))
	if err != nil {
		return err
	}
	defer t.Close()
	f := &film{terminal: t}
	source := filepath.Join(app, "board", "board.go")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, scene := range []scene{
		{shows: "listening on"},
		{do: visit(ctx), shows: "2 open streams"},
		{shows: "patch "},
		{edit: [2]string{`"%d clicks, up %v`, `"%d visitors, up %v`}, shows: "state kept"},
		{edit: [2]string{"b.clicks++", "b.clicks += 10"}, shows: "Click ·"},
		{do: visit(ctx), shows: "22 visitors"},
		{edit: [2]string{"b.clicks += 10", "b.click += 10"}, shows: "did you mean"},
		{edit: [2]string{"b.click += 10", "b.clicks += 100"}, shows: "fixed"},
		{edit: [2]string{"clicks  int", "clicks  int64"}, shows: "restarted: board.go"},
		{key: "h", shows: "until ready"},
		{key: "q", shows: "3 Process"},
	} {
		if err := f.play(scene, source); err != nil {
			return err
		}
	}
	return os.WriteFile(out, []byte(f.svg()), 0o644)
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

// shop writes a module with the files of the example live.
func shop(dir string) (string, error) {
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
	edit  [2]string // in the source: the first becomes the second
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
func (f *film) play(s scene, source string) error {
	if s.edit[0] != "" {
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
	late := time.After(time.Minute)
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
