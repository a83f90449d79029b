package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hotdev/hotdev/internal/procfs"
)

// A way leads to the program: directly, or through a proxy.
type way struct {
	name, address string
	proxy         int // its process; 0: there is none
	rounds        []figures
}

// figures are one round's. Processor time is per request, under load.
type figures struct {
	p50                    time.Duration // of one request after the other
	rate                   float64       // by 64 connections, a second
	client, program, proxy time.Duration
}

// work is the processor time that a request takes of all three. Where they share the
// machine, its inverse is what can be answered in a second, and it does not depend on
// what else the machine does.
func (f figures) work() time.Duration { return f.client + f.program + f.proxy }

// other starts another proxy, of which spec is "name=command"; stop ends it.
func other(spec, project string, appPort int) (w *way, stop func(), err error) {
	name, command, _ := strings.Cut(spec, "=")
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil, nil, fmt.Errorf("-other %q: want name=command", spec)
	}
	port := freePort()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = project
	cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port), fmt.Sprintf("APP_PORT=%d", appPort), builtin+"="+name)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	stop = func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() }
	w = &way{name: "through " + name, address: fmt.Sprintf("http://127.0.0.1:%d/text", port), proxy: cmd.Process.Pid}
	if err := until(w.address, "hello 0"); err != nil {
		stop()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return w, stop, nil
}

// compare measures all ways in each round, so that whatever else the machine does is
// spread over them, and prints the medians.
func compare(ways []*way, program int, load time.Duration, rounds int) {
	for range rounds {
		for _, w := range ways {
			w.rounds = append(w.rounds, w.measure(program, load))
		}
	}
	fmt.Println("| | one after the other, p50 | 64 connections | | processor time per request: client | program | proxy | of the program's own |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
	base := ways[0].median()
	for _, w := range ways {
		m := w.median()
		fmt.Printf("| %s | %v | %.0f/s | %.2f× | %v | %v | %v | %.2f× |\n", w.name, m.p50, m.rate, m.rate/base.rate, m.client, m.program, m.proxy,
			float64(base.work())/float64(max(1, m.work())))
	}
}

// median takes that of each figure by itself.
func (w *way) median() (m figures) {
	all := slices.Clone(w.rounds)
	middle := func(less func(a, b figures) bool) figures {
		slices.SortFunc(all, func(a, b figures) int {
			if less(a, b) {
				return -1
			}
			return 1
		})
		return all[len(all)/2]
	}
	m.p50 = middle(func(a, b figures) bool { return a.p50 < b.p50 }).p50
	m.rate = middle(func(a, b figures) bool { return a.rate < b.rate }).rate
	m.client = middle(func(a, b figures) bool { return a.client < b.client }).client
	m.program = middle(func(a, b figures) bool { return a.program < b.program }).program
	m.proxy = middle(func(a, b figures) bool { return a.proxy < b.proxy }).proxy
	return m
}

func (w *way) measure(program int, load time.Duration) (f figures) {
	f.p50 = latency(w.address)
	pids := []int{os.Getpid(), program, w.proxy}
	var before [3]time.Duration
	for i, pid := range pids {
		before[i] = procfs.CPU(pid)
	}
	n := hammer(w.address, load)
	f.rate = float64(n) / load.Seconds()
	for i, to := range []*time.Duration{&f.client, &f.program, &f.proxy} {
		*to = ((procfs.CPU(pids[i]) - before[i]) / time.Duration(max(1, n))).Round(100 * time.Nanosecond)
	}
	return f
}

// latency is the median time of a request over one connection.
func latency(address string) time.Duration {
	via := &http.Transport{}
	defer via.CloseIdleConnections()
	var all []time.Duration
	for range 2000 {
		begun := time.Now()
		fetch(via, address)
		all = append(all, time.Since(begun))
	}
	slices.Sort(all)
	return all[len(all)/2].Round(time.Microsecond)
}

// hammer counts the answers that 64 connections get within a time.
func hammer(address string, load time.Duration) int {
	const connections = 64
	via := &http.Transport{MaxIdleConnsPerHost: connections}
	defer via.CloseIdleConnections()
	var n atomic.Int64
	ctx, cancel := context.WithTimeout(context.Background(), load)
	defer cancel()
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := fetch(via, address); err == nil {
					n.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return int(n.Load())
}

// builtin names one of the builtins to this program, which is then that.
const builtin = "HOTDEV_BENCH_PROXY"

// builtins are proxies to compare with; each listens at one address and leads to another.
func builtins() map[string]func(at, to string) error {
	return map[string]func(at, to string) error{
		"a bare httputil.ReverseProxy":          bare,
		"a relay of TCP that looks at no bytes": relay,
	}
}

// bare is the least that a proxy written with net/http does.
func bare(at, to string) error {
	p := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	p.Transport = &http.Transport{MaxIdleConnsPerHost: 512, DisableCompression: true}
	return http.ListenAndServe(at, p)
}

// relay is the least that any process between two others does.
func relay(at, to string) error {
	l, err := net.Listen("tcp", at)
	if err != nil {
		return err
	}
	for {
		client, err := l.Accept()
		if err != nil {
			return err
		}
		server, err := net.Dial("tcp", to)
		if err != nil {
			client.Close()
			continue
		}
		for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
			go func() { // ends with the connections
				buf := make([]byte, 32<<10)
				// Not ReadFrom, which would go through a pipe.
				io.CopyBuffer(struct{ io.Writer }{pair[0]}, struct{ io.Reader }{pair[1]}, buf)
				pair[0].Close()
			}()
		}
	}
}
