// Package part is what the answers are made of.
package part

import (
	"fmt"
	"sort"
	"strings"
	"sync"
)

const version = 1

var (
	mu    sync.Mutex
	words = map[string]int{}
)

// Page answers a request with the version, the words of its body, sorted, and
// whether all words that were ever sent are counted.
func Page(body string) string {
	list := strings.Fields(body)
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	mu.Lock()
	defer mu.Unlock()
	for _, w := range list {
		words[w]++
	}
	return render(list)
}

func render(list []string) string { return fmt.Sprintf("%d %s", version, strings.Join(list, " ")) }

// Event is the n-th event of a stream. A loop that never returns goes on with
// what was inlined into it, so it is not.
//
//go:noinline
func Event(n int) string { return fmt.Sprintf("%d %d", version, n) }

// Echo is the n-th answer on a socket.
//
//go:noinline
func Echo(n int, text string) string { return fmt.Sprintf("%d %d %s", version, n, text) }
