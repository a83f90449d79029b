package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/atomicfile"
)

// A Place is a running hotdev that can be asked.
type Place struct {
	// Root is the project's folder, Dir where hotdev was started; both absolute.
	Root string `json:"root"`
	Dir  string `json:"dir"`
	// Args are the arguments of the hotdev.
	Args     []string `json:"args"`
	Programs []string `json:"programs"`
	Pid      int      `json:"pid"`

	folder string
}

// The files of a place, in its hotdev's cache folder. No binary's name begins with
// a dot.
const (
	socketName = ".control"
	placeName  = ".control.json"
)

// Listen listens in folder, which must belong to the caller alone, and writes p there for
// [Find]. Closing the listener leaves the files in the folder.
func Listen(folder string, p Place) (net.Listener, error) {
	l, err := listen(folder)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	// A client that sees the file finds a listening socket, and the whole file.
	text, err := json.Marshal(p)
	if err == nil {
		err = atomicfile.Write(filepath.Join(folder, placeName), append(text, '\n'), 0o600)
	}
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return l, nil
}

// ErrNone is returned if there is no hotdev to ask.
var ErrNone = errors.New("no hotdev runs here")

// Find returns the running hotdevs, of those with these cache folders, whose project dir
// is in: those of the innermost such project, or else those of projects below dir. If
// there are none, the error is an ErrNone.
func Find(folders []string, dir string) ([]Place, error) {
	dir = real(dir)
	var above, below []Place
	depth := 0
	for _, folder := range folders {
		p, err := readPlace(folder)
		root := real(p.Root)
		within := isIn(dir, root)
		switch {
		case err != nil, !within && !isIn(root, dir), !alive(p):
		case !within:
			below = append(below, p)
		case len(root) > depth:
			above, depth = []Place{p}, len(root)
		case len(root) == depth:
			above = append(above, p)
		}
	}
	switch {
	case len(above) > 0:
		return above, nil
	case len(below) > 0:
		return below, nil
	}
	return nil, ErrNone
}

// Choose returns the place with this program and this pid; empty and 0 match any. If that
// is not exactly one, the error lists the places to choose from.
func Choose(places []Place, program string, pid int) (Place, error) {
	left := slices.DeleteFunc(slices.Clone(places), func(p Place) bool {
		return program != "" && !slices.Contains(p.Programs, program) || pid != 0 && p.Pid != pid
	})
	if len(left) == 1 {
		return left[0], nil
	}
	several := "several hotdevs run here; name one by --pid, or by a --program that no other has"
	if len(left) == 0 {
		several, left = "no such hotdev runs here; these do", places
	}
	for _, p := range left {
		several += fmt.Sprintf("\n\t--pid %d: %s, started in %s", p.Pid, strings.Join(p.Programs, ", "), p.Dir)
	}
	return Place{}, errors.New(several)
}

func readPlace(folder string) (Place, error) {
	var p Place
	f, err := os.Open(filepath.Join(folder, placeName))
	if err != nil {
		return p, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	p.folder = folder
	return p, err
}

// alive reports whether somebody listens.
func alive(p Place) bool {
	c, err := dial(p.folder, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// real is a path without links, as far as it exists.
func real(path string) string {
	if r, err := filepath.EvalSymlinks(path); err == nil {
		return r
	}
	return filepath.Clean(path)
}

// isIn reports whether path is dir or below it.
func isIn(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// Ask sends a request and waits for its answer or for the end of ctx. The error is an
// ErrNone if the hotdev has ended.
func (p Place) Ask(ctx context.Context, q Request) (Reply, error) {
	c, err := dial(p.folder, 5*time.Second)
	if err != nil {
		return Reply{}, fmt.Errorf("%w: %w", ErrNone, err)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	text, err := json.Marshal(q)
	if err != nil {
		return Reply{}, err
	}
	_ = c.SetWriteDeadline(time.Now().Add(requestTime))
	if _, err := c.Write(append(text, '\n')); err != nil {
		return Reply{}, fmt.Errorf("%w: %w", ErrNone, err)
	}
	var r Reply
	switch err := json.NewDecoder(io.LimitReader(c, maxReply)).Decode(&r); {
	case ctx.Err() != nil:
		return Reply{}, ctx.Err()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Reply{}, fmt.Errorf("%w: it ended before it answered", ErrNone)
	case err != nil:
		return Reply{}, fmt.Errorf("not an answer: %w", err)
	}
	return r, nil
}

// maxReply bounds an answer: the text of a log, as text and as data, escaped, of
// several programs.
const maxReply = 64 << 20
