package tui

import (
	"path/filepath"
	"strings"
)

// linked makes text in an ink a hyperlink (OSC 8) to an absolute file. The
// sequences are part of the ink: they are outside of what is measured and cut.
func (l look) linked(i ink, file string) ink {
	if !l.links || !filepath.IsAbs(file) {
		return i
	}
	return ink{on: "\x1b]8;;" + fileURL(l.host, file) + "\x1b\\" + i.on, off: i.off + "\x1b]8;;\x1b\\"}
}

// fileURL names a file on a host, as terminals want it: a screen may be looked
// at from elsewhere, where that file is not. Every byte that could end the
// sequence, or the URL, is percent-encoded.
func fileURL(host, file string) string {
	var b strings.Builder
	b.WriteString("file://")
	percent(&b, host)
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") { // C:/…
		b.WriteByte('/')
	}
	percent(&b, path)
	return b.String()
}

func percent(b *strings.Builder, s string) {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/:", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
		}
	}
}

// drawsLinks: the Linux console prints what it does not know.
func drawsLinks(env []string) bool {
	for _, e := range env {
		if e == "TERM=linux" || e == "TERM=dumb" {
			return false
		}
	}
	return true
}
