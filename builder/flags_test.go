package builder

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/internal/argv"
)

var (
	flagsSeed  = flag.Uint64("flags.seed", 0, "replay the flags of this seed (0: new ones)")
	flagsSteps = flag.Int("flags.steps", 12, "random lists of flags")
)

func TestGoFlags(t *testing.T) {
	for _, c := range []struct{ goflags, flags, want string }{
		{"", "", "-buildvcs=false|-ldflags=-w"},
		{"", "-ldflags=-s", "-buildvcs=false|-ldflags=-s|-ldflags=-s -w"},
		{"-ldflags=-s", "", "-buildvcs=false|-ldflags=-s -w"},
		{"'-ldflags=-X=main.a=1 -X=main.b=2'", "", "-buildvcs=false|-ldflags=-X=main.a=1 -X=main.b=2 -w"},
		{"", `-ldflags|-X 'main.a=1 2'`, "-buildvcs=false|-ldflags|-X 'main.a=1 2'|-ldflags=-X 'main.a=1 2' -w"},
		{"-ldflags=-s", "-ldflags=", "-buildvcs=false|-ldflags=|-ldflags=-w"},
		{"'-ldflags= -s'", "", "-buildvcs=false|-ldflags=-s -w"},
		{"-ldflags=-w", "", "-buildvcs=false"},
		{"-ldflags=-w=false", "", "-buildvcs=false"}, // it was asked for
		{"", "-ldflags=--w=0", "-buildvcs=false|-ldflags=--w=0"},
		{"-ldflags=all=-s", "", "-buildvcs=false"},
		{`"-ldflags=-s 'x"`, "", "-buildvcs=false"}, // the go command complains of what the user wrote
		{"-buildvcs=auto", "", "-ldflags=-w"},
		{"", "-buildvcs", "-buildvcs|-ldflags=-w"},
		{"-x -json", "", "-buildvcs=false|-json=false|-x=false|-ldflags=-w"},
	} {
		var flags []string
		if c.flags != "" {
			flags = strings.Split(c.flags, "|")
		}
		if got := strings.Join(goFlags(Request{Flags: flags}, gocmd.Env{GOFLAGS: c.goflags}), "|"); got != c.want {
			t.Errorf("GOFLAGS=%s and %q: %s, want %s", c.goflags, flags, got, c.want)
		}
	}
}

func TestWithTag(t *testing.T) {
	for _, c := range []struct{ goflags, tags, want string }{
		{"", "", "-tags=hotdev"},
		{"", "-tags=a,,b", "-tags=a,b,hotdev"},
		{"", "-tags=a b", "-tags=a,b,hotdev"},
		{"'-tags=a b'", "", "-tags=a,b,hotdev"},
		{"'-tags=a b'", "-tags=c", "-tags=c,hotdev"},
		{"-tags=a", "-tags=", "-tags=hotdev"},
		{"", "-tags='a'", "-tags=a,hotdev"},
		{"", "-tags='a b' c", "-tags='a b' c hotdev"}, // two tags
		{"", "-tags=a,b c", "-tags=a,b c hotdev"},
		{"", "-tags=it's", `-tags="it's" hotdev`},
		{"", "-tags=a\"b'c d", "-tags=d hotdev"}, // one that no flag beside others can have
		{"", "-tags='a b", "-tags='a b"},         // the go command complains of what the user wrote
	} {
		var flags []string
		if c.tags != "" {
			flags = []string{c.tags}
		}
		got := gocmd.WithTag(flags, gocmd.Env{GOFLAGS: c.goflags}, "hotdev")
		if got[len(got)-1] != c.want {
			t.Errorf("GOFLAGS=%s and %q: %q, want %s", c.goflags, flags, got, c.want)
		}
	}
}

