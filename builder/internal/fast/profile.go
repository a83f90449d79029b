package fast

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// A profile (default.pgo, beside the main package) is one more input of every
// compilation, of the standard library's packages too. As long as it is the same file
// with the same content, the archives that the go command made with it are as good as
// others. Where it changes, comes or goes, all of them are to be made anew, and that is
// left to the go command; so are packages that are new to the program, because a listing
// of these alone is of archives without a profile.

// A profile is what a program is compiled with.
type profile struct {
	given    bool
	prepared string // the file that the compiler is given
}

// profileFile is the profile beside the main package; empty if there is none.
func (p *Plan) profileFile() string {
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

// prepareProfile makes what the compiler is given, as the go command does before it
// compiles.
func (p *Plan) prepareProfile(ctx context.Context) error {
	if !p.profile.given {
		return nil
	}
	p.profile.prepared = filepath.Join(p.Folder, "pgo.preprofile")
	return p.Tools.Preprofile(ctx, p.Dir, p.profileFile(), p.profile.prepared)
}

// profileChanged reports whether the profile that the program is compiled with has
// another content now, or is gone.
func (p *Plan) profileChanged(now source.Snapshot) bool {
	if !p.profile.given {
		return false
	}
	file, main := p.profileFile(), p.Graph.Main
	a, b := p.seen[main].Files[file], (*source.File)(nil)
	if s := now[main]; s != nil {
		b = s.Files[file]
	}
	return a == nil || b == nil || a.Hash != b.Hash
}
