package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/internal/termtest"
)

func commands() []string {
	items := []string{"./cmd/api", "./cmd/worker", "./cmd/migrate", "./tools/gen", "./tools/lint"}
	for i := range 20 {
		items = append(items, fmt.Sprintf("./internal/experiments/number-%02d/cmd/with-a-long-name", i))
	}
	return items
}

// TestPick: what keys choose.
func TestPick(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"\r", "./cmd/api"},
		{"jj\r", "./cmd/migrate"},
		{"jjk\r", "./cmd/worker"},
		{"kkk\r", "./cmd/api"},
		{"\x1b[B\x1b[B\r", "./cmd/migrate"},
		{"Gg\r", "./cmd/api"},
		{"G\r", "./internal/experiments/number-19/cmd/with-a-long-name"},
		{"4", "./tools/gen"},
		{"/tools\r", "./tools/gen"},
		{"/tools\x1b[B\r", "./tools/lint"},
		{"/lint tools\r", "./tools/lint"},
		{"/4\r", "./internal/experiments/number-04/cmd/with-a-long-name"},
		{"/qj\x7f\x7flint\r", "./tools/lint"},
		{"/nothing\r\x7f\x7f\x7f\x7f\x7f\x7f\x7flint\r", "./tools/lint"},
		{"q", "cancelled"},
		{"\x03", "cancelled"},
		{"/api\x03", "cancelled"},
	} {
		t.Run(fmt.Sprintf("%q", c.keys), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				term := termtest.New(t, 60, 15)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				go term.Send(c.keys)
				i, err := Pick(ctx, Options{Input: term.Input(), Output: term, Env: []string{"TERM=xterm"}}, "which program?", commands())
				got := fmt.Sprint(err)
				if err == nil {
					got = commands()[i]
				} else if !errors.Is(err, ErrCancelled) {
					t.Errorf("%v", err)
				}
				if got != c.want {
					t.Errorf("chose %s, want %s", got, c.want)
				}
				if modes := term.Modes(); modes != (termtest.Modes{}) {
					t.Errorf("the terminal was left as %+v", modes)
				}
			})
		})
	}
}

func TestPickContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := termtest.New(t, 60, 15)
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("hung up")
		time.AfterFunc(time.Second, func() { cancel(why) })
		_, err := Pick(ctx, Options{Input: term.Input(), Output: term, Env: []string{"TERM=xterm"}}, "which program?", commands())
		if !errors.Is(err, why) {
			t.Errorf("Pick: %v, want the cause", err)
		}
	})
}

// TestPickScreens holds its pictures.
func TestPickScreens(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {40, 10}, {20, 5}} {
		for name, keys := range map[string]string{"start": "", "end": "G", "filter": "/to", "none": "/zz"} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				p := newPicker(Options{NoColor: true}, "Several programs: which one?", commands())
				p.width, p.height = size[0], size[1]
				for _, r := range keys {
					next, _ := p.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
					p = next.(picker)
				}
				golden.RequireEqual(t, ansi.Strip(strings.Join(p.lines(), "\n"))+"\n")
			})
		}
	}
}

// TestPickEverySize: whatever the size, the list is exactly that size.
func TestPickEverySize(t *testing.T) {
	p := newPicker(Options{NoColor: true}, "Several programs: which one?", commands())
	p.at = 12
	for w := range 90 {
		for h := range 30 {
			p.width, p.height = w, h
			lines := p.lines()
			if len(lines) != h {
				t.Fatalf("%dx%d: %d lines", w, h, len(lines))
			}
			for _, line := range lines {
				if n := ansi.StringWidth(line); n != w {
					t.Fatalf("%dx%d: %d cells: %q", w, h, n, line)
				}
			}
		}
	}
}
