//go:build linux && amd64

package live

import (
	"bufio"
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A lab builds a program with the real toolchain, as hotdev's fast path would,
// and then runs it and changes it. Building takes a second or two, so tests of
// one program share a lab.
type lab struct {
	tc      *Toolchain
	tools   string
	env     []string
	work    string
	std     []Package
	cfg     string // importcfg lines of std
	order   []string
	base    map[string]Package
	program string
	count   int
	lang    string
	imports map[string][]string
}

// module is the import path of the labs' programs.
const module = "example.com/app"

var roots = struct{ temp string }{}

func TestMain(m *testing.M) {
	var err error
	if roots.temp, err = os.MkdirTemp("", "hotdev-live-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(roots.temp)
	os.Exit(code)
}

func command(t testing.TB, dir string, env []string, argv ...string) string {
	t.Helper()
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir, c.Env = dir, env
	var out, text bytes.Buffer
	c.Stdout, c.Stderr = &out, &text
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, text.String())
	}
	return out.String()
}

// newLab builds the program whose sources are in dir: a main package, and
// packages in folders below, each with the imports that go list says.
func newLab(t testing.TB, dir string, env ...string) *lab {
	t.Helper()
	work, err := os.MkdirTemp(roots.temp, "lab-")
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{work: work, base: map[string]Package{}, imports: map[string][]string{}, lang: "go1.26"}
	l.env = append(os.Environ(), append([]string{"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOGC=400"}, env...)...)
	if tc := os.Getenv("HOTDEV_TEST_TOOLCHAIN"); tc != "" {
		l.env = append(l.env, "GOTOOLCHAIN="+tc)
	}
	said := strings.Split(strings.TrimSpace(command(t, dir, l.env, "go", "env", "GOROOT", "GOVERSION", "GOTOOLDIR")), "\n")
	l.tools = said[2]
	tc, o := LoadToolchain(said[0], said[1])
	if o != nil {
		t.Fatal(o)
	}
	l.tc = tc
	sources, agent := filepath.Join(work, "src"), filepath.Join(work, "src", "hotdevlive")
	if err := os.CopyFS(sources, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(agent, os.DirFS("agent")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(sources, "go.mod")); err != nil {
		writeFile(t, filepath.Join(sources, "go.mod"), "module "+module+"\n\ngo 1.26\n")
	}
	writeFile(t, filepath.Join(sources, "zz_hotdev_live.go"), "package main\n\nimport _ \""+module+"/hotdevlive\"\n")
	for line := range strings.Lines(command(t, sources, l.env, "go", "list", "-deps", "-export", "-f", `{{.ImportPath}} {{if .Standard}}{{.Export}}{{else}}- {{range .GoFiles}}{{.}} {{end}}= {{range .Imports}}{{.}} {{end}}{{end}}`, ".")) {
		f := strings.Fields(line)
		switch {
		case len(f) < 2:
		case f[1] == "-":
			eq := slices.Index(f, "=")
			path := f[0]
			p := Package{Path: path, Lang: l.lang}
			if path == module {
				p.Path = "main"
			}
			for _, name := range f[2:eq] {
				file := filepath.Join(sources, strings.TrimPrefix(path, module), name)
				p.Files = append(p.Files, File{Path: file, Text: readFileOf(t, file)})
			}
			l.order = append(l.order, p.Path)
			l.imports[p.Path] = f[eq+1:]
			l.base[p.Path] = p
		default:
			l.std = append(l.std, Package{Path: f[0], Archive: f[1]})
			l.cfg += "packagefile " + f[0] + "=" + f[1] + "\n"
		}
	}
	for _, path := range l.order {
		p := l.base[path]
		if said, err := l.compile(&p, l.base); err != nil {
			t.Fatalf("compile %s: %v\n%s", path, err, said)
		}
		if strings.HasSuffix(path, "/hotdevlive") {
			p.Files = nil
		}
		l.base[path] = p
	}
	l.program = filepath.Join(work, "app")
	l.link(t, l.base, l.program)
	return l
}

func (l *lab) importcfg(archives map[string]Package) string {
	var b strings.Builder
	b.WriteString(l.cfg)
	for path, p := range archives {
		if p.Archive != "" && path != "main" {
			fmt.Fprintf(&b, "packagefile %s=%s\n", path, p.Archive)
		}
	}
	return b.String()
}

// compile compiles a package; said is what the compiler printed.
func (l *lab) compile(p *Package, archives map[string]Package, more ...string) (said string, err error) {
	l.count++
	cfg := filepath.Join(l.work, fmt.Sprint(l.count, ".cfg"))
	if err := os.WriteFile(cfg, []byte(l.importcfg(archives)), 0o600); err != nil {
		return "", err
	}
	dir := filepath.Join(l.work, fmt.Sprint("src", l.count))
	p.Archive = filepath.Join(l.work, fmt.Sprint(l.count, ".a"))
	args := []string{"-o", p.Archive, "-p", p.Path, "-lang=" + l.lang, "-complete", "-c=2", "-nolocalimports", "-importcfg", cfg, "-m", "-d=escapemutationscalls=1", "-trimpath", dir + "=>/src/" + p.Path, "-pack"}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for _, f := range p.Files {
		file := filepath.Join(dir, filepath.Base(f.Path))
		if err := os.WriteFile(file, f.Text, 0o600); err != nil {
			return "", err
		}
		args = append(args, file)
	}
	c := exec.Command(filepath.Join(l.tools, "compile"), append(args, more...)...)
	c.Dir, c.Env = l.work, append(slices.Clone(l.env), "GOGC=off")
	out, err := c.CombinedOutput()
	p.Leaks = out
	return string(out), err
}

// learn gives the packages of the standard library that a file imports and that
// the program lacks, with all that these import.
func (l *lab) learn(t testing.TB, file File) (fresh []Package) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "", file.Text, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	known := func(path string) bool {
		return slices.ContainsFunc(l.std, func(p Package) bool { return p.Path == path })
	}
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		if path == "unsafe" || strings.HasPrefix(path, module) || known(path) {
			continue
		}
		for line := range strings.Lines(command(t, l.work, l.env, "go", "list", "-deps", "-export", "-f", "{{.ImportPath}} {{.Export}}", path)) {
			if f := strings.Fields(line); len(f) == 2 && !known(f[0]) {
				fresh = append(fresh, Package{Path: f[0], Archive: f[1]})
				l.std = append(l.std, fresh[len(fresh)-1])
				l.cfg += "packagefile " + f[0] + "=" + f[1] + "\n"
			}
		}
	}
	return fresh
}

