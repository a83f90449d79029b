package cells

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Linked returns an ink that makes text a hyperlink (OSC 8) to an absolute file. The
// sequences are part of the ink, outside of the text that is measured and cut.
func (l Look) Linked(i Ink, file string) Ink {
	if !l.Links || !filepath.IsAbs(file) {
		return i
	}
	return Ink{on: linkTo(fileURL(l.Host, file)) + i.on, off: i.off + LinkEnd}
}

// linkTo returns the sequence that opens a hyperlink. The address must consist of
// characters that URLs may have, none of which ends the sequence.
func linkTo(address string) string { return "\x1b]8;;" + address + "\x1b\\" }

const LinkEnd = "\x1b]8;;\x1b\\"

// A webLink is an address in a line, as a range of bytes of its visible text. The link
// leads to the address that is visible; a program cannot make one that leads elsewhere.
type webLink struct {
	from, to int
	address  string
}

// longestLink is longer than the addresses that all browsers and servers accept. Every
// row over which an address is wrapped repeats it.
const longestLink = 2048

var webAddress = regexp.MustCompile(`\bhttps?://[A-Za-z0-9\[][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*`)

// mayLink is a fast test that almost all lines fail.
func mayLink(s string) bool { return strings.Contains(s, "http") }

// webLinks finds the addresses in a line of output, in order.
func (l Look) webLinks(s string) []webLink {
	if !l.Links || !mayLink(ansi.Strip(s)) {
		return nil
	}
	var b strings.Builder
	var state byte
	for len(s) > 0 {
		seq, n, size, next := l.Method.DecodeSequenceInString(s, state, nil)
		s, state = s[size:], next
		if visible(seq, n) {
			b.WriteString(seq)
		}
	}
	text := b.String()
	var links []webLink
	for _, at := range webAddress.FindAllStringIndex(text, -1) {
		if at[1]-at[0] <= longestLink {
			address := withoutProse(text[at[0]:at[1]])
			links = append(links, webLink{at[0], at[0] + len(address), address})
		}
	}
	return links
}

// withoutProse removes the characters at the end of an address that belong to the
// sentence or the brackets around it.
func withoutProse(address string) string {
	for {
		n := len(address) - 1
		switch c := address[n]; {
		case strings.IndexByte(".,;:!?'*", c) >= 0:
		case c == ')' && strings.Count(address, "(") < strings.Count(address, ")"):
		case c == ']' && strings.Count(address, "[") < strings.Count(address, "]"):
		default:
			return address
		}
		address = address[:n]
	}
}

// fileURL returns the URL of a file on a host, as terminals expect it: the terminal may
// be on another machine, which does not have the file. Every byte that could end the
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

// DrawsLinks reports whether the terminal can draw hyperlinks. The Linux console prints
// sequences that it does not know.
func DrawsLinks(env []string) bool {
	for _, e := range env {
		if e == "TERM=linux" || e == "TERM=dumb" {
			return false
		}
	}
	return true
}
