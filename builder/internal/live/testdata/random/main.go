// A program whose package part is made up by the tests.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"

	"example.com/app/part"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		s := part.All()
		runtime.GC()
		if again := part.All(); again != s {
			s = "not the same twice: " + s + " / " + again
		}
		fmt.Println(s)
	}
}
