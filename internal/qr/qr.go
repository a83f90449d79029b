// Package qr draws a QR code in characters.
package qr

import (
	"strings"

	"rsc.io/qr"
)

// quiet is how many light modules the standard wants around a code.
const quiet = 4

// Lines is a QR code of text, two rows of modules in each line: blocks are its dark
// modules, blanks the light ones, so it is to be shown dark on light. With inverted it is
// the other way round, for a light ink on a dark ground. It is empty if the text is too
// long.
func Lines(text string, inverted bool) []string {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil
	}
	var lines []string
	for y := -quiet; y < code.Size+quiet; y += 2 {
		var b strings.Builder
		for x := -quiet; x < code.Size+quiet; x++ {
			upper, lower := code.Black(x, y) != inverted, code.Black(x, y+1) != inverted
			if y+1 == code.Size+quiet {
				lower = false // the size is odd: this row is not there
			}
			switch {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		lines = append(lines, b.String())
	}
	return lines
}
