package sheet

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// report adds a report that the program printed when it failed, or when asked to:
//
//	✗ panic: runtime error: index out of range [5] with length 3
//	▸ internal/cart/cart.go:88  cart.(*Cart).Item
//	  cmd/api/main.go:31        main.main
//	  6 frames of runtime, net/http (x shows)
//
// The key distinguishes its folds from those of other reports.
func (sh *Sheet) report(t crash.Trace, key string) {
	text := cells.Clean(string(t.Kind))
	gs := goroutines(t)
	if t.Message != "" && t.Message != gs[0].Title { // for a race, the title of the first access has it
		text += ": " + cells.Clean(t.Message)
	}
	if t.Count > 1 {
		text += ", " + strconv.Itoa(t.Count) + " times"
	}
	sign, ink := sh.Cross+" ", sh.BadBold
	if t.Kind == crash.GoroutineDump { // the user asked for it
		sign, ink = sh.Look.Notice+" ", sh.Bold
	}
	var head []cells.Row
	for _, line := range sh.wrap(text, sh.w-2) {
		head = append(head, cells.Row{ink.Of(sign), ink.Of(line)})
		sign = cells.Spaces(sh.Width(sign))
	}
	it := Item{Name: "the " + string(t.Kind), Text: func() string { return ReportText(t, sh.Dir) }}
	if !slices.ContainsFunc(gs, func(g crash.Goroutine) bool { return len(g.Frames) > 0 }) {
		head[0][0] = ink.Of(sh.mark().Text)
		sh.add(it, head...)
		return
	}
	sh.Rows = append(sh.Rows, head...)
	r := reportPart{it, t, key, slices.ContainsFunc(gs, owned)}
	if t.Kind == crash.Panic { // the other goroutines happened to exist at that time
		sh.stack(r, gs[0], key+" 0")
		if n := goroutineCount(gs[1:]); n > 0 && sh.folded(r, key+" others", "", words.Count(n, "more goroutine")) {
			sh.stacks(r, gs[1:], 1)
		}
		return
	}
	if !r.knows {
		sh.stacks(r, gs, 0)
		return
	}
	own := slices.DeleteFunc(slices.Clone(gs), func(g crash.Goroutine) bool { return !owned(g) })
	rest := slices.DeleteFunc(slices.Clone(gs), owned)
	sh.stacks(r, own, 0)
	if n := goroutineCount(rest); n > 0 && sh.folded(r, key+" others", "", words.Count(n, "more goroutine")+" without your code") {
		sh.stacks(r, rest, len(own))
	}
}

// A reportPart is the common data of the parts of a report.
type reportPart struct {
	item  Item // the common fields of its items
	trace crash.Trace
	key   string
	knows bool // it is known which frames are the user's own
}

// goroutines returns the goroutines of a report, even if it only has frames.
func goroutines(t crash.Trace) []crash.Goroutine {
	if len(t.Goroutines) > 0 {
		return t.Goroutines
	}
	return []crash.Goroutine{{Count: 1, Frames: t.Frames}}
}

func owned(g crash.Goroutine) bool {
	return slices.ContainsFunc(g.Frames, func(f crash.Frame) bool { return f.Own }) || g.Created != nil && g.Created.Own
}

func goroutineCount(gs []crash.Goroutine) int {
	n := 0
	for _, g := range gs {
		n += max(1, g.Count)
	}
	return n
}

// goroutineTitle returns the line above a stack, or "" for the goroutine that panicked,
// which needs none.
func goroutineTitle(t crash.Trace, g crash.Goroutine) string {
	title := cells.Clean(g.Title)
	switch {
	case title == "" || t.Kind == crash.Panic && title == "running" && g.Count <= 1:
		return ""
	case t.Kind != crash.DataRace:
		title = "goroutine [" + title + "]"
	}
	if g.Count > 1 {
		title = fmt.Sprintf("%d × %s", g.Count, title)
	}
	return title
}

func (sh *Sheet) stacks(r reportPart, gs []crash.Goroutine, from int) {
	for i, g := range gs {
		sh.stack(r, g, r.key+" "+strconv.Itoa(from+i))
	}
}

// stack adds one goroutine: the user's own frames, with the others folded, or all in
// their order.
func (sh *Sheet) stack(r reportPart, g crash.Goroutine, key string) {
	if title := goroutineTitle(r.trace, g); title != "" {
		sh.Rows = append(sh.Rows, cells.Row{cells.Bare("  "), sh.Text.Of(sh.Cut(title, sh.w-2))})
	}
	own := slices.DeleteFunc(slices.Clone(g.Frames), func(f crash.Frame) bool { return !f.Own })
	foreign := slices.DeleteFunc(slices.Clone(g.Frames), func(f crash.Frame) bool { return f.Own })
	shown, fold := own, key
	if !r.knows {
		shown, fold, foreign = g.Frames, "", nil
	} else if sh.Open[key] {
		shown = g.Frames
	}
	widest := 0
	for _, f := range shown {
		widest = max(widest, sh.Width(Location(sh.Dir, f.File, f.Line, 0)))
	}
	widest = min(widest, sh.w*6/10)
	quoted := false
	for _, f := range shown {
		var source []cells.Row
		if f.Own && !quoted { // the innermost place in the user's own code
			quoted, source = true, sh.quoted(f)
		}
		sh.frame(r, f, fold, path.Base(f.Func), widest, source...)
	}
	if g.Created != nil && (g.Created.Own || !r.knows || sh.Open[key]) {
		sh.frame(r, *g.Created, fold, "created by "+path.Base(g.Created.Func), widest)
	}
	if len(foreign) > 0 {
		sh.folded(r, key, fold, words.Count(len(foreign), "frame")+" of "+origins(foreign))
	}
}

