package fast

import (
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// FuzzCommands: whatever go build -n prints, it is understood or refused.
func FuzzCommands(f *testing.F) {
	for _, text := range []string{
		"# ex.com/a\ncat >$WORK/b001/importcfg << 'EOF' # internal\n# import config\npackagefile fmt=/cache/x-d\nimportmap a=b\nEOF\n" +
			"/go/tool/compile -o $WORK/b001/_pkg_.a -trimpath \"$WORK/b001=>\" -p main -lang=go1.24 -complete -buildid x -goversion go1.26 -importcfg $WORK/b001/importcfg -pack ./main.go\n" +
			"cat >$WORK/b001/importcfg.link << 'EOF' # internal\npackagefile ex.com/a=$WORK/b001/_pkg_.a\nEOF\n" +
			"GOROOT='/usr/go' /go/tool/link -o $WORK/b001/exe/a.out -importcfg $WORK/b001/importcfg.link -buildmode=exe -s $WORK/b001/_pkg_.a\n",
		"# ex.com/a\ncompile -o\n", "# ex.com/a\ncompile -p\nlink -importcfg\n", "link -o\nlink\n",
		"# ex.com/a\ncompile -embedcfg\ncompile -importcfg\ncompile -pgoprofile\npreprofile -o x -i y\n", "A=b\n", "\"compile\" \"-o\n", "cat >x << 'EOF'\n{\n}EOF\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := &Plan{Program: Program{Graph: source.Graph{Main: "ex.com/a", Packages: []source.Package{{ImportPath: "ex.com/a", Imports: []string{"fmt"}}}}}, Nodes: map[string]*Node{
			"ex.com/a": {Path: "ex.com/a", Archive: "a.a", From: &source.Source{}},
			"fmt":      {Path: "fmt", Archive: "fmt.a"},
		}}
		r := newCommandReader(p)
		for l := range strings.Lines(text) {
			r.line(strings.TrimSuffix(l, "\n"))
		}
		err := r.finish()
		if err != nil {
			return
		}
		for _, flag := range p.linking.flags {
			if strings.Contains(flag, "$WORK") {
				t.Errorf("a flag names go's own folder: %q", flag)
			}
		}
		for _, n := range p.linking.packages {
			if p.Nodes[n] == nil {
				t.Errorf("the linker is to read %q, which nobody knows", n)
			}
		}
	})
}