func (l *lab) link(t testing.TB, archives map[string]Package, out string, flags ...string) {
	t.Helper()
	cfg := filepath.Join(l.work, "link.cfg")
	writeFile(t, cfg, l.importcfg(archives))
	args := append([]string{filepath.Join(l.tools, "link"), "-o", out, "-importcfg", cfg, "-buildmode=exe", "-w"}, flags...)
	command(t, l.work, l.env, append(args, archives["main"].Archive)...)
}

// packages are all of the program's, for Open.
func (l *lab) packages() []Package {
	all := slices.Clone(l.std)
	for _, path := range l.order {
		all = append(all, l.base[path])
	}
	return all
}

func (l *lab) open(t testing.TB) *Host {
	t.Helper()
	h, o := Open(Setup{Executable: l.program, Packages: l.packages(), Toolchain: l.tc})
	if o != nil {
		t.Fatal(o)
	}
	t.Cleanup(h.Close)
	return h
}

// A run is a program that runs, and what is known of it.
type running struct {
	t    testing.TB
	lab  *lab
	host *Host
	conn *Conn
	now  map[string]Package // as applied
	next map[string]Package // as compiled last
	in   io.Writer
	out  *bufio.Reader
	text *said
	cmd  *exec.Cmd

	compiled, patched time.Duration
	phases            string
	tamper            func(*Patch) // spoils a patch before it is applied
}

func (l *lab) start(t testing.TB) *running {
	t.Helper()
	r := &running{t: t, lab: l, host: l.open(t), now: map[string]Package{}, text: &said{}}
	for path, p := range l.base {
		r.now[path] = p
	}
	mine, theirs := socketPair(t)
	r.cmd = exec.Command(l.program)
	r.cmd.Env = append(os.Environ(), "HOTDEV_LIVE=3", "GOTRACEBACK=all")
	r.cmd.ExtraFiles = []*os.File{theirs}
	r.cmd.Stderr = r.text
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := r.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r.in, r.out = in, bufio.NewReader(out)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	t.Cleanup(func() {
		_ = in.Close()
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
		mine.Close()
	})
	r.conn = NewConn(mine)
	if err := r.host.Connect(r.conn); err != nil {
		t.Fatalf("%v\n%s", err, r.text)
	}
	return r
}

