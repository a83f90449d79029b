package builder

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

//go:embed barehost/main.go
var barehost []byte

// hostFolder is the folder of a bare plugin's host, in the overlay of the plugin's
// module.
const hostFolder = "hotdev_host"

// Host builds hotdev's own host for the plugin that req names, as Build would build a
// program: in the plugin's module, with the same flags, so that the host can load the
// plugin. It does not look at the plugin itself.
func (b *Builder) Host(ctx context.Context, req Request, h Hooks) (Result, error) {
	turn, err := b.own(ctx, b.program(req.Output), false)
	if err != nil {
		return Result{}, err
	}
	defer turn.done()
	start := time.Now()
	r, err := b.host(ctx, req, h)
	if err != nil {
		if ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
		return Result{}, fmt.Errorf("build the host of %s: %w", req.Target, err)
	}
	r.Took = time.Since(start)
	return r, nil
}

func (b *Builder) host(ctx context.Context, req Request, h Hooks) (Result, error) {
	if err := CheckFlags(req.Flags); err != nil {
		return Result{}, err
	}
	began := time.Now()
	found, complaints, err := b.goList(ctx, req, append([]string{"-e", "-find"}, req.Flags...), req.Target)
	if err != nil {
		return Result{}, err
	}
	dir := req.Dir
	if len(complaints) == 0 && len(found) > 0 && found[0].Module != nil && found[0].Module.Dir != "" {
		dir = found[0].Module.Dir
	}
	place, err := b.scratch(req.Output)
	if err != nil {
		return Result{}, err
	}
	source, overlay := filepath.Join(place.work, "main.go"), filepath.Join(place.work, "overlay.json")
	replaced := map[string]map[string]string{"Replace": {filepath.Join(dir, hostFolder, "main.go"): source}}
	text, err := json.Marshal(replaced)
	if err == nil {
		err = os.WriteFile(source, barehost, 0o600)
	}
	if err == nil {
		err = os.WriteFile(overlay, text, 0o600)
	}
	if err != nil {
		place.remove()
		return Result{}, err
	}
	own := req
	own.Dir, own.Target = dir, []string{"./" + hostFolder}
	own.Flags = append(append([]string{}, req.Flags...), "-overlay="+overlay)
	r, err := b.compile(ctx, own, h, place)
	return b.conclude(place, madeBy{req: req, began: began}, r, err)
}
