package cells

import (
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Every theme is another look on either ground, and needs no colours.
func TestThemes(t *testing.T) {
	seen := map[Look]string{}
	for _, theme := range []string{"auto", "ember", "sea", "contrast"} {
		for _, dark := range []bool{false, true} {
			l := NewLook(theme, dark, colorprofile.TrueColor, false, ansi.WcWidth)
			if other, ok := seen[l]; ok {
				t.Errorf("%s (dark: %t) is %s", theme, dark, other)
			}
			seen[l] = theme
			if l := NewLook(theme, dark, colorprofile.ASCII, false, ansi.WcWidth); l.Good.on != "" || l.Border.on != "" {
				t.Errorf("%s (dark: %t) has colours where there are none", theme, dark)
			}
		}
		if NewLook("dark", false, colorprofile.TrueColor, false, ansi.WcWidth) != NewLook("auto", true, colorprofile.TrueColor, false, ansi.WcWidth) {
			t.Error("dark is not auto on a dark ground")
		}
	}
}
