//go:build cgo

// Package native calls C, which calls Go, if there is a C compiler.
package native

// #include <stdlib.h>
// #include <string.h>
// int back(int n);
// static int call(int n) {
//	char *p = malloc(n + 64);
//	memset(p, 1, n + 64);
//	int r = back(p[n]);
//	free(p);
//	return r;
// }
import "C"

// Answer is what C calls.
var Answer func(int) int

//export back
func back(n C.int) C.int { return C.int(Answer(int(n))) }

// Call is what Go answers C.
func Call(n int) int { return int(C.call(C.int(n % 100))) }
