package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// A page is what a browser would be: a stream of snapshots, and requests.
type page struct {
	io.Closer
	lines *bufio.Reader
	seq   int
}

func open(through string) (*page, error) {
	r, err := http.NewRequest(http.MethodGet, through+"/", nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Sec-Fetch-Dest", "document")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, _ := io.ReadAll(res.Body)
	res.Body.Close()
	token := regexp.MustCompile(`data-token="(\w+)"`).FindSubmatch(text)
	if token == nil {
		return nil, fmt.Errorf("no tag in %s", text)
	}
	events, err := http.Get(through + "/.hotdev/events?token=" + string(token[1])) //nolint:bodyclose // the page does
	if err != nil {
		return nil, err
	}
	p := &page{Closer: events.Body, lines: bufio.NewReader(events.Body)}
	return p, p.wait(func(snapshot) bool { return true })
}

type snapshot struct {
	Seq   int
	Phase string
}

func (p *page) wait(for_ func(snapshot) bool) error {
	for {
		line, err := p.lines.ReadString('\n')
		if err != nil {
			return err
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var s snapshot
		if err := json.Unmarshal([]byte(data), &s); err != nil {
			return err
		}
		if for_(s) {
			p.seq = s.Seq
			return nil
		}
	}
}

// next waits for an update, and for what it promises.
func (p *page) next(address, want string) error {
	for {
		if err := p.wait(func(s snapshot) bool { return s.Seq > p.seq && s.Phase == "serving" }); err != nil {
			return err
		}
		text, err := fetch(http.DefaultTransport.(*http.Transport), address)
		if err != nil || strings.Contains(text, want) {
			return err
		}
	}
}
