package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hotdev/hotdev/internal/nearest"
)

// A KeyError is a mistake in the configured keys.
type KeyError struct {
	Action  string // that was rebound
	Message string // a sentence without a place
}

func (e *KeyError) Error() string { return "keys." + e.Action + ": " + e.Message }

// CheckKeys checks keys by action. The error is a [*KeyError]: for an action that
// does not exist, for something that is not a key, or for one key that two actions
// have. The screen ignores keys that do not pass.
func CheckKeys(keys map[string][]string) error {
	_, err := bind(keys)
	return err
}

// bind returns the key table with the user's keys. With an error it returns the table
// without them.
func bind(keys map[string][]string) ([]binding, error) {
	table := keyTable()
	for _, action := range slices.Sorted(maps.Keys(keys)) {
		i := slices.IndexFunc(table, func(b binding) bool { return b.action == action })
		if i < 0 {
			return keyTable(), &KeyError{action, unknownAction(action, table)}
		}
		var own []string
		for _, k := range keys[action] {
			name, ok := keyName(k)
			if !ok {
				return keyTable(), &KeyError{action, fmt.Sprintf("%q is not a key: want a character, or a name such as \"enter\", \"f5\" or \"ctrl+r\"", k)}
			}
			own = append(own, name)
		}
		if action == quitAction && !slices.Contains(own, "ctrl+c") {
			own = append(own, "ctrl+c") // the way out is not to be lost
		}
		table[i].keys = own
	}
	owner := map[string]string{}
	for _, b := range table {
		for _, k := range b.keys {
			other, taken := owner[k]
			if !taken {
				owner[k] = b.action
				continue
			}
			blame := b.action // the one that the user wrote
			if _, ok := keys[blame]; !ok {
				blame, other = other, b.action
			}
			return keyTable(), &KeyError{blame, fmt.Sprintf("the key %q is also bound to %s", k, other)}
		}
	}
	return table, nil
}

func unknownAction(action string, table []binding) string {
	var all []string
	for _, b := range table {
		all = append(all, b.action)
	}
	if near := nearest.Of(action, all); near != "" {
		return fmt.Sprintf("there is no such action: did you mean %q?", near)
	}
	return "there is no such action; there are " + strings.Join(all, ", ")
}

// keyName is a key as the terminal library names it: modifiers in their order,
// then a character or a name.
func keyName(k string) (string, bool) {
	mods, base := "", k
	if i := strings.LastIndexByte(k[:max(0, len(k)-1)], '+'); i >= 0 { // "ctrl++" is one as well
		mods, base = k[:i], k[i+1:]
	}
	if utf8.RuneCountInString(base) != 1 || base == " " {
		if base == " " {
			base = "space"
		}
		if !slices.Contains(namedKeys(), base) {
			return "", false
		}
	}
	var have []string
	if mods != "" {
		have = strings.Split(mods, "+")
	}
	out := ""
	for _, m := range []string{"ctrl", "alt", "shift", "meta", "hyper", "super"} {
		if i := slices.Index(have, m); i >= 0 {
			out += m + "+"
			have = slices.Delete(have, i, i+1)
		}
	}
	return out + base, len(have) == 0
}

func namedKeys() []string {
	names := []string{
		"enter", "tab", "space", "esc", "backspace", "delete", "insert",
		"up", "down", "left", "right", "home", "end", "pgup", "pgdown",
	}
	for i := range 24 {
		names = append(names, fmt.Sprintf("f%d", i+1))
	}
	return names
}