func socketPair(t testing.TB) (mine, theirs *os.File) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fds[0]), "mine"), os.NewFile(uintptr(fds[1]), "theirs")
}

// ask has the program answer a line.
func (r *running) ask(line string) string {
	r.t.Helper()
	if _, err := fmt.Fprintln(r.in, line); err != nil {
		r.t.Fatalf("%v\n%s", err, r.died())
	}
	s, err := r.out.ReadString('\n')
	if err != nil {
		r.t.Fatalf("%q: %v\n%s", line, err, r.died())
	}
	return strings.TrimSuffix(s, "\n")
}

func (r *running) died() string {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
	return r.text.String()
}

// An edit replaces text in a file, which it names by its package and name
// ("store/store.go").
type edit struct{ file, old, new string }

// edit edits the sources of a program. touched are the packages whose sources differ, and
// changed are packages that they import and that are new to the program.
func (l *lab) edit(t testing.TB, now map[string]Package, edits []edit) (next map[string]Package, touched map[string]bool, changed []Package) {
	t.Helper()
	next, touched = map[string]Package{}, map[string]bool{}
	for path, p := range now {
		p.Files = slices.Clone(p.Files)
		next[path] = p
	}
	for _, e := range edits {
		path := module + "/" + filepath.Dir(e.file)
		if filepath.Dir(e.file) == "." {
			path = "main"
		}
		files := next[path].Files
		i := slices.IndexFunc(files, func(f File) bool { return filepath.Base(f.Path) == filepath.Base(e.file) })
		if i < 0 {
			t.Fatalf("no file %s", e.file)
		}
		if !strings.Contains(string(files[i].Text), e.old) {
			t.Fatalf("%s has no %q", e.file, e.old)
		}
		files[i].Text = []byte(strings.Replace(string(files[i].Text), e.old, e.new, 1))
		touched[path] = true
	}
	for path := range touched {
		for _, f := range next[path].Files {
			changed = append(changed, l.learn(t, f)...)
		}
	}
	return next, touched, changed
}

// apply edits sources, compiles what that changes and patches the program.
func (r *running) apply(edits ...edit) (Applied, *Obstacle) {
	r.t.Helper()
	next, touched, changed := r.lab.edit(r.t, r.now, edits)
	for path := range touched {
		_ = r.host.Ahead(next[path]) // as hotdev does meanwhile
	}
	began := time.Now()
	for _, path := range r.lab.order {
		if !touched[path] {
			continue
		}
		p := next[path]
		if said, err := r.lab.compile(&p, next); err != nil {
			r.t.Fatalf("compile %s: %v\n%s", path, err, said)
		}
		old, err1 := members(readFileOf(r.t, r.now[path].Archive), func([]byte) {})
		now, err2 := members(readFileOf(r.t, p.Archive), func([]byte) {})
		if err1 != nil || err2 != nil {
			r.t.Fatal(err1, err2)
		}
		if !bytes.Equal(old, now) {
			for other, imports := range r.lab.imports {
				if slices.Contains(imports, path) {
					touched[other] = true
				}
			}
		}
		next[path] = p
		q := p
		q.Compile = func(more []File) (string, error) {
			c := p
			c.Files = append(slices.Clone(p.Files), more...)
			said, err := r.lab.compile(&c, next)
			if err != nil {
				err = fmt.Errorf("%w: %s", err, said)
			}
			return c.Archive, err
		}
		changed = append(changed, q)
	}
	r.compiled, r.next = time.Since(began), next
	began = time.Now()
	patch, o := r.host.Patch(changed)
	if o != nil {
		return Applied{}, o
	}
	if r.tamper != nil {
		r.tamper(patch)
	}
	linked := time.Since(began)
	a, o, err := r.host.Apply(r.conn, patch)
	r.patched = time.Since(began)
	r.phases = fmt.Sprint("judge and link ", linked, ", apply ", r.patched-linked)
	if err != nil {
		r.t.Fatalf("%v\n%s", err, r.died())
	}
	if o == nil {
		r.now = next
	}
	r.host.releaseOld()
	return a, o
}

func writeFile(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFileOf(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// said is what a program prints, which may be asked for while it goes on.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *said) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Len()
}
