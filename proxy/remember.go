package proxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// Documents are remembered as they were sent, for a page that is to be morphed: what
// differs between two documents of the program is what changed; what differs between a
// page and a document may be a script's doing, or the user's.

const (
	maxDocuments     = 32      // open pages, more or less
	maxDocumentBytes = 1 << 20 // of one; a longer one is loaded again instead
)

type documents struct {
	mu   sync.Mutex
	next int
	all  map[int]sent
}

type sent struct {
	kind string // its Content-Type
	text []byte
}

// record is body, whose text is remembered under the number once it has all been read.
func (d *documents) record(body io.ReadCloser, kind string) (io.ReadCloser, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next++
	return &recorder{ReadCloser: body, documents: d, id: d.next, kind: kind}, d.next
}

func (d *documents) add(id int, s sent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil {
		d.all = map[int]sent{}
	}
	d.all[id] = s
	for old := id - maxDocuments; len(d.all) > maxDocuments; old++ {
		for k := range d.all {
			if k <= old {
				delete(d.all, k)
			}
		}
	}
}

type recorder struct {
	io.ReadCloser
	documents *documents
	id        int
	kind      string
	text      bytes.Buffer
	over      bool // it is too long, or has been added
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if r.over {
		return n, err
	}
	if r.text.Len()+n > maxDocumentBytes {
		r.over, r.text = true, bytes.Buffer{}
		return n, err
	}
	r.text.Write(p[:n])
	if errors.Is(err, io.EOF) {
		r.over = true
		r.documents.add(r.id, sent{r.kind, r.text.Bytes()})
	}
	return n, err
}

// document answers with one that was sent.
func (p *Proxy) document(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.URL.Query().Get("doc"))
	p.documents.mu.Lock()
	s, ok := p.documents.all[id]
	p.documents.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", s.kind)
	w.Header().Set(cspName, "sandbox") // it is to be read, and never shown
	w.Write(s.text)
}
