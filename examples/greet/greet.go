// Command greet is the plainest thing that can be reloaded: a package with an
// exported function, and no program around it.
//
//	go run ./cmd/hotdev --mode plugin ./examples/greet
//
// hotdev runs a host of its own, opens this package in it as a plugin, looks
// MyFunc up and calls it. Change the text and save: the same process calls the
// new MyFunc.
package main

import "fmt"

// MyFunc is what hotdev calls.
func MyFunc() {
	fmt.Println("Hello from the plugin.")
}

func main() { MyFunc() } // by itself it is a program as well