// quoted returns the source of a frame, if it was read.
func (sh *Sheet) quoted(f crash.Frame) []cells.Row {
	all := sh.State.Process.Excerpts
	i := slices.IndexFunc(all, func(e engine.Excerpt) bool { return e.File == f.File && e.Line == f.Line })
	if i < 0 {
		return nil
	}
	return sh.excerpt(builder.Diagnostic{File: f.File, Line: f.Line, Excerpt: all[i].Lines, First: all[i].First}, sh.Bad)
}

// frame adds one frame, and the source below it.
func (sh *Sheet) frame(r reportPart, f crash.Frame, fold, name string, widest int, source ...cells.Row) {
	place, text := sh.Accent, sh.Text
	if sh.next() {
		place = sh.AccentBold
	}
	if r.knows && !f.Own {
		place, text = sh.Dim, sh.Dim
	}
	where := sh.CutLeft(Location(sh.Dir, f.File, f.Line, 0), max(widest, sh.w/2))
	it := r.item
	it.At, it.Fold = placeOf(f), fold
	sh.add(it, append([]cells.Row{{
		sh.mark(), sh.Linked(place, f.File).Of(where),
		cells.Bare(cells.Spaces(widest - sh.Width(where) + 2)), text.Of(cells.Clean(name)),
	}}, source...)...)
}

func placeOf(f crash.Frame) Place { return Place{File: f.File, Line: f.Line} }

// folded adds the line for a folded part, as an item, and reports whether that part is
// unfolded.
func (sh *Sheet) folded(r reportPart, key, fold, text string) (open bool) {
	open = sh.Open[key]
	if open {
		text += " (x folds)"
	} else {
		text += " (x shows)"
	}
	it := r.item
	it.Fold, it.Folded = key, true
	sh.add(it, cells.Row{sh.mark(), sh.Dim.Of(sh.Cut(text, sh.w-2))})
	return open
}

// origins names the packages of frames, the innermost first.
func origins(frames []crash.Frame) string {
	var names []string
	for _, f := range frames {
		name := f.Func
		slash := strings.LastIndexByte(name, '/') + 1
		if dot := strings.IndexByte(name[slash:], '.'); dot >= 0 {
			name = name[:slash+dot]
		}
		if name = cells.Clean(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	const most = 3
	if n := len(names) - most; n > 0 {
		return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(n) + " more"
	}
	return strings.Join(names, ", ")
}

// conflict adds an address that another process has, and what to do about it.
func (sh *Sheet) conflict(c engine.Conflict) {
	addr := Address(c)
	what := "address already in use: " + addr
	holder := ""
	if c.Pid > 0 {
		holder = "pid " + strconv.Itoa(c.Pid)
		if c.Command != "" {
			const most = 60 // an argument may be a whole script
			holder += " (" + sh.Cut(cells.Clean(c.Command), most) + ")"
		}
		what += " is held by " + holder
	}
	do := ""
	switch {
	case c.Ours:
		do = "K ends it: it is a leftover of an earlier run"
	case c.Pid > 0:
		do = "it is not a leftover of an earlier run: stop it where it runs, or kill " + strconv.Itoa(c.Pid) + ", or listen elsewhere; then r"
	default:
		do = "the process that holds it was not found; it may be another user's: try lsof -i " + portOf(addr)
	}
	var rows []cells.Row
	mark := sh.BadBold.Of(sh.Cross + " ")
	if sh.next() {
		mark = sh.mark()
	}
	for _, line := range sh.WrapWords(what, sh.w-2) {
		rows = append(rows, cells.Row{mark, sh.BadBold.Of(line)})
		mark = cells.Bare("  ")
	}
	for _, line := range sh.WrapWords(do, sh.w-2) {
		rows = append(rows, cells.Row{cells.Bare("  "), sh.Text.Of(line)})
	}
	sh.add(Item{Name: "what holds " + addr, Text: func() string { return what + "\n" + do + "\n" }}, rows...)
}

// Address returns what the program wanted to listen on, without "listen tcp".
func Address(c engine.Conflict) string {
	words := strings.Fields(cells.Clean(c.Addr))
	if len(words) == 0 {
		return "an address"
	}
	return words[len(words)-1]
}

func portOf(addr string) string { return addr[max(0, strings.LastIndexByte(addr, ':')):] }
