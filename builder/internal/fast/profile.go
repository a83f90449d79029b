package fast

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// A profile (default.pgo in the folder of the main package, or -pgo's file) is an input of
// every compilation, including those of the standard library. While its content stays the same,
// a plan works as it does without a profile. If it changes, or is added or removed, all
// archives must be made again, which is left to the go command. So are packages that are
// new to the program, because go list would list archives of them without the profile.

// A profile is that of a program.
type profile struct {
	given    bool
	prepared string // the file for the compiler
}

// profileFile returns the program's profile; empty if it has none.
func (p *Plan) profileFile() string {
	if p.Profile != "" {
		return p.Profile
	}
	s := p.seen[p.Graph.Main]
	if s == nil {
		return ""
	}
	i := slices.IndexFunc(s.Pkg.Files, func(f string) bool { return filepath.Base(f) == source.ProfileFile })
	if i < 0 {
		return ""
	}
	return s.Pkg.Files[i]
}

// prepareProfile converts the profile for the compiler, as the go command does.
func (p *Plan) prepareProfile(ctx context.Context) error {
	if !p.profile.given {
		return nil
	}
	p.profile.prepared = filepath.Join(p.Folder, "pgo.preprofile")
	return p.Tools.Preprofile(ctx, p.Dir, p.profileFile(), p.profile.prepared)
}

// profileContent identifies the content of the profile as it was read for a snapshot;
// empty if it is gone.
func (p *Plan) profileContent(s source.Snapshot) string {
	if p.Profile != "" {
		return s.Content(p.Profile)
	}
	if main := s[p.Graph.Main]; main != nil && main.Files[p.profileFile()] != nil {
		return string(main.Files[p.profileFile()].Hash[:])
	}
	return ""
}

// profileChanged reports whether the profile of the program has changed or is gone.
func (p *Plan) profileChanged(now source.Snapshot) bool {
	if !p.profile.given {
		return false
	}
	content := p.profileContent(now)
	return content == "" || content != p.profileContent(p.seen)
}
