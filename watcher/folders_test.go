package watcher

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"
)

// settledIn waits until names were emitted and agree with the disk; other
// names that were emitted must be among also.
func (p *probe) settledIn(names []string, also ...string) {
	p.t.Helper()
	p.among(p.until(names...), slices.Concat(names, also))
	p.agree(names...)
}

func TestNewNestedFolders(t *testing.T) {
	p := watching(t, "**/*.txt")
	var names []string
	for i := range 20 {
		// All of it may be there before the first event is read.
		dir := fmt.Sprintf("w/n%d/b/c", i)
		p.mkdir(dir)
		p.write(dir+"/x.txt", "x")
		p.write(fmt.Sprintf("w/n%d/y.txt", i), "y")
		names = append(names, dir+"/x.txt", fmt.Sprintf("w/n%d/y.txt", i))
	}
	p.settledIn(names)
	p.write("w/n3/b/c/x.txt", "again")
	p.settledIn([]string{"w/n3/b/c/x.txt"})
}

func TestRuleForFolderToCome(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	p.watch(p.rules("w/internal/db", "*.go"))
	p.mkdir("w/internal/db")
	p.write("w/internal/db/open.go", "1")
	p.settledIn([]string{"w/internal/db/open.go"})
	p.remove("w/internal")
	p.settledIn([]string{"w/internal/db/open.go"})
	p.mkdir("w/internal/db")
	p.write("w/internal/db/open.go", "2")
	p.settledIn([]string{"w/internal/db/open.go"})
}

// Neither the folder nor anything that a root names exists.
func TestRuleFarAway(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.watch(Set{Files: []string{p.path("x/y/z/go.work")}})
	p.mkdir("x/y/z")
	p.write("x/y/z/go.work", "1")
	p.settledIn([]string{"x/y/z/go.work"})
	p.rename("x", "x2")
	p.settledIn([]string{"x/y/z/go.work"})
	p.rename("x2", "x")
	p.settledIn([]string{"x/y/z/go.work"})
	p.write("x/y/z/go.work", "2")
	p.settledIn([]string{"x/y/z/go.work"})
}

func TestFolderMovedAwayAndBack(t *testing.T) {
	for _, include := range []string{"*.go", "**/*.go"} {
		t.Run(include, func(t *testing.T) {
			p := newProbe(t, realSystem{})
			p.mkdir("w/a/b")
			p.write("w/a/b/x.go", "1")
			if include == "*.go" {
				p.watch(p.rules("w/a/b", include))
			} else {
				p.watch(p.rules("w", include))
			}
			for i := range 5 {
				p.rename("w/a", "away")
				p.settledIn([]string{"w/a/b/x.go"})
				// Edits elsewhere are no business of ours, and must not be
				// taken for edits here.
				p.write("away/b/x.go", fmt.Sprint("away", i))
				p.rename("away", "w/a")
				p.settledIn([]string{"w/a/b/x.go"})
				p.write("w/a/b/x.go", fmt.Sprint("back", i))
				p.settledIn([]string{"w/a/b/x.go"})
			}
			// Away and back at once: nothing, or both.
			p.rename("w/a", "away")
			p.rename("away", "w/a")
			p.write("w/a/b/x.go", "2")
			p.settledIn([]string{"w/a/b/x.go"})
			p.write("w/a/b/x.go", "3")
			p.settledIn([]string{"w/a/b/x.go"})
		})
	}
}

// A folder's events keep coming under its old name unless one takes care.
func TestFolderRenamed(t *testing.T) {
	p := watching(t, "**/*.go")
	p.mkdir("w/a/sub")
	p.write("w/a/sub/x.go", "1")
	p.settledIn([]string{"w/a/sub/x.go"})
	p.rename("w/a", "w/b")
	p.settledIn([]string{"w/a/sub/x.go", "w/b/sub/x.go"})
	p.write("w/b/sub/x.go", "2")
	p.settledIn([]string{"w/b/sub/x.go"})
	p.mkdir("w/a/sub")
	p.write("w/a/sub/x.go", "3")
	p.settledIn([]string{"w/a/sub/x.go"})
	p.write("w/b/sub/x.go", "4")
	p.settledIn([]string{"w/b/sub/x.go"})
	// Two folders change places.
	p.rename("w/a", "w/t")
	p.rename("w/b", "w/a")
	p.rename("w/t", "w/b")
	p.settledIn([]string{"w/a/sub/x.go", "w/b/sub/x.go"}, "w/t/sub/x.go")
	p.agree("w/t/sub/x.go")
	for i := range 3 {
		p.write("w/a/sub/x.go", fmt.Sprint("a", i))
		p.settledIn([]string{"w/a/sub/x.go"}, "w/t/sub/x.go")
		p.write("w/b/sub/x.go", fmt.Sprint("b", i))
		p.settledIn([]string{"w/b/sub/x.go"}, "w/t/sub/x.go")
	}
}

