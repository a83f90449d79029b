package proxy

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/engine"
)

// mirror answers with what it was asked, in the way that the query says.
func mirror(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	q := r.URL.Query()
	if c := q.Get("code"); r.Method != http.MethodHead && c != "204" && c != "304" { // a trailer without a body is none
		h.Set("Trailer", "X-Sum")
	}
	if t := q.Get("type"); t == "none" {
		h["Content-Type"] = nil
	} else if t != "" {
		h.Set("Content-Type", t)
	}
	if q.Has("nodate") {
		h["Date"] = nil
	}
	h["X-Many"] = []string{"a", "b"}
	h.Add("Set-Cookie", "a=1; Path=/; HttpOnly")
	h.Add("Set-Cookie", "b=2; Secure")
	h.Set("Location", "http://"+r.Host+"/elsewhere")
	h.Set("Etag", `"tag"`)
	if q.Has("early") {
		h.Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		h.Del("Link")
	}
	sum := sha256.New()
	n, _ := io.Copy(sum, r.Body)
	code := 200
	fmt.Sscan(q.Get("code"), &code)
	var out bytes.Buffer
	fmt.Fprintf(&out, "<!doctype html><html><head>%s %s %s %q\n%d %x\n", r.Method, r.RequestURI, r.Host, r.RemoteAddr[:3], n, sum.Sum(nil))
	names := slices.Sorted(maps.Keys(r.Header))
	for _, name := range names {
		fmt.Fprintf(&out, "%s: %q\n", name, r.Header[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Trailer)) {
		fmt.Fprintf(&out, "trailer %s: %q\n", name, r.Trailer[name])
	}
	fmt.Fprintf(&out, "%d %v\n", r.ContentLength, r.TransferEncoding)
	text := out.Bytes()
	if q.Has("long") {
		text = bytes.Repeat(text, 200)
	}
	if q.Has("length") {
		h.Del("Trailer")
		h.Set("Content-Length", fmt.Sprint(len(text)))
	}
	w.WriteHeader(code)
	if code != 204 && code != 304 {
		for chunk := range slices.Chunk(text, max(1, len(text)/3)) {
			w.Write(chunk)
			w.(http.Flusher).Flush()
		}
	}
	h.Set("X-Sum", fmt.Sprint(len(text)))
}

// A told is all that a client can tell of an answer.
type told struct {
	status   string
	proto    string
	header   http.Header
	trailer  http.Header
	length   int64
	encoding []string
	text     string
	early    []string
	err      string
}

func ask(url string, make func(url string) *http.Request, via *http.Transport) told {
	r := make(url)
	var early []string
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		early = append(early, fmt.Sprint(code, h))
		return nil
	}}))
	res, err := via.RoundTrip(r)
	if err != nil {
		return told{err: "failed"}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	t := told{res.Status, res.Proto, res.Header, res.Trailer, res.ContentLength, res.TransferEncoding, string(text), early, ""}
	if err != nil {
		t.err = err.Error()
	}
	if res.Header.Get("Date") != "" {
		res.Header.Set("Date", "now")
	}
	return t
}

