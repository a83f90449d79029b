// Package source is about packages as they were and as they are.
//
// It knows the packages of a program, what their files contained when they were read,
// and which parts of a file can change the packages or the commands that build them. It
// does not know how a package is built, or why.
//
// # Theory of operation
//
// [Read] makes a [Snapshot] of a [Graph]'s packages. It reads a file again only if the
// system's time of its last change differs, or is so recent that a later change might
// have the same time. Two snapshots with the same [Snapshot.Shape] are built by the
// same commands; a package that is [Source.Same] in both needs no command at all.
package source
