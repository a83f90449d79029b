package board

import (
	"bufio"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// An open stream counts itself, and sees the clicks that come while it is open.
func TestStream(t *testing.T) {
	b := New(time.Now())
	server := httptest.NewServer(b)
	defer server.Close()
	stream, err := server.Client().Get(server.URL + "/line")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	next := func() string {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return text
			}
		}
		t.Fatal(lines.Err())
		return ""
	}
	if got := next(); !strings.HasPrefix(got, "0 clicks") || !strings.HasSuffix(got, "1 open streams") {
		t.Errorf("it begins with %q", got)
	}
	answer, err := server.Client().Post(server.URL+"/click", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	for !strings.HasPrefix(next(), "1 clicks") {
	}
}
