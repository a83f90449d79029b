package builder

import (
	"testing"

	"github.com/hotdev/hotdev/builder/internal/source"
)

func TestDependsOn(t *testing.T) {
	l := &listing{graph: source.Graph{Packages: []source.Package{
		{ImportPath: "a"}, {ImportPath: "b", Imports: []string{"a"}}, {ImportPath: "c", Imports: []string{"b"}}, {ImportPath: "d"},
	}}}
	if l.dependsOn("a", "a") || l.dependsOn("a", "b") || !l.dependsOn("c", "a") || l.dependsOn("e", "a") {
		t.Error("the graph is read wrongly")
	}
}
