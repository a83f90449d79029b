package builder

import "testing"

func TestDependsOn(t *testing.T) {
	l := &listing{graph: Graph{Packages: []Package{
		{ImportPath: "a"}, {ImportPath: "b", Imports: []string{"a"}}, {ImportPath: "c", Imports: []string{"b"}}, {ImportPath: "d"},
	}}}
	if l.dependsOn("a", "a") || l.dependsOn("a", "b") || !l.dependsOn("c", "a") || l.dependsOn("e", "a") {
		t.Error("the graph is read wrongly")
	}
}
