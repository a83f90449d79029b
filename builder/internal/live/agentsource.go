package live

import "embed"

// AgentSource is the agent's source, in folder agent, to be put into a program
// by an overlay.
//
//go:embed agent/agent.go agent/load.go
var AgentSource embed.FS

// AgentFiles are the names of its files.
var AgentFiles = []string{"agent.go", "load.go"}

// AgentVariable names the descriptor of the agent's socket in the program's
// environment.
const AgentVariable = "HOTDEV_LIVE"

// CompilerFlags are what the compiler is to be run with, so that it is known
// which parameters escape. They do not change what it makes.
var CompilerFlags = []string{"-m", "-d=escapemutationscalls=1"}

// Revision is raised whenever what a toolchain must pass changes.
const Revision = 2
