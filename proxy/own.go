package proxy

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// ownPath is what hotdev's own endpoints are below. The program never sees it.
const ownPath = "/.hotdev/"

//go:embed client
var client embed.FS

// clientScripts are the script of pages and that of the worker that they share.
func clientScripts() (script, worker []byte) {
	read := func(name string) []byte {
		text, err := client.ReadFile("client/" + name)
		if err != nil {
			panic(err) // it is embedded
		}
		return text
	}
	var b bytes.Buffer
	b.WriteString("(() => {\n'use strict';\n")
	for _, name := range []string{"morph.js", "assets.js", "overlay.js", "errors.js", "page.js"} {
		b.Write(read(name))
	}
	b.WriteString("})();\n")
	return b.Bytes(), read("worker.js")
}

// own answers what is asked of hotdev itself.
func (p *Proxy) own(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	name := strings.TrimPrefix(r.URL.Path, ownPath)
	switch name {
	case "client.js", "worker.js":
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		text := p.script
		if name == "worker.js" {
			text = p.worker
		}
		w.Write(text)
		return
	}
	if !p.ours(r) {
		http.Error(w, "hotdev: not from a page of this address", http.StatusForbidden)
		return
	}
	switch {
	case name == "events" && r.Method == http.MethodGet:
		p.events(w, r)
	case name == "document" && r.Method == http.MethodGet:
		p.document(w, r)
	case name == "tabs" && r.Method == http.MethodPost:
		p.visited(w, r)
	case name == "shown" && r.Method == http.MethodPost:
		p.shown(w, r)
	case name == "open" && r.Method == http.MethodPost:
		p.open(w, r)
	case name == "log" && r.Method == http.MethodPost:
		p.printed(w, r)
	default:
		http.NotFound(w, r)
	}
}

// heartbeat keeps a silent stream from being taken for a dead one.
const heartbeat = 15 * time.Second

// events streams snapshots, the newest first of all. What comes while one is being
// written is left out: each says everything.
func (p *Proxy) events(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	defer p.tabs.begin(r.URL.Query().Get("worker"))()
	flush := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	last := ""
	for {
		p.mu.Lock()
		s, changed := p.snapshot, p.changed
		s.Phase, s.Why = p.status.phase, p.status.why
		p.mu.Unlock()
		text, err := json.Marshal(s)
		if err != nil {
			panic(err) // it is all text and numbers
		}
		if string(text) != last {
			last = string(text)
			if _, err := fmt.Fprintf(w, "retry: 300\ndata: %s\n\n", text); err != nil {
				return
			}
			flush.Flush()
		}
		select {
		case <-changed:
		case <-beat.C:
			if _, err := io.WriteString(w, ": \n\n"); err != nil {
				return
			}
			flush.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// shown takes word of a page that it shows an update. The first page counts.
func (p *Proxy) shown(w http.ResponseWriter, r *http.Request) {
	var did struct {
		Seq  int    `json:"seq"`
		Tier tier   `json:"tier"`
		Why  string `json:"why"`
	}
	if !read(w, r, &did) {
		return
	}
	w.WriteHeader(http.StatusNoContent)
	p.mu.Lock()
	var e engine.Shown
	told := false
	if did.Seq > p.watch.told {
		for _, u := range p.snapshot.Updates {
			if u.Seq == did.Seq {
				e = engine.Shown{Tier: string(u.Tier), Files: u.paths, Why: u.Why, Took: time.Since(u.since)}
				if did.Tier.known() && did.Tier != u.Tier { // the page could not, and said why
					e.Tier, e.Why = string(did.Tier), short(did.Why)
				}
				p.watch.told, told = did.Seq, true
			}
		}
	}
	p.mu.Unlock()
	if told {
		p.opts.Send(e)
	}
}

// short is a text of somebody's, as long as a sentence.
func short(s string) string {
	s = strings.ToValidUTF8(s, "")
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// failed answers a request that the program did not.
func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody listens
	}
	x := exchangeOf(r)
	p.mu.Lock()
	st := p.status
	x.seq = p.snapshot.Seq
	p.mu.Unlock()
	code, text := http.StatusServiceUnavailable, st.why
	switch {
	case errors.Is(err, errDown), errors.Is(err, errLate) && st.phase != serving:
	case errors.Is(err, errLate):
		text = "the program runs, but accepts no connection at " + st.backend.url.Host
	case errors.Is(err, errCut) && (x.entity || !replayable(r.Method)):
		code, text = http.StatusBadGateway, "the program ended the connection without an answer; the request may have had an effect, so it was not sent again"
	default:
		code, text = http.StatusBadGateway, "the program ended the connection without an answer"
		if !errors.Is(err, errCut) {
			text = "the program's answer cannot be read: " + err.Error()
		}
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if code == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	if !x.document {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(code)
		fmt.Fprintf(w, "hotdev: %s\n", text)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	waits := ""
	if code != http.StatusBadGateway { // else loading it again is the user's choice
		waits = " data-waiting"
	}
	page := strings.Replace(waitingPage(), "<!--script-->", string(p.tag(x, r.Method, "", waits)), 1)
	io.WriteString(w, strings.Replace(page, "<!--why-->", html.EscapeString(text), 1))
}

func waitingPage() string {
	text, err := client.ReadFile("client/waiting.html")
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}
