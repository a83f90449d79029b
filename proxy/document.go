package proxy

import (
	"compress/gzip"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/proxy/internal/inject"
)

// A document is what a browser shows in a window or a frame: the answer to a
// navigation. Fragments, which scripts ask for, are none.

// navigation reports whether a request asks for a document, and whether the browser
// said so itself, so that the answer is a whole one whatever it looks like. Old browsers
// do not say, nor do all where the address is no loopback's.
func navigation(r *http.Request) (document, known bool) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return false, false
	}
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "document", "iframe", "frame":
		return true, true
	case "":
	default:
		return false, false
	}
	for _, script := range []string{"Hx-Request", "Turbo-Frame", "Datastar-Request", "X-Requested-With", "X-Pjax", "X-Up-Version", "Sec-Fetch-Mode"} {
		if r.Header.Get(script) != "" {
			return false, false
		}
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html"), false
}

// askForReadable asks the program for an encoding that can be read here and that the
// client accepts: what is no document after all goes to it as it comes.
func askForReadable(out *http.Request) {
	accepted := out.Header.Values("Accept-Encoding")
	if len(accepted) == 0 {
		return
	}
	encoding := "identity"
	for name := range strings.SplitSeq(strings.ToLower(strings.Join(accepted, ",")), ",") {
		name, weight, _ := strings.Cut(name, ";")
		if q, ok := strings.CutPrefix(strings.TrimSpace(weight), "q="); strings.TrimSpace(name) == "gzip" && (!ok || strings.Trim(q, "0.") != "") {
			encoding = "gzip"
		}
	}
	out.Header.Set("Accept-Encoding", encoding)
}

// answered looks at the program's answer before it goes on.
func (p *Proxy) answered(res *http.Response) error {
	x := exchangeOf(res.Request)
	h := res.Header
	// The server would add what the program left out.
	for _, name := range []string{"Content-Type", "Date"} {
		if _, ok := h[name]; !ok {
			x.w.Header()[name] = nil
		}
	}
	// A program that does not read a long body to its end closes the connection, and says so.
	// The server here does the same without a word, as an answer may go beside the request.
	if r := res.Request; res.Close && r.Body != nil && r.ProtoMajor == 1 {
		x.w.Header().Set("Connection", "close")
	}
	if !x.document || !isDocument(res) {
		return nil
	}
	nonce, reason := admit(h)
	if reason != "" {
		p.opts.Log.Debug("web: no script in a page", "url", res.Request.URL.Path, "why", reason)
		return nil
	}
	if h.Get("Content-Encoding") == "gzip" {
		res.Body = &unzipped{from: res.Body}
		h.Del("Content-Encoding")
	}
	id := 0
	res.Body, id = p.documents.record(res.Body, h.Get("Content-Type"))
	res.Body = inject.NewReader(res.Body, p.tag(x, res.Request.Method, nonce, fmt.Sprintf(` data-doc="%d"`, id)), x.known)
	// The document is another one, a little longer.
	res.ContentLength = -1
	for _, name := range []string{"Content-Length", "Accept-Ranges", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest"} {
		h.Del(name)
	}
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("Etag", "W/"+tag)
	}
	return nil
}

// isDocument reports whether an answer is HTML that can be read here.
func isDocument(res *http.Response) bool {
	h := res.Header
	if res.StatusCode == http.StatusPartialContent || res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusNotModified || res.StatusCode < 200 {
		return false
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || kind != "text/html" || strings.HasPrefix(strings.ToLower(params["charset"]), "utf-16") {
		return false
	}
	if d, _, _ := mime.ParseMediaType(h.Get("Content-Disposition")); d == "attachment" {
		return false
	}
	return slices.Contains([]string{"", "identity", "gzip"}, strings.ToLower(h.Get("Content-Encoding")))
}

// tag is the script's, with what the page has to know.
func (p *Proxy) tag(x *exchange, method, nonce, attributes string) []byte {
	if nonce != "" {
		attributes += fmt.Sprintf(` nonce="%s"`, html.EscapeString(nonce))
	}
	if method != http.MethodGet {
		attributes += " data-posted"
	}
	if p.opts.Routes.leadTo(p) { // the address may be another program's
		attributes += fmt.Sprintf(` data-program="%s"`, html.EscapeString(p.opts.Name))
	}
	return fmt.Appendf(nil, `<script src="%sclient.js" data-boot="%s" data-seq="%d" data-token="%s"%s></script>`,
		ownPath, p.boot, x.seq, p.opts.Token, attributes)
}

// unzipped is what is zipped in from, whose head is not read before the first Read.
type unzipped struct {
	from io.ReadCloser
	zip  *gzip.Reader
}

func (u *unzipped) Read(p []byte) (int, error) {
	if u.zip == nil {
		zip, err := gzip.NewReader(u.from)
		if err != nil {
			return 0, err
		}
		u.zip = zip
	}
	return u.zip.Read(p)
}

func (u *unzipped) Close() error { return u.from.Close() }
