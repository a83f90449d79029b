package proxy

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/runner"
)

// What pages ask for and tell.

// read takes what a page sent, or answers that it makes no sense.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	const most = 64 << 10
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, most)).Decode(into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// open opens a place of the problem that pages show; there is no way to any other file.
func (p *Proxy) open(w http.ResponseWriter, r *http.Request) {
	if !local(r) { // the editor is not where the page is
		http.Error(w, "hotdev opens an editor for pages on its own machine alone", http.StatusForbidden)
		return
	}
	var at struct {
		File         string
		Line, Column int
	}
	if !read(w, r, &at) {
		return
	}
	p.mu.Lock()
	problem := p.snapshot.Problem
	p.mu.Unlock()
	if problem == nil || !slices.ContainsFunc(problem.Items, func(i problemItem) bool { return i.File == at.File && i.Line == at.Line && at.File != "" }) {
		http.Error(w, "this place is not part of the current problem", http.StatusConflict)
		return
	}
	if p.opts.Open == nil {
		http.Error(w, "nothing can be opened from here", http.StatusConflict)
		return
	}
	if err := p.opts.Open(at.File, at.Line, at.Column); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

const (
	maxPrinted = 50   // items at once
	maxItem    = 2000 // bytes of one
)

// printed puts what a page printed into the program's log, on its standard error.
func (p *Proxy) printed(w http.ResponseWriter, r *http.Request) {
	var items []string
	if !read(w, r, &items) {
		return
	}
	w.WriteHeader(http.StatusNoContent)
	p.mu.Lock()
	gen, quiet := p.watch.gen, p.settings.Quiet
	p.mu.Unlock()
	if gen == 0 || quiet {
		return
	}
	var lines []runner.Line
	for _, item := range items[:min(len(items), maxPrinted)] {
		if len(item) > maxItem {
			item = item[:maxItem] + "…"
		}
		text := strings.ReplaceAll(safe.Text(item), "\r", "")
		for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
			prefix := "browser: "
			if i > 0 {
				prefix = "         "
			}
			lines = append(lines, runner.Line{Stream: runner.Stderr, Text: prefix + line})
		}
	}
	if len(lines) > 0 {
		p.opts.Send(engine.Wrote{Gen: gen, Lines: lines})
	}
}
