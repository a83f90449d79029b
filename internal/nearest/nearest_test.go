package nearest

import "testing"

func TestOf(t *testing.T) {
	known := []string{"include", "exclude", "poll", "poll_interval", "quiet", "max"}
	for word, want := range map[string]string{
		"inlcude":      "include", // a swap counts once
		"Exclude":      "exclude",
		"exclude_dir":  "",
		"excludes":     "exclude",
		"pol":          "poll",
		"pollinterval": "poll_interval",
		"quite":        "quiet",
		"mx":           "max",
		"abc":          "",
		"":             "",
	} {
		if got := Of(word, known); got != want {
			t.Errorf("%q: have %q, want %q", word, got, want)
		}
	}
	if got := Of("bat", []string{"cat", "hat", "bat"}); got != "bat" {
		t.Errorf("an exact match lost to %q", got)
	}
	if got := Of("xat", []string{"cat", "hat"}); got != "cat" {
		t.Errorf("of equals the first: have %q", got)
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"conect", "connect", 1}, {"respnose", "response", 1}, {"Total", "total", 0},
		{"get", "set", 1}, {"kitten", "sitting", 3}, {"grün", "grau", 2}, {"a", "abcdefgh", 7},
	} {
		if got := Edits(c.a, c.b); got != c.want {
			t.Errorf("Edits(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
