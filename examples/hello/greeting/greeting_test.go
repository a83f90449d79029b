package greeting

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestPage(t *testing.T) {
	started := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	page := Page(started, 4242)
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", http.StatusOK},
		{"GET", "/nothing", http.StatusNotFound},
		{"POST", "/", http.StatusMethodNotAllowed},
	} {
		answer := httptest.NewRecorder()
		page.ServeHTTP(answer, httptest.NewRequest(test.method, test.path, nil))
		if answer.Code != test.status {
			t.Errorf("%s %s: have status %d, want %d", test.method, test.path, answer.Code, test.status)
		}
		if test.status != http.StatusOK {
			continue
		}
		for _, want := range []string{template.HTMLEscapeString(greeting), "15:04:05", "4242"} {
			if !strings.Contains(answer.Body.String(), want) {
				t.Errorf("%q is not on the page:\n%s", want, answer.Body)
			}
		}
	}
}
