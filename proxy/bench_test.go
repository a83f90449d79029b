package proxy

import (
	"io"
	"net/http"
	"testing"

	"github.com/hotdev/hotdev/engine"
)

// BenchmarkForward is a request through the proxy, with its client and the program in
// this process; by 64 connections at once.
func BenchmarkForward(b *testing.B) {
	s := newStage(b)
	addr := serves(b, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "hello")
	})
	s.up(addr, engine.Cycle{})
	for _, bench := range []struct{ name, url string }{{"through", s.url}, {"direct", "http://" + addr}} {
		b.Run(bench.name, func(b *testing.B) {
			via := &http.Transport{MaxIdleConnsPerHost: 64}
			defer via.CloseIdleConnections()
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, err := http.NewRequest(http.MethodGet, bench.url, nil)
					if err != nil {
						b.Error(err)
						return
					}
					res, err := via.RoundTrip(r)
					if err != nil {
						b.Error(err)
						return
					}
					io.Copy(io.Discard, res.Body)
					res.Body.Close()
				}
			})
		})
	}
}
