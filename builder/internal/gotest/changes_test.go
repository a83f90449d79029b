package gotest

import (
	"reflect"
	"strings"
	"testing"
)

// Lines of the source can look like those of a diff.
func TestParseDiff(t *testing.T) {
	const diff = `diff --git a/cart/cart.go b/cart/cart.go
index 1..2 100644
--- a/cart/cart.go
+++ b/cart/cart.go
@@ -8,2 +8,3 @@ func Total(prices []int) int {
--- a/other.go
-- x
+++ b/other.go
+@@ -1 +1 @@
+	x
@@ -20 +21,0 @@ func f() {
-	gone
@@ -30,0 +31 @@
+	new
\ No newline at end of file
diff --git a/gone.go b/gone.go
--- a/gone.go
+++ /dev/null
@@ -1,2 +0,0 @@
-package x
-
diff --git "a/q\"\303\244.go" "b/q\"\303\244.go"
--- "a/q\"\303\244.go"
+++ "b/q\"\303\244.go"
@@ -1,3 +1,4 @@
 package x
+
 // with context
+var y int
`
	want := []Change{
		{File: "cart/cart.go", Lines: []Span{{8, 10}, {31, 31}}},
		{File: "q\"ä.go", Lines: []Span{{2, 2}, {4, 4}}},
	}
	if got := parseDiff(strings.Split(diff, "\n")); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
