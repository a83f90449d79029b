package world

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// How often to check whether a program is ready: a connection costs next to nothing, a
// command is a process. One check may take as long as lookTime.
const (
	lookOften  = 50 * time.Millisecond
	lookSeldom = 500 * time.Millisecond
	lookTime   = 5 * time.Second
)

// probe checks repeatedly whether the program is ready, until it is, or has ended.
func (w *World) probe(ctx context.Context, e engine.Probe, emit func(engine.Event)) {
	pause := lookOften
	if len(e.Ready.Command) > 0 {
		pause = lookSeldom
	}
	for {
		if _, runs := w.place.running(e.Gen); !runs {
			return
		}
		if isReady(ctx, e.Ready, e.Spec) {
			emit(engine.Readied{Gen: e.Gen})
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func isReady(ctx context.Context, r engine.Readiness, spec runner.Spec) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	switch {
	case r.Port > 0:
		return answers(ctx, r.Port)
	case r.HTTP != "":
		return responds(ctx, r.HTTP)
	}
	return succeeds(ctx, runner.Spec{Path: r.Command[0], Args: r.Command[1:], Env: spec.Env, Dir: spec.Dir})
}

// answers reports whether a process listens on a port of this machine.
func answers(ctx context.Context, port int) bool {
	for _, host := range []string{"127.0.0.1", "::1"} {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			_ = conn.Close()
			return true
		}
	}
	return false
}

func responds(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	// A client of its own, so that no proxy is used, and no connection is open when the
	// program is stopped.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode < 400
}

func succeeds(ctx context.Context, spec runner.Spec) bool {
	p, err := runner.Start(spec, func([]runner.Line) {})
	if err != nil {
		return false
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		<-p.Done()
	}
	return p.Exit().Code == 0 && p.Exit().Err == ""
}