// Deleted and made anew, many times: the new folder often has the old inode
// number.
func TestFolderRecreated(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/a")
	p.write("w/a/x.go", "0")
	p.watch(p.rules("w/a", "*.go"))
	for i := range 10 {
		p.remove("w/a")
		p.mkdir("w/a")
		p.write("w/a/x.go", fmt.Sprint("made", i))
		p.settledIn([]string{"w/a/x.go"})
		p.write("w/a/x.go", fmt.Sprint("edited", i))
		p.settledIn([]string{"w/a/x.go"})
	}
}

func TestRootRenamed(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/cmd/api")
	p.write("w/cmd/api/main.go", "1")
	p.write("w/go.mod", "module m")
	s := p.rules("w/cmd/api", "*.go")
	s.Files = []string{p.path("w/go.mod")}
	p.watch(s)
	p.rename("w", "v")
	p.settledIn([]string{"w/cmd/api/main.go", "w/go.mod"})
	p.rename("v", "w")
	p.settledIn([]string{"w/cmd/api/main.go", "w/go.mod"})
	p.write("w/cmd/api/main.go", "2")
	p.settledIn([]string{"w/cmd/api/main.go"})
}

func TestSymlinkedFolder(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/x")
	p.mkdir("real1")
	p.mkdir("real2")
	p.write("real1/a.go", "1")
	p.write("real2/a.go", "one in the other")
	p.link("../../real1", "w/x/pkg")
	p.watch(p.rules("w/x/pkg", "*.go"))
	file := []string{"w/x/pkg/a.go"}
	p.write("real1/a.go", "2")
	p.settledIn(file)
	p.write("w/x/pkg/a.go", "3")
	p.settledIn(file)
	// Retargeted.
	p.link("../../real2", "w/x/new")
	p.rename("w/x/new", "w/x/pkg")
	p.settledIn(file)
	p.write("real2/a.go", "4")
	p.settledIn(file)
	// The target moved away: dangling; and back.
	p.rename("real2", "real3")
	p.settledIn(file)
	p.rename("real3", "real2")
	p.settledIn(file)
	p.write("real2/a.go", "5")
	p.settledIn(file)
	// Deleted and made anew.
	p.remove("real2")
	p.mkdir("real2")
	p.write("real2/a.go", "6")
	p.settledIn(file)
	p.write("real2/a.go", "7")
	p.settledIn(file)
}

func TestLinkChain(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	p.mkdir("far/v1")
	p.mkdir("far/v2")
	p.write("far/v1/a.go", "1")
	p.write("far/v2/a.go", "2")
	p.link("v1", "far/current")
	p.link(p.path("far/current"), "w/pkg")
	p.watch(p.rules("w/pkg", "*.go"))
	file := []string{"w/pkg/a.go"}
	p.link("v2", "far/next")
	p.rename("far/next", "far/current")
	p.settledIn(file)
	p.write("far/v2/a.go", "3")
	p.settledIn(file)
}

func TestSymlinkedFile(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	p.mkdir("shared")
	p.write("shared/a.sql", "1")
	p.write("shared/b.sql", "other")
	p.link("../shared/a.sql", "w/q.sql")
	p.watch(p.rules("w", "*.sql"))
	file := []string{"w/q.sql"}
	p.write("shared/a.sql", "2")
	p.settledIn(file)
	p.replace("shared/a.sql", "3")
	p.settledIn(file)
	p.remove("w/q.sql")
	p.link("../shared/b.sql", "w/q.sql")
	p.settledIn(file)
	p.write("shared/b.sql", "4")
	p.settledIn(file)
	p.write("shared/a.sql", "not watched")
	p.nothing("w/end.sql")
	p.rename("shared", "away")
	p.settledIn(file)
	p.rename("away", "shared")
	p.settledIn(file)
	p.write("shared/b.sql", "5")
	p.settledIn(file)
}

// A build fails at a link without a target, so it matters that it comes and goes.
func TestLinkToNowhere(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	p.mkdir("shared")
	p.write("shared/a.sql", "1")
	p.watch(p.rules("w", "*.sql"))
	file := []string{"w/q.sql"}
	p.link("../shared/a.sql", "w/q.sql")
	p.settledIn(file)
	p.remove("shared/a.sql")
	p.settledIn(file)
	p.remove("w/q.sql")
	p.settledIn(file)
	p.link("../shared/a.sql", "w/q.sql")
	p.settledIn(file)
	p.write("shared/a.sql", "2")
	p.settledIn(file)
}

