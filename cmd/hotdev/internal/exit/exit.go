// Package exit has hotdev's exit codes, as errors.
package exit

import "strconv"

// A Code is an error that ends hotdev with this code. The code that returns one has
// already printed the message.
type Code int

// The exit codes; those of hotdev ctl are [control.Code].
//
// [control.Code]: https://pkg.go.dev/github.com/hotdev/hotdev/control#Code
const (
	OK     Code = 0
	Broken Code = 1   // the build failed (hotdev build), or hotdev could not do its work
	Usage  Code = 2   // the command line or the configuration is wrong
	Killed Code = 130 // interrupted; for hotdev's main command, twice
)

func (c Code) Error() string { return "exit code " + strconv.Itoa(int(c)) }
