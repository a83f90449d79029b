package live

import (
	"embed"
	"strings"
)

// AgentSource is the agent's source, in the folder agent. An overlay adds it to a
// program.
//
//go:embed agent/agent.go agent/load.go agent/profile.go agent/stacks.go
var AgentSource embed.FS

// AgentFiles are the file names of AgentSource.
var AgentFiles = []string{"agent.go", "load.go", "profile.go", "stacks.go"}

// AgentFolder is the folder of the agent's package, in the overlay of the program's module.
const AgentFolder = "hotdevlive"

// OfAgent reports whether a function, named as in a stack, is the agent's.
func OfAgent(function string) bool { return strings.Contains(function, "/"+AgentFolder+".") }

// AgentVariable is the environment variable that gives the program the descriptor of
// the agent's socket.
const AgentVariable = "HOTDEV_LIVE"

// CompilerFlags make the compiler report which parameters escape. They do not change
// the code.
var CompilerFlags = []string{"-m", "-d=escapemutationscalls=1"}

// Revision must be incremented when the requirements for a toolchain change.
const Revision = 2
