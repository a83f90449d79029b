//go:build !linux

package project

// redirected returns nothing: this system does not tell the names of the files that
// hotdev's output goes to.
func redirected() []string { return nil }
