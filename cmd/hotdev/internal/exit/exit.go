// Package exit has the codes that hotdev ends with, as errors.
package exit

import "strconv"

// A Code is an error that ends hotdev with this code. Whoever returns one has printed
// what there is to say.
type Code int

// The codes; those of hotdev ctl are [control.Code].
//
// [control.Code]: https://pkg.go.dev/github.com/hotdev/hotdev/control#Code
const (
	OK     Code = 0
	Broken Code = 1   // the build failed (hotdev build), or hotdev could not do its work
	Usage  Code = 2   // the command line or the configuration is wrong
	Killed Code = 130 // interrupted; of the loop, twice
)

func (c Code) Error() string { return "exit code " + strconv.Itoa(int(c)) }
