package builder

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// Verify builds a program with the go command, and again with the fast path, with all
// packages of the user's compiled again, and compares the two. Then it runs go build as
// the user's shell would, and compares that too, because both of the first builds
// depend on how hotdev reads flags. The error says why there is no fast path for the
// program, or that the binaries differ.
func (b *Builder) Verify(ctx context.Context, req Request) error {
	req.Fast, req.Append = false, false
	slow, err := b.Build(ctx, req, Hooks{})
	if err != nil {
		return err
	}
	if !slow.OK() {
		return errors.New(slow.Diagnostics[0].String())
	}
	if !slow.Same {
		if err := b.Publish(slow.Artifact); err != nil {
			return err
		}
	}
	req.Fast = true
	if err := b.Plan(ctx, req); err != nil {
		return fmt.Errorf("no fast path: %w", err)
	}
	prog := b.program(req.Output)
	turn, err := b.own(ctx, prog, false)
	if err != nil {
		return err
	}
	p, _, _ := prog.now()
	p.Suspect()
	turn.done()
	fast, err := b.Build(ctx, req, Hooks{})
	switch {
	case err != nil:
		return err
	case !fast.OK():
		return fmt.Errorf("the fast path reports: %s", fast.Diagnostics[0])
	case fast.Full != "":
		return fmt.Errorf("no fast path: %s", fast.Full)
	case !fast.Same:
		b.Discard(fast.Artifact)
		b.drop(p, errors.New("the fast path made another binary than go build"))
		return errors.New("the fast path and go build make different binaries; please report this with the program, and set build.fast = false")
	}
	return b.verifyFlags(ctx, req)
}

// verifyFlags compares the published binary with the one that go build makes in the
// user's environment, with build.flags exactly as written. Two flags that hotdev adds
// would make a difference: it repeats these, by turning stamping off before all flags
// of the user's, and by adding -w to the -ldflags that the go command recorded in the
// binary.
func (b *Builder) verifyFlags(ctx context.Context, req Request) error {
	tool, err := b.askTool(ctx, req.Dir, req.Env)
	if err != nil {
		return err
	}
	place, err := b.scratch(req.Output)
	if err != nil {
		return err
	}
	defer place.remove()
	env := gocmd.Setenv(gocmd.Environ(req.Env), "GOFLAGS", strings.TrimSpace("-buildvcs=false "+tool.GOFLAGS))
	build := func(more ...string) error {
		var out []string
		argv := slices.Concat([]string{"go", "build", "-o", place.temp}, req.Flags, more, req.Target)
		err := gocmd.Command{Argv: argv, Tree: true, Dir: req.Dir, Env: place.environ(env), Stdout: func(l string) { out = append(out, l) }}.Run(ctx)
		if gocmd.Failed(err) {
			return fmt.Errorf("go build: %w: %s", err, strings.Join(complaint.LastLines(out, 3), "; "))
		}
		return err
	}
	if err := build(); err != nil {
		return err
	}
	if !req.Debug {
		noted, given := noted(place.temp, "-ldflags")
		if ldflags, add := gocmd.WithoutDebug(noted, given); add {
			if err := build("-ldflags=" + ldflags); err != nil {
				return err
			}
		}
	}
	same, err := compiler.SameProgram(place.temp, req.Output)
	if err != nil {
		return err
	}
	if same {
		return nil
	}
	for _, name := range []string{"-ldflags", "-tags", "-gcflags", "-asmflags"} {
		theirs, _ := noted(place.temp, name)
		if ours, _ := noted(req.Output, name); ours != theirs {
			return fmt.Errorf("hotdev and go build read your flags differently: %s is %q to hotdev, and %q to go build; please report this", name, ours, theirs)
		}
	}
	return errors.New("hotdev and go build by itself make different binaries; please report this with the program and its flags")
}

// noted returns the value of a build flag that the go command recorded in a binary.
func noted(file, flag string) (value string, ok bool) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return "", false
	}
	for _, s := range info.Settings {
		if s.Key == flag {
			return s.Value, true
		}
	}
	return "", false
}