// Two names for one directory, both watched.
func TestAliases(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/real")
	p.link("real", "w/alias")
	p.write("w/real/a.go", "1")
	p.watch(Set{Roots: []string{p.path("w")}, Rules: []Rule{
		{Dir: p.path("w/real"), Include: []string{"*.go"}},
		{Dir: p.path("w/alias"), Include: []string{"*.go"}},
	}})
	both := []string{"w/real/a.go", "w/alias/a.go"}
	p.write("w/real/a.go", "2")
	p.settledIn(both)
	p.remove("w/alias")
	p.settledIn([]string{"w/alias/a.go"})
	p.write("w/real/a.go", "3")
	p.settledIn([]string{"w/real/a.go"})
	p.link("real", "w/alias")
	p.settledIn([]string{"w/alias/a.go"})
	p.rename("w/real", "w/moved")
	p.settledIn(both)
	p.rename("w/moved", "w/real")
	p.settledIn(both)
	p.write("w/alias/a.go", "4")
	p.settledIn(both)
}

func TestLinksInCircles(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/a/b")
	p.mkdir("out")
	p.link("..", "w/a/up")
	p.link("/", "w/a/root")
	p.link("self", "w/a/self")
	p.link("../../out", "w/a/out")
	p.link("../w", "out/back")
	p.link(".", "out/dot")
	p.write("out/x.go", "1")
	st := p.watch(p.rules("w", "**/*.go"))
	if st.Folders > 6 {
		t.Errorf("%d folders entered", st.Folders)
	}
	if p.inspect(func(tr *tree) bool { return len(tr.dirty) > 0 }) {
		t.Error("no end of looking at links that are not followed")
	}
	p.write("out/x.go", "2")
	p.settledIn([]string{"w/a/out/x.go"})
}

func TestGitCheckout(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(git, args...)
		cmd.Dir = p.path("w")
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@a", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@a")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	tree := func(branch string, from int) (names []string) {
		for i := from; i < from+200; i++ {
			dir := fmt.Sprintf("w/p%d/q%d", i%7+from, i%3)
			p.mkdir(dir)
			name := fmt.Sprintf("%s/f%d.go", dir, i)
			p.write(name, branch)
			names = append(names, name)
		}
		p.write("w/same.go", "same")
		return names
	}
	run("init", "-q", "-b", "one")
	one := tree("one", 0)
	run("add", ".")
	run("commit", "-q", "-m", "one")
	run("checkout", "-q", "--orphan", "two")
	run("rm", "-q", "-rf", ".")
	two := tree("two", 100) // half of the files are in both, in other folders
	run("add", ".")
	run("commit", "-q", "-m", "two")
	run("checkout", "-q", "one")

	s := p.rules("w", "**/*.go")
	s.Hold = []string{p.path("w/.git/index.lock")}
	p.watch(s)
	both := slices.Concat(one, two)
	for range 3 {
		run("checkout", "-q", "two")
		p.settledIn(both)
		run("checkout", "-q", "one")
		p.settledIn(both)
	}
	p.nothing("w/end.go")
}

func TestUnrelatedNoiseIsNoEvent(t *testing.T) {
	p := watching(t, "*.go")
	p.write("w/server.log", "x")
	p.write("v.go", "beside the root")
	p.mkdir("w/tmp")
	p.nothing("w/a.go")
	hit := p.inspect(func(tr *tree) bool {
		return tr.event(p.path("w/server.log"), 0xff) || tr.event(p.path("w/tmp"), 0xff) || tr.event(p.path("v.go"), 0xff)
	})
	if hit {
		t.Error("a log file's events would delay batches")
	}
}

func TestManyFiles(t *testing.T) {
	p := newProbe(t, realSystem{})
	for d := range 100 {
		p.mkdir(fmt.Sprintf("w/d%d", d))
		for f := range 30 {
			p.write(fmt.Sprintf("w/d%d/f%d.go", d, f), "x")
		}
	}
	st := p.watch(p.rules("w", "**/*.go"))
	if st.Files != 3000 || st.Folders != 101 {
		t.Errorf("stats %+v", st)
	}
	p.write("w/d50/f7.go", "y")
	p.settledIn([]string{"w/d50/f7.go"})
}

func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	p := watching(t, "*.go")
	p.write("w/a.go", "1")
	p.only("w/a.go")
	p.stop()
	waitFor(t, func() bool { return runtime.NumGoroutine() <= before })
	if _, err := p.Watch(t.Context(), Set{}, time.Time{}); err == nil {
		t.Error("Watch after the end of Run: no error")
	}
	if _, err := p.Settle(t.Context()); err == nil {
		t.Error("Settle after the end of Run: no error")
	}
}
