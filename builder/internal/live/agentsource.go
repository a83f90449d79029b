package live

import "embed"

// AgentSource is the agent's source, in the folder agent. An overlay adds it to a
// program.
//
//go:embed agent/agent.go agent/load.go agent/profile.go agent/stacks.go
var AgentSource embed.FS

// AgentFiles are the file names of AgentSource.
var AgentFiles = []string{"agent.go", "load.go", "profile.go", "stacks.go"}

// AgentVariable is the environment variable that gives the program the descriptor of
// the agent's socket.
const AgentVariable = "HOTDEV_LIVE"

// CompilerFlags make the compiler report which parameters escape. They do not change
// the code.
var CompilerFlags = []string{"-m", "-d=escapemutationscalls=1"}

// Revision must be incremented when the requirements for a toolchain change.
const Revision = 2
