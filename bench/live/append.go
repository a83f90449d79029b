package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/procfs"
)

// A way is one of the two in which the same edits are built.
type way struct {
	b           *builder.Builder
	req         builder.Request
	build, link []time.Duration
}

// appending measures builds on the fast path whose links are whole, and appended ones, in
// turn. It is the same edit for both: a number in a string.
func (b *bench) appending(ctx context.Context) error {
	file, mark := b.file, b.mark
	if file == "" {
		file, mark = "store/store.go", "store 0"
	}
	path := filepath.Join(b.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !strings.Contains(string(text), mark) {
		return fmt.Errorf("%s has no %q", file, mark)
	}
	defer os.WriteFile(path, text, 0o600)
	ways := []*way{{}, {}}
	for i, w := range ways {
		out := filepath.Join(b.tmp, fmt.Sprint("way", i))
		*w = way{b: builder.New(), req: builder.Request{
			Dir: b.dir, Target: []string{b.target}, Fast: true, Append: i == 1,
			Scratch: filepath.Join(out, "scratch"), Output: filepath.Join(out, "program"),
		}}
		if _, err := w.next(ctx); err != nil {
			return err
		}
		began, spent, memory := time.Now(), cpu(), procfs.Status(os.Getpid(), "VmRSS")
		if err := w.b.Plan(ctx, w.req); err != nil {
			return err
		}
		now := procfs.Status(os.Getpid(), "VmRSS")
		fmt.Printf("plan %d: %v, %v of a processor, %d MB more, %d MB\n", i, time.Since(began).Round(time.Millisecond), (cpu() - spent).Round(time.Millisecond), (now-memory)>>10, now>>10)
	}
	for n := range b.rounds {
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), mark, fmt.Sprint(mark, n), 1)), 0o600); err != nil {
			return err
		}
		for i := range ways { // each comes first in every second round
			w := ways[(i+n)%2]
			r, err := w.next(ctx)
			if err != nil {
				return err
			}
			if r.Full != "" || r.Appended != w.req.Append {
				return fmt.Errorf("full build %q, appended %v: %s", r.Full, r.Appended, r.Relinked)
			}
			w.build, w.link = append(w.build, r.Took), append(w.link, r.Link)
		}
	}
	ms := func(d []time.Duration) float64 {
		slices.Sort(d)
		return float64(d[len(d)/2].Microseconds()) / 1000
	}
	whole, short := ways[0], ways[1]
	fmt.Printf("build %.1f ms, appended %.1f ms: %.2f×\n", ms(whole.build), ms(short.build), ms(short.build)/ms(whole.build))
	fmt.Printf("link %.1f ms, appended %.1f ms: %.2f×\n", ms(whole.link), ms(short.link), ms(short.link)/ms(whole.link))
	return nil
}

// next builds and publishes.
func (w *way) next(ctx context.Context) (builder.Result, error) {
	r, err := w.b.Build(ctx, w.req, builder.Hooks{})
	if err != nil {
		return r, err
	}
	if !r.OK() {
		return r, errors.New(r.Diagnostics[0].String())
	}
	if r.Artifact.Temp == "" {
		return r, nil
	}
	return r, w.b.Publish(r.Artifact)
}

// appendStep makes one edit. The program that is linked by appending must answer as a
// fresh build does; the lines of panics count unless the build says that lines in inlined
// code are old.
func (s *subject) appendStep(ctx context.Context) error {
	e, want, ok, err := s.change(ctx)
	if err != nil || !ok {
		return err
	}
	r, err := s.b.Build(ctx, s.req, builder.Hooks{})
	if err != nil || !r.OK() {
		return fmt.Errorf("%s: %v, %w", e.What, r.Diagnostics, err)
	}
	if err := s.restart(ctx, r); err != nil {
		return err
	}
	switch {
	case r.Same:
		s.counts["the same binary"]++
	case r.Appended:
		s.counts["appended: "+e.What]++
		s.counts["ms of appended links"] += int(r.Link.Milliseconds())
	default:
		s.counts["linked: "+numbers.ReplaceAllString(cmp.Or(r.Relinked, r.Full), "N")]++
		s.counts["ms of whole links"] += int(r.Link.Milliseconds())
	}
	got, err := s.once(ctx, s.req.Output, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", e.What, err)
	}
	if r.Unsettled > 0 {
		got, want = lines.ReplaceAllString(got, ""), lines.ReplaceAllString(want, "")
	}
	if got != want {
		return fmt.Errorf("%s, appended: %v: the program answers\n%s\nand a fresh build\n%s", e.What, r.Appended, got, want)
	}
	if want != s.last {
		s.counts["with another answer"]++
		s.last = want
	}
	return nil
}

// lines matches the line numbers of panics.
var lines = regexp.MustCompile(`:\d+\b`)
