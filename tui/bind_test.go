package tui

import (
	"errors"
	"slices"
	"testing"
)

func TestBind(t *testing.T) {
	table, err := bind(map[string][]string{"clear": {"ctrl+l", "f4"}, "quit": {"Q"}, "reload": {"alt+ctrl+r", "ctrl++", " "}, "pause": {"ctrl+p"}})
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string][]string{
		"clear": {"ctrl+l", "f4"}, "quit": {"Q", "ctrl+c"}, "reload": {"ctrl+alt+r", "ctrl++", "space"}, "restart": {"R"},
	} {
		i := slices.IndexFunc(table, func(b binding) bool { return b.action == action })
		if got := table[i].keys; !slices.Equal(got, want) {
			t.Errorf("%s has the keys %q, want %q", action, got, want)
		}
	}
}

func TestCheckKeys(t *testing.T) {
	if err := CheckKeys(nil); err != nil {
		t.Errorf("no keys of the user's: %v", err)
	}
	for _, c := range []struct {
		keys           map[string][]string
		action, saying string
	}{
		{map[string][]string{"clera": {"x"}}, "clera", `there is no such action: did you mean "clear"?`},
		{map[string][]string{"clear": {"contrl+l"}}, "clear", `"contrl+l" is not a key: want a character, or a name such as "enter", "f5" or "ctrl+r"`},
		{map[string][]string{"clear": {"ctrl+"}}, "clear", `"ctrl+" is not a key: want a character, or a name such as "enter", "f5" or "ctrl+r"`},
		{map[string][]string{"clear": {"q"}}, "clear", `the key "q" is also bound to quit`},
		{map[string][]string{"reload": {"c"}}, "reload", `the key "c" is also bound to clear`},
		{map[string][]string{"clear": {"ctrl+c"}, "quit": {"Q"}}, "quit", `the key "ctrl+c" is also bound to clear`},
	} {
		var e *KeyError
		if err := CheckKeys(c.keys); !errors.As(err, &e) || e.Action != c.action || e.Message != c.saying {
			t.Errorf("CheckKeys(%v) = %v", c.keys, err)
		}
	}
}
