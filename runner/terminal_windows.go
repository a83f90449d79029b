package runner

import (
	"io"
	"os"
)

// InFront is true: a console has no background.
func InFront(*os.File) bool { return true }

// A Suspender is never made: Windows has no job control.
type Suspender struct{}

// NewSuspender gives nil.
func NewSuspender() *Suspender { return nil }

// Asked never receives.
func (s *Suspender) Asked() <-chan os.Signal { return nil }

// Close does nothing.
func (s *Suspender) Close() {}

// Run does nothing.
func (s *Suspender) Run() error { return nil }

// SetStdin, SetStdout and SetStderr do nothing.
func (s *Suspender) SetStdin(io.Reader)  {}
func (s *Suspender) SetStdout(io.Writer) {}
func (s *Suspender) SetStderr(io.Writer) {}
