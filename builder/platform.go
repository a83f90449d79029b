package builder

import "context"

// A Platform is what a program is built for, and where the go command runs.
type Platform struct {
	OS, Arch         string
	HostOS, HostArch string
	// Library is the build mode that makes no program that could be run; empty if
	// there is none in force.
	Library string
}

// Foreign reports whether the program is built for another system than this one.
// It may run here nevertheless, with an emulator that the system knows of.
func (p Platform) Foreign() bool { return p.OS != p.HostOS || p.Arch != p.HostArch }

// Platform tells what a request's program is built for. An error is as with
// EnvFile.
func (b *Builder) Platform(ctx context.Context, req Request) (Platform, error) {
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return Platform{}, err
	}
	p := Platform{OS: tool.GOOS, Arch: tool.GOARCH, HostOS: tool.GOHOSTOS, HostArch: tool.GOHOSTARCH}
	switch mode, _ := flagsInForce(req.Flags, tool).value("buildmode"); mode {
	case "archive", "c-archive", "c-shared", "shared", "plugin":
		p.Library = mode
	}
	return p, nil
}
