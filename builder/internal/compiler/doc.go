// Package compiler calls the Go compiler and linker as the go command does.
//
// It writes all commands for them: it knows where the tools are, how they find other
// packages and embedded files, what an archive consists of, and when two binaries are
// the same. It does not know which packages have to be compiled, or why.
package compiler

import "time"

// Compiled is one package that was compiled, and the time that it took.
type Compiled struct {
	Package string        `json:"package"`
	Took    time.Duration `json:"took_ns"`
	// Began is the start; zero if the go command compiled the package.
	Began time.Time `json:"-"`
}
