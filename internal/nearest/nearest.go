// Package nearest finds what a misspelt word was meant to be.
package nearest

import (
	"strings"
	"unicode"
)

// Of is the one of known that word was most likely meant to be, or "" if none is
// near: a third of the letters may be wrong, for with more of them any short
// word would be near to any other. Letters' case does not count; of equally near
// ones the first wins.
func Of(word string, known []string) string {
	best, least := "", -1
	word = strings.ToLower(word)
	for _, k := range known {
		n := Edits(word, strings.ToLower(k))
		if n <= max(len([]rune(word)), len([]rune(k)))/3 && (least < 0 || n < least) {
			best, least = k, n
		}
	}
	return best
}

// Edits counts the letters to insert, remove, change or swap with a neighbour on
// the way from a to b (the optimal string alignment distance). Another case is
// half an edit, rounded down in the sum.
func Edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	const one = 2
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j * one
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i * one
		for j := 1; j <= len(y); j++ {
			change := last[j-1]
			if x[i-1] != y[j-1] {
				change += one
				if unicode.ToLower(x[i-1]) == unicode.ToLower(y[j-1]) {
					change--
				}
			}
			row[j] = min(change, last[j]+one, row[j-1]+one)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+one)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)] / one
}
