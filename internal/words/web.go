package words

import "github.com/hotdev/hotdev/engine"

// Shown says how a page came to show what was saved: "page: css swapped after 23 ms
// (static/app.css saved)".
func Shown(e engine.Shown) string {
	did := map[string]string{"css": "css swapped", "image": "images swapped", "morph": "morphed", "reload": "reloaded"}[e.Tier]
	return "page: " + did + " after " + Took(e.Took) + " (" + e.Why + ")"
}
