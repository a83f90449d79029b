// A program that answers lines, for the tests to change while it runs.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"

	"example.com/app/store"
)

var handlers = map[string]func(arg string) string{}

var answered int

func main() {
	seen := 0
	handlers["closure"] = func(arg string) string {
		seen++
		return fmt.Sprint("closure 1 ", arg, " ", seen)
	}
	handlers["method"] = shop.Describe
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Println(answer(in.Text()))
	}
}

var shop = store.New("shop")

func answer(line string) string {
	answered++
	name, arg, _ := strings.Cut(line, " ")
	switch name {
	case "gc":
		runtime.GC()
		return "collected"
	case "count":
		return fmt.Sprint(answered)
	case "main":
		return route(arg)
	case "store":
		return shop.Handle(arg)
	}
	if h := handlers[name]; h != nil {
		return h(arg)
	}
	return "unknown " + name
}

func route(arg string) string { return "route 1 " + arg }
