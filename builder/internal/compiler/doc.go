// Package compiler calls the Go compiler and linker as the go command would.
//
// It is the one hand that writes their commands: it knows where the tools are, how
// they are told of other packages and of embedded files, what an archive consists
// of, and when two binaries are the same. It refuses to know which packages are to
// be compiled, and why.
package compiler

import "time"

// Compiled is one package that was compiled, and what that took.
type Compiled struct {
	Package string        `json:"package"`
	Took    time.Duration `json:"took_ns"`
	// Began is when; zero for what the go command compiled.
	Began time.Time `json:"-"`
}
