// Package story plays stories in tests: events, line by line, and the transcript that
// they lead to.
package story

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata")

// Play plays each story in testdata and compares the transcript that play returns. A
// story is a txtar file: its comment says what it shows, its first files, as many as
// inputs, are passed to play, and the last one is the expected transcript. With -update
// the transcripts are written instead.
func Play(t *testing.T, inputs int, play func(t *testing.T, files []string) string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			story, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(story.Files) < inputs {
				t.Fatalf("it has %d files, and needs %d", len(story.Files), inputs)
			}
			var given []string
			for _, f := range story.Files[:inputs] {
				given = append(given, string(f.Data))
			}
			got := play(t, given)
			if *update {
				story.Files = append(story.Files[:inputs], txtar.File{Name: "transcript", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(story), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(story.Files) <= inputs {
				t.Fatal("no transcript; look at -update's and keep it if it is right")
			}
			if want := string(story.Files[inputs].Data); got != want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", bytes.TrimSpace(story.Comment), got, want)
			}
		})
	}
}
