//go:build !linux

package main

// Only Linux tells whose a process is.
func (a *arena) nothingLeft(*loop) error { return nil }

type footprint struct{ rss, descriptors, goroutines, threads, children, watches int }

func footprintOf(int) footprint { return footprint{} }
