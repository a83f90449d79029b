package words

import "github.com/hotdev/hotdev/engine"

// Shown says how a page came to show a save: "page: css swapped after 23 ms
// (static/app.css saved)".
func Shown(e engine.Shown) string {
	return "page: " + Tier(e.Tier) + " after " + Took(e.Took) + " (" + e.Why + ")"
}

// LAN says who can use an address in the local network, and what for.
const LAN = "every device on this network can use the program there, and sees the errors that its pages show, with their source lines"

// Tabs is "2 tabs".
func Tabs(n int) string { return Count(n, "tab") }

// Tier says what a page did.
func Tier(tier string) string {
	return map[string]string{"css": "css swapped", "image": "images swapped", "morph": "morphed", "reload": "reloaded"}[tier]
}
