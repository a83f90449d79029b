package builder

import (
	"context"
	"os"

	"github.com/hotdev/hotdev/builder/internal/compiler"
)

// slim makes slim copies of the archives that do not change, which the next link uses. It
// runs beside builds.
func (p *plan) slim(ctx context.Context) {
	if p.Slims == nil {
		return
	}
	for _, archive := range p.cached {
		if ctx.Err() != nil {
			return
		}
		p.Slims.Add(archive)
	}
}

// slimArchives returns the slim archives of all programs; nil if there can be none.
func (b *Builder) slimArchives(req Request) *compiler.Slims {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.slims == nil {
		if folder, err := os.MkdirTemp(req.Scratch, "slim-"); err == nil {
			b.slims = compiler.NewSlims(folder)
		}
	}
	return b.slims
}
