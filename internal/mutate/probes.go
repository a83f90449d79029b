package mutate

import (
	"fmt"
	"go/ast"
	"strings"
)

// more are changes with a visible effect, for programs with a probe: the added code
// runs, and passes the probe a number that it computes.
var more = []kind{
	{"a closure", 6, func(s *source) map[string][]byte {
		return s.body("func() { k := %d; f := func(i int) int { k += i; return k }; f(2); %s }()", s.n, s.tell("f(3)"))
	}},
	{"a goroutine", 3, func(s *source) map[string][]byte {
		return s.body("func() { c := make(chan int, 1); go func() { c <- %d }(); %s }()", s.n, s.tell("<-c"))
	}},
	{"a deferred call", 4, func(s *source) map[string][]byte {
		return s.body("defer func() { %s }()", s.tell("%d", s.n))
	}},
	{"a panic", 3, func(s *source) map[string][]byte {
		return s.body("func() { defer func() { if e, ok := recover().(int); ok { %s } }(); panic(%d) }()", s.tell("e"), s.n)
	}},
	{"a local type", 3, func(s *source) map[string][]byte {
		return s.body("func() { type local%d struct { n int; s string }; m := map[local%d]int{{%d, \"a\"}: %d}; %s }()", s.n, s.n, s.n, s.n, s.tell("m[local%d{%d, \"a\"}]", s.n, s.n))
	}},
	{"a type", 6, func(s *source) map[string][]byte {
		return s.with(s.body("%s", s.tell("asked%d(kind%d{a: %d}) + asked%d(map[kind%d]int{{}: 1}) + asked%d([]kind%d(nil))", s.n, s.n, s.n, s.n, s.n, s.n, s.n)),
			"type kind%[1]d struct {\n\ta int\n\tb string\n\tnext *kind%[1]d\n}\n\nfunc (k kind%[1]d) Size() int { return k.a + len(k.b) }\n\nfunc asked%[1]d(x any) int {\n\tswitch x := x.(type) {\n\tcase interface{ Size() int }:\n\t\treturn x.Size()\n\tcase map[kind%[1]d]int:\n\t\treturn len(x)\n\t}\n\treturn -%[1]d\n}\n", s.n)
	}},
	{"a method that is asked for", 6, func(s *source) map[string][]byte {
		t, ok := one(s, s.structs)
		if !ok {
			return nil
		}
		return s.with(s.body("if x, ok := any(new(%s)).(interface{ Found%d() int }); ok { %s }", t.Name.Name, s.n, s.tell("x.Found%d()", s.n)),
			"func (*%s) Found%d() int { return %d }\n", t.Name.Name, s.n, s.n)
	}},
	{"a parameter that escapes", 6, func(s *source) map[string][]byte {
		f, ok := one(s, s.funcs)
		if !ok {
			return nil
		}
		for _, p := range f.Type.Params.List {
			switch p.Type.(type) {
			case *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.FuncType:
				if len(p.Names) > 0 && p.Names[0].Name != "_" {
					return s.with(s.into(f, "kept%d = %s; %s", s.n, p.Names[0].Name, s.tell("%d", s.n)), "var kept%d any\n", s.n)
				}
			}
		}
		return nil
	}},
	{"a variable", 6, func(s *source) map[string][]byte {
		return s.with(s.body("%s", s.tell("value%d[\"a\"]", s.n)),
			"var value%[1]d = compute%[1]d()\n\nfunc compute%[1]d() map[string]int { return map[string]int{\"a\": %[1]d} }\n", s.n)
	}},
	{"a function in a variable", 4, func(s *source) map[string][]byte {
		return s.with(s.body("%s", s.tell("hook%d(1)", s.n)), "var hook%d = func(n int) int { return n + %d }\n", s.n, s.n)
	}},
	{"an instance of a generic function", 4, func(s *source) map[string][]byte {
		return s.with(s.body("%s", s.tell("last%d(1, %d) + len(last%d(\"a\", \"bcd\"))", s.n, s.n, s.n)), "func last%d[T any](list ...T) T { return list[len(list)-1] }\n", s.n)
	}},
	{"an array as long as a constant", 3, func(s *source) map[string][]byte {
		return s.with(s.body("%s", s.tell("len(row%d{}.a)", s.n)), "const width%[1]d = %[1]d\n\ntype row%[1]d struct{ a [width%[1]d %% 100]byte }\n", s.n)
	}},
	{"a function is not inlined", 4, func(s *source) map[string][]byte {
		f, ok := one(s, s.funcs)
		if !ok || f.Doc != nil {
			return nil
		}
		return s.insert(s.at(f.Pos()), "//go:noinline\n")
	}},
	{"an import", 8, func(s *source) map[string][]byte {
		name := fmt.Sprint("added", s.n)
		i := imports[s.rng.IntN(len(imports))]
		out := s.body("%s", s.tell("%s", strings.ReplaceAll(i.use, "X", name)))
		if out == nil {
			return nil
		}
		at := s.at(s.syntax.Name.End())
		text := string(out[s.name])
		out[s.name] = []byte(text[:at] + fmt.Sprintf("\n\nimport %s %q\n", name, i.path) + text[at:])
		return out
	}},
}

// imports are packages of the standard library, each with an expression that shows that
// it works; some have variables that only their initialisation sets.
var imports = []struct{ path, use string }{
	{"container/ring", "X.New(3).Len()"},
	{"encoding/base32", "len(X.StdEncoding.EncodeToString([]byte(\"abc\")))"},
	{"encoding/csv", "len(X.ErrQuote.Error())"},
	{"hash/adler32", "int(X.Checksum([]byte(\"abc\")) % 1000)"},
	{"hash/crc32", "int(X.ChecksumIEEE([]byte(\"abc\")) % 1000)"},
	{"html", "len(X.EscapeString(\"<a&b>\") + X.UnescapeString(\"&lt;&eacute;\"))"},
	{"net/url", "len(X.QueryEscape(\"a b/c\"))"},
	{"regexp", "len(X.MustCompile(\"a+\").FindString(\"baaac\"))"},
	{"text/tabwriter", "int(X.AlignRight)"},
	{"mime", "len(X.TypeByExtension(\".html\"))"},
}

// tell returns a statement that passes the probe a number.
func (s *source) tell(format string, args ...any) string {
	return s.probe + "(" + fmt.Sprintf(format, args...) + ")"
}

// body inserts a statement at the beginning of a body.
func (s *source) body(format string, args ...any) map[string][]byte {
	f, ok := one(s, s.funcs)
	if !ok {
		return nil
	}
	return s.into(f, format, args...)
}

func (s *source) into(f *ast.FuncDecl, format string, args ...any) map[string][]byte {
	return s.insert(s.at(f.Body.Lbrace)+1, " "+fmt.Sprintf(format, args...)+"; ")
}

// with adds declarations to a change of this file.
func (s *source) with(out map[string][]byte, format string, args ...any) map[string][]byte {
	if out == nil {
		return nil
	}
	out[s.name] = fmt.Appendf(out[s.name], "\n"+format, args...)
	return out
}
