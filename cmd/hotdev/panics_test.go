package main

import (
	"context"
	"errors"
	"os"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/loop"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
)

// panics is a hotdev whose loop panics at the first save.
func panics() {
	t := terminal.Terminal{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	o := loop.Options{Project: project.Options{Dir: dir, CheckKeys: terminal.CheckKeys}}
	err = loop.Watch(context.Background(), t, o, panicView{})
	panic(errors.Join(errors.New("came back"), err))
}

type panicView struct{}

func (panicView) Show(_ session.State, _ int, e engine.Event) {
	if c, ok := e.(engine.Changed); ok && len(c.Paths) > 0 { // else it has only a notice
		panic("at the first save")
	}
}
