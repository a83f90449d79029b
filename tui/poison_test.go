package tui

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/internal/safe"
)

// poison puts what a terminal acts on into every text of a value: names of
// files and packages, messages, reasons, arguments.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				poison(f)
			}
		}
	case reflect.Slice:
		// A copy: what states() gives may share it.
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			poison(fresh.Index(i))
		}
		v.Set(fresh)
	case reflect.String:
		// Not the names of states, which the screen compares and does not show.
		if v.Type() == reflect.TypeFor[string]() && v.Len() > 0 {
			const bad = "\x1b]8;;http://x\x07\x1b]0;t\x1b\\\x1b[2J\u009b1m\x07\n\r\u202e\u2066\x9b\x00"
			s := v.String()
			v.SetString(s[:len(s)/2] + bad + s[len(s)/2:])
		}
	}
}

// unsafeRune reports whether a terminal does something else with r than to show it.
func unsafeRune(r rune) bool { return !safe.Rune(r) }

// ownLinks are the sequences that begin and end a link to a file: nothing in them
// but printable ASCII.
var ownLinks = regexp.MustCompile(`\x1b\]8;;(?:file://[\x21-\x7e]*)?\x1b\\`)

// TestPoison: no name and no message puts anything on the screen or into the
// title that a terminal acts on.
// Links of the screen's own lead to files, whose names are escaped in them.
func TestPoison(t *testing.T) {
	shown := 0
	for name, s := range states() {
		poison(reflect.ValueOf(&s).Elem())
		for _, size := range [][2]int{{20, 5}, {60, 15}, {120, 36}, {300, 60}} {
			for _, focus := range []paneID{packagesPane, buildPane, processPane} {
				m := screen(s, size[0], size[1])
				m.focus = focus
				for y, line := range m.lines() {
					shown += strings.Count(line, "\ufffd")
					bare := pens.ReplaceAllString(ownLinks.ReplaceAllString(line, ""), "")
					if strings.ContainsFunc(bare, unsafeRune) {
						t.Errorf("%s %v row %d: %q", name, size, y, line)
					}
					if n := m.look.Width(ansi.Strip(line)); n != size[0] {
						t.Errorf("%s %v row %d has %d cells: %q", name, size, y, n, line)
					}
				}
				if title := m.title(); strings.ContainsFunc(title, unsafeRune) {
					t.Errorf("%s: the title is %q", name, title)
				}
			}
		}
	}
	if shown < 100 {
		t.Errorf("little of it came to the screen: %d replacements", shown)
	}
}
