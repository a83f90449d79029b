// Package gotest asks the go command which packages have tests, and runs them.
//
// It knows "go list -test" and the stream of "go test -json". It does not know which
// tests are worth running, or what a failure means to its reader.
//
// # Theory of operation
//
// A [Graph] holds the user's own packages with what they and their tests are made of
// and import; everything else (the standard library, the module cache) cannot change
// and is left out. A run is one go test command. Each line of its stream becomes an
// [Event]; what the compilers and vet print for a package that does not build becomes
// diagnostics of the event that ends the package.
package gotest

import "github.com/hotdev/hotdev/builder/complaint"

// A Request describes which tests to run, and how they are built and run.
type Request struct {
	// Dir is the absolute folder that the go command runs in, inside the module or the
	// workspace of the packages.
	Dir string `json:"dir"`
	// Flags are passed to go test; those that affect the graph are also passed to go
	// list.
	Flags []string `json:"flags,omitempty"`
	// Env is the whole environment, as in os/exec; nil is the process's own.
	Env []string `json:"-"`
	// Scratch is an absolute folder for the go command's temporary files; if empty, the
	// system's is used.
	Scratch string `json:"-"`
	// Nice makes the tests yield the processor to other processes, if the system can do
	// that.
	Nice bool `json:"nice,omitempty"`
}

// A Package is one of the user's own packages: of the main module, of a module of the
// workspace, or of a folder that replaces a dependency. Paths are absolute.
type Package struct {
	ImportPath string `json:"import_path"`
	Dir        string `json:"dir"`
	// Files are the package's sources and embedded files; TestFiles are those of its
	// tests.
	Files     []string `json:"files,omitempty"`
	TestFiles []string `json:"test_files,omitempty"`
	// Imports are the package's imports, TestImports the additional ones of its tests;
	// both list only the user's own packages.
	Imports     []string `json:"imports,omitempty"`
	TestImports []string `json:"test_imports,omitempty"`
	// Tested: the package has tests, and belongs to the main module or to the
	// workspace.
	Tested bool `json:"tested,omitempty"`
}

// A Graph is the packages of a module or a workspace, with what their tests depend on.
type Graph struct {
	// Roots are the folders of the modules that the user may edit.
	Roots []string `json:"roots,omitempty"`
	// Files are the files whose change may change anything: go.mod, go.sum, go.work.
	Files    []string  `json:"files,omitempty"`
	Packages []Package `json:"packages,omitempty"`
	// Diagnostics are the complaints of go list.
	Diagnostics []complaint.Diagnostic `json:"diagnostics,omitempty"`
}

// Package returns the package with that import path.
func (g Graph) Package(path string) (Package, bool) {
	for _, p := range g.Packages {
		if p.ImportPath == path {
			return p, true
		}
	}
	return Package{}, false
}

// An Event is a line of the stream of go test; see "go doc test2json". What the
// toolchain prints about a package that does not build is not an event of its own: it
// is in the Diagnostics of the event that ends the package.
type Event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64 // seconds
	Output  string

	Diagnostics []complaint.Diagnostic `json:"-"`
}
