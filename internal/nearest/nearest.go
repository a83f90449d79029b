// Package nearest finds the word that a misspelt one was meant to be.
package nearest

import (
	"strings"
	"unicode"
)

// Of returns the element of known that word was most likely meant to be, or "" if none
// is close. A third of the letters may differ; with more, every short word would be
// close to every other. Case is ignored; of equally close words the first is returned.
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

// Edits returns the number of letters to insert, remove, change or swap with a
// neighbour to get from a to b (the optimal string alignment distance). A change of
// case counts as half an edit, rounded down in the sum.
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