// TestFlagsRandom holds hotdev's reading of flags to the go command's: with what
// hotdev adds, the go command understands what it understands without, the
// addition aside.
func TestFlagsRandom(t *testing.T) {
	seed := *flagsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -flags.seed=%d -flags.steps=%d", seed, *flagsSteps)
	rng := rand.New(rand.NewPCG(seed, 1))
	dir := testModule(t, "-- go.mod --\nmodule example.com/flags\n\ngo 1.24\n-- main.go --\npackage main\n\nfunc main() {}\n")
	understood := 0
	for range *flagsSteps {
		goflags, flags := randomFlags(rng)
		name := fmt.Sprintf("GOFLAGS=%s go build %q", goflags, flags)
		env := goEnviron("GOFLAGS=" + goflags)
		ask := func(args ...string) (string, bool) {
			cmd := exec.Command("go", args...)
			cmd.Dir, cmd.Env = dir, env
			out, err := cmd.CombinedOutput()
			return strings.TrimSpace(string(out)), err == nil
		}
		tool, err := New().tool(t.Context(), dir, env)
		if err != nil {
			t.Fatal(err)
		}

		tags := func(flags []string) (string, bool) {
			return ask(append(append([]string{"list", "-json=false", "-f", `{{range context.BuildTags}}{{printf "%q " .}}{{end}}`}, flags...), ".")...)
		}
		want, ok := tags(flags)
		if ok {
			want = strings.TrimSpace(want + ` "hotdev"`)
		}
		if got, alike := tags(gocmd.WithTag(flags, tool, "hotdev")); got != want || alike != ok {
			t.Errorf("%s: with hotdev's flags the tags are\n%s\nwant\n%s", name, got, want)
		}

		link := func(flags []string) ([]string, bool) {
			out, ok := ask(append(append([]string{"build", "-n", "-o", filepath.Join(dir, "out")}, flags...), ".")...)
			return linkFlags(out), ok
		}
		commands, ok := link(slices.Concat([]string{"-json=false", "-x=false"}, flags))
		ours, alike := link(goFlags(Request{Flags: flags}, tool))
		if !slices.Equal(ours, commands) || alike != ok {
			t.Errorf("%s: with hotdev's flags the linker gets\n%q (%v)\nwant\n%q (%v)", name, ours, alike, commands, ok)
		}
		if ok {
			understood++
		}
	}
	t.Logf("%d of %d lists were valid", understood, *flagsSteps)
}

// linkFlags are the flags of the link command that go build -n prints, without
// -w and the build ID; if it prints none, they are its complaint.
func linkFlags(out string) []string {
	for l := range strings.Lines(out) {
		if words, ok := fast.SplitWords(strings.TrimSpace(l)); ok && len(words) > 1 && strings.Contains(l, "/link -o ") {
			return slices.DeleteFunc(words[1:], func(w string) bool { return w == "-w" || strings.HasPrefix(w, "-buildid=") })
		}
	}
	return []string{out}
}

// randomFlags are flags as people write them, and worse.
func randomFlags(rng *rand.Rand) (goflags string, flags []string) {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	value := func(words ...string) string {
		var out []string
		for range 1 + rng.IntN(3) {
			out = append(out, pick(words...))
		}
		return strings.Join(out, pick(" ", " ", "  ", ",", "\t"))
	}
	one := func() (name, value_ string, bare bool) {
		switch rng.IntN(5) {
		case 0:
			return "tags", value("a", "b", "'c d'", "'e'", "f.g", "it's", ""), false
		case 1, 2:
			pattern := ""
			if rng.IntN(4) == 0 {
				pattern = pick("all=", "std=", "./...=", "example.com/flags=", "=")
			}
			return "ldflags", pattern + value("-s", "-w", "-w=0", "-X=main.a=1", "-X main.b=2", `-X "main.c=3 4"`, "'-X=main.d=5 6'", "-X=main.e='7'", "x", ""), false
		case 3:
			return "gcflags", value("-N", "-l", "all=-N", "'-l'"), false
		}
		return pick("trimpath", "race", "buildvcs"), pick("false", "0", "F"), rng.IntN(2) == 0
	}
	dash := func() string { return pick("-", "-", "--") }
	var list []string
	for range rng.IntN(3) {
		name, v, _ := one()
		word := dash() + name + "=" + v
		if s, err := argv.JoinQuoted([]string{word}); err == nil && rng.IntN(4) > 0 {
			word = s
		}
		list = append(list, word)
	}
	for range rng.IntN(3) {
		name, v, bare := one()
		switch {
		case bare && name == "trimpath":
			flags = append(flags, dash()+name)
		case !gocmd.Boolean(name) && rng.IntN(2) == 0:
			flags = append(flags, dash()+name, v)
		default:
			flags = append(flags, dash()+name+"="+v)
		}
	}
	return strings.Join(list, pick(" ", "  ", "\t")), flags
}