// Random requests get the same answers with the proxy and without, byte for byte; those
// for documents too, but for the tag.
func TestSameAsWithout(t *testing.T) {
	s := newStage(t)
	addr := serves(t, mirror)
	s.up(addr, engine.Cycle{})
	rounds := 120
	for i := range rounds {
		seed := rand.New(rand.NewPCG(7, uint64(i)))
		pick := func(of ...string) string { return of[seed.IntN(len(of))] }
		document := seed.IntN(4) == 0
		method := pick("GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "QUERY")
		path := pick("/", "/a/b", "/a%2Fb", "/a|b", "/%E4%BD%A0", "/a//b/", "//x", "/..", "/a;b=c", "/a'b(c)", "/~u/%7Eu")
		query := pick("", "?", "?a=1;b", "?a=%zz", "?x="+strings.Repeat("y", 200)) + "&"
		if query == "&" {
			query = "?"
		}
		query += pick("", "early&") + pick("", "long&") + pick("", "length&") + pick("", "nodate&") + pick("type=none&", "type=text/plain&", "type=application/json&", "type=text/html&") + pick("", "code=404", "code=500", "code=204", "code=304", "code=301", "code=206")
		var body []byte
		chunked, trailer := seed.IntN(2) == 0, seed.IntN(2) == 0
		if method == "POST" || method == "PUT" || method == "PATCH" || method == "QUERY" {
			body = make([]byte, seed.IntN(3)*seed.IntN(50_000))
		}
		header := http.Header{}
		for _, h := range [][2]string{{"Origin", "http://a.test"}, {"Cookie", "a=b; c=\"d\""}, {"Accept-Encoding", "br, gzip"}, {"User-Agent", ""}, {"Content-Type", "application/x-www-form-urlencoded"}, {"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=1"}, {"Te", "trailers"}, {"If-None-Match", `"x"`}, {"Range", "bytes=0-1"}, {"Upgrade-Insecure-Requests", "1"}, {"Expect", "100-continue"}} {
			if seed.IntN(2) == 0 && (h[0] != "Expect" || len(body) > 0) {
				header.Set(h[0], h[1])
			}
		}
		if document {
			header.Set("Sec-Fetch-Dest", "document")
			header.Set("Accept-Encoding", "gzip") // of others, documents are asked for in gzip alone
		}
		request := func(to string) *http.Request {
			r, err := http.NewRequest(method, "http://program.localhost/", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.URL.Host = strings.TrimPrefix(to, "http://")
			r.URL.Opaque = path
			if strings.HasPrefix(path, "//") {
				r.URL.Opaque, r.URL.Path = "", path
			}
			r.URL.RawQuery = strings.TrimPrefix(query, "?")
			r.URL.ForceQuery = query == "?"
			r.Header = header.Clone()
			if body != nil {
				r.Body = io.NopCloser(bytes.NewReader(body))
				r.ContentLength = int64(len(body))
				if chunked {
					r.ContentLength = -1
					if trailer {
						r.Trailer = http.Header{"X-End": {"yes"}}
					}
				}
			}
			return r
		}
		direct, through := &http.Transport{DisableCompression: true}, &http.Transport{DisableCompression: true}
		want := ask("http://"+addr, request, direct)
		got := ask(s.url, request, through)
		direct.CloseIdleConnections()
		through.CloseIdleConnections()
		if tagged := strings.Contains(got.text, "/.hotdev/client.js"); tagged {
			if !document || !strings.HasPrefix(want.header.Get("Content-Type"), "text/html") {
				t.Fatalf("%d: %s %s%s: a tag in no document", i, method, path, query)
			}
			before, after, _ := strings.Cut(got.text, "<script")
			_, after, _ = strings.Cut(after, "</script>")
			got.text = before + after
			// A document has no length of its own, and another tag; it is asked for in an
			// encoding that can be read.
			got.length, want.length = 0, 0
			got.encoding, want.encoding = nil, nil
			want.header.Del("Content-Length")
			if e := want.header.Get("Etag"); e != "" {
				want.header.Set("Etag", "W/"+e)
			}
		} else if document && strings.HasPrefix(want.header.Get("Content-Type"), "text/html") && len(want.text) > 0 && (method == "GET" || method == "POST") && !strings.HasPrefix(want.status, "206") {
			t.Fatalf("%d: %s %s%s: no tag in a document\n%v", i, method, path, query, got)
		}
		// Who asks is the proxy, on the same machine.
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("%d: %s %s%s\n%s", i, method, path, query, differ(got, want))
		}
	}
}

// differ shows what is not the same.
func differ(got, want told) string {
	var b strings.Builder
	for _, f := range [][3]string{
		{"status", got.status, want.status}, {"proto", got.proto, want.proto}, {"header", fmt.Sprint(got.header), fmt.Sprint(want.header)},
		{"trailer", fmt.Sprint(got.trailer), fmt.Sprint(want.trailer)}, {"length", fmt.Sprint(got.length, got.encoding), fmt.Sprint(want.length, want.encoding)},
		{"early", fmt.Sprint(got.early), fmt.Sprint(want.early)}, {"err", got.err, want.err}, {"text", got.text, want.text},
	} {
		if f[1] != f[2] {
			fmt.Fprintf(&b, "%s\n got %.1500s\nwant %.1500s\n", f[0], f[1], f[2])
		}
	}
	return b.String()
}
