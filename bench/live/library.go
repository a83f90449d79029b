package main

// A library is a real library, with a program that serves it: its answer to each input
// is a text.
type library struct {
	module string // path@version; empty for the one in this file
	weight int
	answer string // the body of func answer(in string) string
	imports,
	inputs []string
}

var libraries = []library{
	{"", 45, "return village.Answer(in)", []string{"example.com/village"}, []string{"1", "20", "x y z", "b a c", "", "long long long long"}},
	{"github.com/pelletier/go-toml/v2@v2.4.3", 35,
		"var v map[string]any\n\terr := toml.Unmarshal([]byte(in), &v)\n\tout, err2 := toml.Marshal(v)\n\treturn fmt.Sprint(string(out), err, err2)",
		[]string{"github.com/pelletier/go-toml/v2"},
		[]string{"a = 1\n[b]\nc = [1979-05-27, \"x\", 2.5]\n", "[[x]]\na.b = true\n[[x]]\n\"q\" = '''m\nn'''\n", "a = ", "d = 07:32:00\ne = 1e3\nf = 0xff\ng = {h = 1}\n"}},
	{"mvdan.cc/sh/v3@v3.14.1", 17,
		"f, err := syntax.NewParser(syntax.KeepComments(true)).Parse(strings.NewReader(in), \"x\")\n\tif err != nil {\n\t\treturn err.Error()\n\t}\n\tvar b strings.Builder\n\terr = syntax.NewPrinter(syntax.Indent(2)).Print(&b, f)\n\treturn fmt.Sprint(b.String(), err)",
		[]string{"mvdan.cc/sh/v3/syntax"},
		[]string{"if true;then echo   1;fi # c\n", "foo() { case $1 in a) b;; esac; }\nfor i in `seq 3`;do echo ${i%x} $((i+1));done", "cat <<EOF | wc\n$a\nEOF\n", "a && b || (c; d) >x 2>&1 &", "((", "[[ a == b* ]] && arr=(1 2 3); echo ${arr[@]:1}"}},
	{"github.com/google/go-jsonnet@v0.22.0", 3,
		"vm := jsonnet.MakeVM()\n\tout, err := vm.EvaluateAnonymousSnippet(\"x\", in)\n\treturn fmt.Sprint(out, err)",
		[]string{"github.com/google/go-jsonnet"},
		[]string{"local f(x) = x * 2; { a: f(3), b: [x for x in [1, 2, 3] if x > 1] }", "{ a:: 1, b: self.a + 1 } + { a:: 5 }", "error 'no'", "if 1 < 2 then 'a' + 'b' else null"}},
}

// village is a small library with declarations of every kind, for edits that need no
// network.
var village = map[string]string{
	"go.mod": "module example.com/village\n\ngo 1.24\n",
	"village.go": `// Package village answers questions.
package village

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"

	"example.com/village/house"
)

const limit = 12

var (
	mu   sync.Mutex
	seen = map[string]bool{}
)

// Answer answers a question.
func Answer(q string) string {
	if n, err := strconv.Atoi(q); err == nil {
		return numbers(n)
	}
	words := strings.Fields(q)
	sort.Slice(words, func(i, j int) bool { return words[i] < words[j] })
	mu.Lock()
	seen[q] = true
	mu.Unlock()
	return fmt.Sprint(len(words), " ", strings.Join(words, ","), " ", visit(words))
}

func numbers(n int) string {
	if n > limit {
		n = limit
	}
	f := house.Sum(2, 3)
	return fmt.Sprint(f(n), house.Max(n, 7), house.Max("a", "b"))
}

func visit(words []string) (r string) {
	defer func() {
		if e := recover(); e != nil {
			r = fmt.Sprint("nobody: ", e)
		}
	}()
	v := house.New(words[0], len(words))
	for _, w := range words {
		v.Add(&house.Room{Name: w, Size: len(w)})
	}
	return v.String()
}
`,
	"house/house.go": `// Package house has rooms.
package house

import "fmt"

const floors = 2

// A Room is one of a house.
type Room struct {
	Name string
	Size int
}

// Area is what a room measures.
func (r *Room) Area() int { return r.Size * floors }

type measured interface{ Area() int }

// A House has rooms.
type House struct {
	name  string
	rooms []measured
	spare int
}

// New builds a house.
func New(name string, spare int) *House { return &House{name: name, spare: spare} }

// Add adds a room.
func (h *House) Add(r *Room) { h.rooms = append(h.rooms, r) }

func (h *House) String() string {
	return fmt.Sprintf("%s has %d rooms of %d", h.name, len(h.rooms)+h.spare, total(h.rooms))
}

func total(list []measured) (n int) {
	for _, m := range list {
		switch m := m.(type) {
		case *Room:
			n += m.Area() + 1
		case fmt.Stringer:
			n += len(m.String())
		}
	}
	return n
}

// Sum adds numbers to what it is given.
func Sum(list ...int) func(int) int {
	sum := 0
	for _, n := range list {
		sum += n
	}
	return func(n int) int { return sum + n*10 }
}

// Max is the larger one.
func Max[T int | string](a, b T) T {
	if a > b {
		return a
	}
	return b
}
`,
}

// Additions to each package of a library, and the program: it serves all the time, in
// goroutines, and pauses while it examines itself. Its state is the number of requests.
const (
	probeFile = `package %s

// HotdevProbe is what the probes have told.
var HotdevProbe uint64

func hotdevProbe(n int) { HotdevProbe = HotdevProbe*31 + uint64(n) + 1 }
`
	serverFile = `//go:build go1.24

package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
%s)

var inputs = []string{%s}

var probes = []*uint64{%s}

var (
	mu    sync.RWMutex
	asked int
	_     = strings.Fields
)

func main() {
	if len(os.Args) > 1 {
		asked, _ = strconv.Atoi(os.Args[1])
		fmt.Println(examine())
		return
	}
	for range 3 {
		go serve()
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Println(examine())
	}
}

func serve() {
	for n := 0; ; n++ {
		mu.RLock()
		safely(inputs[n%%len(inputs)])
		mu.RUnlock()
		time.Sleep(5 * time.Millisecond)
	}
}

func safely(in string) (s string) {
	defer func() {
		if e := recover(); e != nil {
			s = fmt.Sprint("panic: ", e, where())
		}
	}()
	return answer(in)
}

// where lists the lines of a panic, if the environment asks for them.
func where() (s string) {
	if os.Getenv("HOTDEV_LINES") == "" {
		return ""
	}
	pcs := make([]uintptr, 100)
	for frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)]); ; {
		f, more := frames.Next()
		s += fmt.Sprint(" ", f.Function, ":", f.Line)
		if !more {
			return s
		}
	}
}

func examine() string {
	mu.Lock()
	defer mu.Unlock()
	asked++
	out := fmt.Sprint("asked ", asked)
	for range 2 {
		for _, p := range probes {
			*p = 0
		}
		for _, in := range inputs {
			out += "\n" + safely(in)
		}
		for _, p := range probes {
			out += fmt.Sprint(" ", *p)
		}
		runtime.GC()
	}
	return strconv.Quote(out)
}

func answer(in string) string {
	%s
}
`
	serverFolder = "zhotdevserver"
)
