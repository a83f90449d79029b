//go:build !go1.23 || !linux || !(amd64 || arm64)

// Package agent is what live code needs inside the program that it changes.
// There is none for this system: every change restarts the program.
package agent

// Variable names the descriptor of the agent's socket in the environment.
const Variable = "HOTDEV_LIVE"
