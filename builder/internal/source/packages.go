package source

import "github.com/hotdev/hotdev/builder/complaint"

// A Package is one package of the program that the user may edit: of the main
// module, of a workspace module, of a locally replaced one, or vendored.
type Package struct {
	ImportPath string `json:"import_path"`
	Name       string `json:"name"`
	Dir        string `json:"dir"`
	// Files are the absolute paths of all sources that the build reads: Go, cgo,
	// assembly, C, headers, .syso. Embedded files are in EmbedFiles.
	Files []string `json:"files"`
	// EmbedPatterns are as written in //go:embed, relative to Dir.
	EmbedPatterns []string `json:"embed_patterns,omitempty"`
	EmbedFiles    []string `json:"embed_files,omitempty"`
	// Imports are the import paths of direct imports, all modules and std.
	Imports []string `json:"imports,omitempty"`
	// Vendored: the package is read from the vendor folder.
	Vendored bool `json:"vendored,omitempty"`
	// Tests: it is compiled with its test files, so that others of its folder may come
	// to belong to it.
	Tests bool `json:"tests,omitempty"`
}

// A Graph is the packages and files that a program is built from.
type Graph struct {
	// Main is the import path of the main package ("command-line-arguments" for
	// a list of files).
	Main string `json:"main"`
	// FilesOnly: the target is a list of .go files, so other files of the main
	// package's folder do not belong to the program.
	FilesOnly bool `json:"files_only,omitempty"`
	// Plugins are the import paths of the request's Plugins.
	Plugins []string `json:"plugins,omitempty"`
	// Packages are the user's own, dependencies first.
	Packages []Package `json:"packages"`
	// Total counts all packages, the standard library and modules included.
	Total int `json:"total"`
	// Roots are the absolute folders of the modules that Packages belong to.
	Roots []string `json:"roots"`
	// Files are the absolute paths that determine the graph itself and must be watched
	// whether they exist or not: go.mod, go.sum, go.work, go.work.sum,
	// vendor/modules.txt.
	Files []string `json:"files"`
	// Missing are absolute folders that a package imports but that do not exist or
	// contain no Go files yet.
	Missing []string `json:"missing,omitempty"`
	// Diagnostics are the errors of go list. If there are any, the graph may be
	// incomplete.
	Diagnostics []complaint.Diagnostic `json:"diagnostics,omitempty"`
}
