//go:build !go1.23 || !linux || !(amd64 || arm64)

// Package agent is the part of live code inside the program that it changes. This
// system has no agent: every change restarts the program.
package agent

// Variable is the environment variable that has the descriptor of the agent's socket.
const Variable = "HOTDEV_LIVE"
