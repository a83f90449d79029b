package builder

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/live"
	"github.com/hotdev/hotdev/internal/atomicfile"
)

// What live code relies on is checked directly where it can be read: layouts, numbers,
// the bytes of functions. The rest is tried out. A toolchain has to pass once, with a
// program of two packages that is patched three times and examines itself. The result
// is kept in the user's cache folder.

// canaryMain and canaryPart are the sources of the program.
var (
	//go:embed canary/main.go.txt
	canaryMain string
	//go:embed canary/part.go.txt
	canaryPart string
)

// canaryEdits are the three changes, and the program's answer after each. The first
// answer is the one at its start.
var canaryEdits = []struct{ file, old, new, want string }{
	{want: "1 state 1 shape 1 sorted [1 1] closure 1 named false recovered part.go:80 part.fail extra none"},
	{file: "part/part.go", old: "const version = 1", new: "const version = 2",
		want: "2 state 2 shape 2 sorted [2 2] closure 2 named false recovered part.go:80 part.fail extra none"},
	{file: "part/part.go", old: "func extra() string { return \"none\" }", new: `type fresh struct{ names []string }

func (f *fresh) String() string { return strings.Join(f.names, "+") }

var made = map[string]fmt.Stringer{"a": &fresh{[]string{"x", "y"}}}

func (s square) Name() string { return "square" }

func extra() string { return fmt.Sprint(made["a"], ordered([]fresh{{}, {}})) }`,
		want: "2 state 3 shape 2 sorted [2 2] closure 2 named true recovered part.go:80 part.fail extra x+y 2"},
	{file: "part/part.go", old: "const version = 2", new: "const version = 3",
		want: "3 state 4 shape 3 sorted [3 3] closure 3 named true recovered part.go:80 part.fail extra x+y 2"},
}

// canaryPatience limits the time of the whole trial.
const canaryPatience = 5 * time.Minute

// canaryDoubt is how long a failure is believed: its cause may pass, as a full disk
// does.
const canaryDoubt = 24 * time.Hour

// TryLive tries out live code with the toolchain of req's program, unless that has been
// done. The error says why live code must not be used with it. TryLive builds and runs
// a small program in req.Scratch, and is best called in the background, before
// [Builder.OpenLive], which requires it.
func (b *Builder) TryLive(ctx context.Context, req Request) error {
	if why, ok := CanPatch(); !ok {
		return errors.New(why)
	}
	tools, err := b.toolchain(ctx, req)
	if err != nil {
		return err
	}
	if err := take(ctx, b.trial); err != nil { // one trial is valid for all programs
		return err
	}
	defer give(b.trial)
	if verdict, known := b.tried(tools.Version); known {
		return verdict
	}
	patient, cancel := context.WithTimeout(ctx, canaryPatience)
	defer cancel()
	err = tryCanary(patient, req, tools.Version)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case patient.Err() != nil: // the time limit, which is no verdict on the toolchain
		return fmt.Errorf("the trial of live code took longer than %v; the next start tries it again", canaryPatience)
	}
	if err != nil {
		err = fmt.Errorf("live code does not work with %s: %w", tools.Version, err)
	}
	b.mu.Lock()
	b.canaries[tools.Version] = canary{true, err}
	b.mu.Unlock()
	writeCanary(tools.Version, err)
	return err
}

// A canary is the result of trying out a toolchain.
type canary struct {
	done bool
	err  error
}

// tried returns what is known of a toolchain.
func (b *Builder) tried(version string) (err error, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.canaries[version]; c.done {
		return c.err, true
	}
	text, err := os.ReadFile(canaryFile(version))
	if err != nil {
		return nil, false
	}
	var said struct{ Failed string }
	if json.Unmarshal(text, &said) != nil {
		return nil, false
	}
	if st, err := os.Stat(canaryFile(version)); err != nil || said.Failed != "" && time.Since(st.ModTime()) > canaryDoubt {
		return nil, false
	}
	c := canary{done: true}
	if said.Failed != "" {
		c.err = errors.New(said.Failed)
	}
	b.canaries[version] = c
	return c.err, true
}

// canaryFile is the file of the result, named after this toolchain and after what
// hotdev does with it.
func canaryFile(version string) string {
	folder, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	h := sha256.New()
	for _, name := range live.AgentFiles {
		text, _ := live.AgentSource.ReadFile("agent/" + name)
		h.Write(text)
	}
	fmt.Fprint(h, live.Revision, canaryMain, canaryPart, canaryEdits)
	return filepath.Join(folder, "hotdev", "live", fmt.Sprintf("%s-%s-%s-%x.json", version, runtime.GOOS, runtime.GOARCH, h.Sum(nil)[:8]))
}

