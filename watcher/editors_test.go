package watcher

import (
	"os"
	"testing"
	"time"
)

func TestWrite(t *testing.T) {
	p := watching(t, "*.go")
	p.write("w/a.go", "package a")
	p.only("w/a.go")
	p.write("w/a.go", "package b")
	p.only("w/a.go")
	p.remove("w/a.go")
	p.only("w/a.go")
	p.write("w/a.go", "package b")
	p.only("w/a.go")
}

func TestSameContentIsNothing(t *testing.T) {
	p := watching(t, "*.go")
	p.write("w/a.go", "package a")
	p.only("w/a.go")

	now := time.Now()
	p.ok(os.Chtimes(p.path("w/a.go"), now, now))
	p.nothing("w/touch.go")
	p.ok(os.Chmod(p.path("w/a.go"), 0o755))
	p.nothing("w/chmod.go")
	f, err := os.OpenFile(p.path("w/a.go"), os.O_WRONLY, 0)
	p.ok(err)
	_, err = f.WriteString("package a")
	p.ok(err)
	p.ok(f.Close())
	p.nothing("w/rewrite.go")
	p.replace("w/a.go", "package a")
	p.nothing("w/replace.go")
}

// Vim with 'backup': asks with 4913 whether it may create files, moves the file
// aside, writes it anew, removes the backup.
func TestVim(t *testing.T) {
	p := watching(t, "*")
	p.write("w/a.go", "1")
	p.only("w/a.go")
	p.write("w/.a.go.swp", "swap")
	p.write("w/4913", "")
	p.remove("w/4913")
	p.rename("w/a.go", "w/a.go~")
	p.write("w/a.go", "2")
	p.remove("w/a.go~")
	p.remove("w/.a.go.swp")
	p.dance("w/a.go")
}

func TestEmacs(t *testing.T) {
	p := watching(t, "*")
	p.write("w/a.go", "1")
	p.only("w/a.go")
	p.link("user@host.4242:1700000000", "w/.#a.go") // lock
	p.write("w/#a.go#", "2, unsaved")               // auto-save
	p.nothing("w/typing")
	p.rename("w/a.go", "w/a.go~") // backup
	p.write("w/a.go", "2")
	p.remove("w/.#a.go")
	p.remove("w/#a.go#")
	p.dance("w/a.go")
}

func TestJetBrains(t *testing.T) {
	p := watching(t, "*")
	p.write("w/a.go", "1")
	p.only("w/a.go")
	p.write("w/a.go___jb_tmp___", "2")
	p.rename("w/a.go", "w/a.go___jb_old___")
	p.rename("w/a.go___jb_tmp___", "w/a.go")
	p.remove("w/a.go___jb_old___")
	p.dance("w/a.go")
}

func TestReplace(t *testing.T) {
	p := watching(t, "*")
	p.write("w/a.go", "1")
	p.only("w/a.go")
	p.replace("w/a.go", "2")
	p.dance("w/a.go")
}

// dance ends an editor's steps: name was emitted, nothing else was, and the last
// batch reported the content that is on disk. (On a slow machine the steps may fall
// into several batches.)
func (p *probe) dance(name string) {
	p.t.Helper()
	p.write("w/end", "end")
	p.among(p.until(name, "w/end"), []string{name, "w/end"})
	p.agree(name)
}

// VS Code truncates and writes. An emptied file is not settled, for a while.
func TestTruncateThenWrite(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	p.write("w/a.go", "1")
	p.watch(p.rules("w", "*.go"))
	p.stop() // from here on the test looks, at times of its own
	p.tree.empty = emptyMax
	look := func(waited time.Duration) (Batch, bool) {
		p.tree.markAll(deep)
		return p.tree.look(t.Context(), waited)
	}
	if b, ok := look(0); !ok || len(b.Paths) > 0 {
		t.Fatalf("at rest: %v, settled %v", b, ok)
	}
	p.write("w/a.go", "")
	if _, ok := look(0); ok {
		t.Error("settled on an emptied file")
	}
	p.write("w/a.go", "2")
	// No event is needed for the second look.
	if b, ok := p.tree.look(t.Context(), 1); !ok || len(b.Paths) != 1 {
		t.Errorf("after the write: %v, settled %v", b, ok)
	}
	p.write("w/a.go", "")
	if _, ok := look(emptyMax - 1); ok {
		t.Error("settled on an emptied file, the second time")
	}
	if b, ok := look(emptyMax); !ok || len(b.Paths) != 1 {
		t.Errorf("emptied for good: %v, settled %v", b, ok)
	}
	if b, ok := look(0); !ok || len(b.Paths) > 0 {
		t.Errorf("still empty: %v, settled %v", b, ok)
	}
	// A new file is empty before it is anything else.
	p.write("w/b.go", "")
	if _, ok := look(0); ok {
		t.Error("settled on a new empty file")
	}
	p.write("w/b.go", "3")
	if b, ok := look(0); !ok || len(b.Paths) != 1 {
		t.Errorf("new file written: %v, settled %v", b, ok)
	}
}

func TestEmptyOnPurpose(t *testing.T) {
	p := watching(t, "*")
	p.inspect(func(tr *tree) bool { tr.empty = emptyMax; return true })
	p.write("w/a.go", "1")
	p.only("w/a.go")
	p.write("w/a.go", "")
	p.dance("w/a.go")
}

// gofmt on save: the editor writes, then the formatter writes.
func TestTwoWrites(t *testing.T) {
	p := watching(t, "*")
	p.write("w/a.go", "package  a")
	p.write("w/a.go", "package a\n")
	p.dance("w/a.go")
}

func TestPieces(t *testing.T) {
	p := watching(t, "*")
	f, err := os.Create(p.path("w/a.go"))
	p.ok(err)
	for range 50 {
		_, err := f.WriteString("// another piece of a file that takes its time\n")
		p.ok(err)
		p.ok(f.Sync())
	}
	p.ok(f.Close())
	p.dance("w/a.go")
}
