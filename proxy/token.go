package proxy

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/internal/atomicfile"
)

// Cache returns the folder of what outlives a run of hotdev, the token and the
// certificate; empty if there is none.
func Cache() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "hotdev")
}

// Token returns this user's secret for [Options]. It is kept in the user's cache, so
// that an open page survives a restart of hotdev; where it cannot be kept, it is
// another one each time.
func Token() string {
	token := rand.Text()
	cache := Cache()
	if cache == "" {
		return token
	}
	file := filepath.Join(cache, "web.token")
	kept := func() string {
		text, _ := os.ReadFile(file)
		return strings.TrimSpace(string(text))
	}
	if old := kept(); len(old) == len(token) {
		return old
	}
	// Another hotdev may do the same at this moment.
	if os.MkdirAll(filepath.Dir(file), 0o700) != nil || atomicfile.Write(file, []byte(token+"\n"), 0o600) != nil {
		return token
	}
	return kept()
}