// writeCanary keeps a result. If it cannot be written, the next start tries again.
func writeCanary(version string, failed error) {
	file := canaryFile(version)
	if file == "" || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	var said struct{ Failed string }
	if failed != nil {
		said.Failed = failed.Error()
	}
	text, err := json.Marshal(said)
	if err != nil {
		return
	}
	_ = atomicfile.Write(file, text, 0o600)
}

// tryCanary builds, runs and patches the program, as a user's would be.
func tryCanary(ctx context.Context, like Request, version string) error {
	if err := os.MkdirAll(like.Scratch, 0o700); err != nil {
		return err
	}
	folder, err := os.MkdirTemp(like.Scratch, "canary-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	dir := filepath.Join(folder, "src")
	for name, text := range map[string]string{"go.mod": "module canary\n\ngo 1.24\n", "main.go": canaryMain, "part/part.go": canaryPart} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
	}
	env := gocmd.Setenv(gocmd.Setenv(gocmd.Setenv(gocmd.Environ(like.Env), "GOTOOLCHAIN", version), "GOFLAGS", ""), "GOWORK", "off")
	req := Request{
		Dir: dir, Target: []string{"."}, Env: env, Fast: true, Live: true,
		Scratch: filepath.Join(folder, "scratch"), Output: filepath.Join(folder, "canary"),
	}
	b := New() // it shares nothing with the program's builder
	b.trying = true
	r, err := b.Build(ctx, req, Hooks{})
	switch {
	case err != nil:
		return err
	case !r.OK():
		return errors.New(r.Diagnostics[0].String())
	}
	if err := b.Publish(r.Artifact); err != nil {
		return err
	}
	if err := b.Plan(ctx, req); err != nil {
		return err
	}
	c, err := startCanary(ctx, b, req)
	if err != nil {
		return err
	}
	defer c.end()
	for i, e := range canaryEdits {
		if e.file != "" {
			if err := c.edit(ctx, e.file, e.old, e.new); err != nil {
				return fmt.Errorf("patch %d: %w", i, err)
			}
		}
		if got, err := c.ask(); err != nil || got != e.want {
			return fmt.Errorf("patch %d: %q, want %q: %v", i, got, e.want, err)
		}
	}
	return nil
}

// A canaryRun is the program as it runs.
type canaryRun struct {
	b    *Builder
	req  Request
	live *Live
	cmd  *exec.Cmd
	in   *os.File
	out  *bufio.Scanner
	ends []*os.File
}

func startCanary(ctx context.Context, b *Builder, req Request) (_ *canaryRun, err error) {
	c := &canaryRun{b: b, req: req}
	defer func() {
		if err != nil {
			c.end()
		}
	}()
	mine, theirs, err := LiveSocket()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer inR.Close()
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer outW.Close()
	c.ends, c.in, c.out = []*os.File{mine, inW, outR}, inW, bufio.NewScanner(outR)
	c.cmd = exec.CommandContext(ctx, req.Output)
	c.cmd.Env = append(gocmd.Environ(req.Env), LiveVariable+"=3")
	c.cmd.ExtraFiles = []*os.File{theirs}
	c.cmd.Stdin, c.cmd.Stdout = inR, outW
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if c.live, err = b.OpenLive(ctx, req, mine); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *canaryRun) end() {
	if c.live != nil {
		c.live.Close()
	}
	for _, f := range c.ends {
		f.Close()
	}
	if c.cmd != nil && c.cmd.Process != nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	}
}

// ask makes the program examine itself, and returns what it prints.
func (c *canaryRun) ask() (string, error) {
	if _, err := c.in.WriteString("ask\n"); err != nil {
		return "", err
	}
	if !c.out.Scan() {
		return "", errors.New("the program died")
	}
	return c.out.Text(), nil
}

func (c *canaryRun) edit(ctx context.Context, name, old, new string) error {
	file := filepath.Join(c.req.Dir, name)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		return err
	}
	r, err := c.b.Patch(ctx, c.req, c.live, Hooks{})
	switch {
	case err != nil:
		return err
	case !r.OK():
		return errors.New(r.Diagnostics[0].String())
	case r.Patched == nil:
		return errors.New(r.Unpatched)
	}
	return nil
}
