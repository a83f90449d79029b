package live

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Toolchain is a version of Go, as far as live code depends on it: what it reads from
// the toolchain's sources, after checking there that everything else is as expected.
type Toolchain struct {
	Root     string // GOROOT
	Version  string // go1.26.8
	builtins []builtinFunc
	modules  layout // runtime.moduledata
	magic    uint32 // of the pclntab
	// profiler and blockRate: the runtime's state of these profiles is as the agent
	// knows it.
	profiler, blockRate bool
}

type builtinFunc struct {
	name string
	abi  uint16
}

// A layout is the offsets of a struct's fields.
type layout struct {
	offsets map[string]int
	sizes   map[string]int
	size    int
}

// moduleFields are the fields of runtime.moduledata that a patch sets, or deliberately
// leaves empty.
var moduleFields = []string{
	"pcHeader", "funcnametab", "cutab", "filetab", "pctab", "pclntable", "ftab", "findfunctab", "minpc", "maxpc",
	"text", "etext", "noptrdata", "enoptrdata", "data", "edata", "bss", "ebss", "noptrbss", "enoptrbss", "covctrs", "ecovctrs",
	"end", "gcdata", "gcbss", "types", "typedesclen", "etypes", "itaboffset", "itabsize", "rodata", "gofunc", "epclntab",
	"textsectmap", "typelinks", "itablinks", "ptab", "pluginpath", "pkghashes", "inittasks", "modulename", "modulehashes",
	"hasmain", "bad", "gcdatamask", "gcbssmask", "typemap", "next",
}

// structs are those whose layout is written down in the agent or in this linker. The
// toolchain's sources must have the same.
var structs = []struct{ file, name, fields string }{
	{"runtime/proc.go", "worldStop", "reason stwReason; startedStopping int64; finishedStopping int64; stoppingCPUTime int64"},
	{"runtime/proc.go", "initTask", "state uint32; nfns uint32"},
	{"runtime/iface.go", "itabTableType", "size uintptr; count uintptr; entries [itabInitSize]*itab"},
	{"internal/abi/iface.go", "ITab", "Inter *InterfaceType; Type *Type; Hash uint32; Fun [1]uintptr"},
	{"internal/abi/type.go", "Type", "Size_ uintptr; PtrBytes uintptr; Hash uint32; TFlag TFlag; Align_ uint8; FieldAlign_ uint8; Kind_ Kind; Equal func(unsafe.Pointer, unsafe.Pointer) bool; GCData *byte; Str NameOff; PtrToThis TypeOff"},
	{"internal/abi/type.go", "UncommonType", "PkgPath NameOff; Mcount uint16; Xcount uint16; Moff uint32; _ uint32"},
	{"internal/abi/type.go", "Method", "Name NameOff; Mtyp TypeOff; Ifn TextOff; Tfn TextOff"},
	{"internal/abi/type.go", "InterfaceType", "Type; PkgPath Name; Methods []Imethod"},
	{"runtime/runtime2.go", "_func", "entryOff uint32; nameOff int32; args int32; deferreturn uint32; pcsp uint32; pcfile uint32; pcln uint32; npcdata uint32; cuOffset uint32; startLine int32; funcID abi.FuncID; flag abi.FuncFlag; _ [1]byte; nfuncdata uint8"},
	{"runtime/symtabinl.go", "inlinedCall", "funcID abi.FuncID; _ [3]byte; nameOff int32; parentPc int32; startLine int32"},
	{"runtime/symtab.go", "findfuncbucket", "idx uint32; subbuckets [16]byte"},
	{"runtime/symtab.go", "functab", "entryoff uint32; funcoff uint32"},
	{"runtime/symtab.go", "pcHeader", "magic abi.PCLnTabMagic; pad1 uint8; pad2 uint8; minLC uint8; ptrSize uint8; nfunc int; nfiles uint; _ uintptr; funcnameOffset uintptr; cuOffset uintptr; filetabOffset uintptr; pctabOffset uintptr; pclnOffset uintptr"},
}

// functions are those of the runtime that the agent calls, with their types.
var functions = []struct{ file, name, typ string }{
	{"runtime/proc.go", "stopTheWorldGC", "func(reason stwReason) worldStop"},
	{"runtime/proc.go", "startTheWorldGC", "func(w worldStop)"},
	{"runtime/proc.go", "doInit1", "func(t *initTask)"},
	{"runtime/symtab.go", "modulesinit", "func()"},
	{"runtime/iface.go", "itabsinit", "func()"},
}

// LoadToolchain reads the sources of the toolchain in the folder root.
func LoadToolchain(root, version string) (tc *Toolchain, o *Obstacle) {
	defer catch(&o)
	tc = &Toolchain{Root: root, Version: version}
	s := sourceTree{root: filepath.Join(root, "src"), files: map[string]*ast.File{}}
	s.consts("cmd/internal/objabi/symkind.go", "Sxxx", symKindNames)
	s.consts("cmd/internal/goobj/objfile.go", "AuxGotype", auxNames)
	relocs := s.block("cmd/internal/objabi/reloctype.go", "R_ADDR")
	for k, name := range relocNames {
		if int(k) > len(relocs) || relocs[k-1] != name {
			panic(refuse(WrongToolchain, name, "%s numbers its relocations differently", version))
		}
	}
	for _, x := range structs {
		if got := s.fields(x.file, x.name); got != x.fields {
			panic(refuse(WrongToolchain, x.name, "%s has another layout of %s", version, x.name))
		}
	}
	for _, x := range functions {
		if got := s.signature(x.file, x.name); got != x.typ {
			panic(refuse(WrongToolchain, x.name, "%s has another runtime.%s", version, x.name))
		}
	}
	tc.builtins = s.builtins()
	tc.modules = s.modules()
	tc.magic = s.magic()
	tc.profiler = known(func() bool {
		return strings.HasPrefix(s.fields("runtime/cpuprof.go", "cpuProfile"), "lock mutex; on bool; log *profBuf;") &&
			s.fields("runtime/runtime2.go", "mutex") == "lockRankStruct; key uintptr"
	})
	tc.blockRate = known(func() bool { return s.variable("runtime/mprof.go", "blockprofilerate") == "uint64" })
	return tc, nil
}

// known reports whether something is as expected that patches do without.
func known(as func() bool) bool {
	var o *Obstacle
	defer catch(&o)
	return as()
}

// A sourceTree is GOROOT/src. Each file is parsed once.
type sourceTree struct {
	root  string
	files map[string]*ast.File
}

func (s sourceTree) file(name string) *ast.File {
	if f := s.files[name]; f != nil {
		return f
	}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(s.root, filepath.FromSlash(name)), nil, parser.SkipObjectResolution)
	if err != nil {
		panic(refuse(WrongToolchain, name, "the toolchain's sources cannot be read: %v", err))
	}
	s.files[name] = f
	return f
}

// block returns the names of the constants in the block that begins with first.
func (s sourceTree) block(file, first string) (names []string) {
	for _, d := range s.file(file).Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST || g.Specs[0].(*ast.ValueSpec).Names[0].Name != first {
			continue
		}
		for _, spec := range g.Specs {
			names = append(names, spec.(*ast.ValueSpec).Names[0].Name)
		}
		return names
	}
	panic(refuse(WrongToolchain, first, "%s has no %s", file, first))
}

// consts requires that a block of constants begins with the names in want.
func (s sourceTree) consts(file, first string, want []string) {
	if got := s.block(file, first); len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		panic(refuse(WrongToolchain, first, "%s numbers its symbols differently", file))
	}
}

func (s sourceTree) structType(file, name string) *ast.StructType {
	for _, d := range s.file(file).Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, spec := range g.Specs {
				if t := spec.(*ast.TypeSpec); t.Name.Name == name {
					if st, ok := t.Type.(*ast.StructType); ok {
						return st
					}
				}
			}
		}
	}
	panic(refuse(WrongToolchain, name, "%s has no struct %s", file, name))
}

// fields returns a struct's fields on one line; markers without a size are left out.
func (s sourceTree) fields(file, name string) string {
	var out []string
	for _, f := range s.structType(file, name).Fields.List {
		typ := exprString(f.Type)
		if typ == "sys.NotInHeap" {
			continue
		}
		if len(f.Names) == 0 {
			out = append(out, typ)
		}
		for _, n := range f.Names {
			out = append(out, n.Name+" "+typ)
		}
	}
	return strings.Join(out, "; ")
}

func (s sourceTree) signature(file, name string) string {
	for _, d := range s.file(file).Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == name {
			return exprString(f.Type)
		}
	}
	return ""
}

// variable returns the type of a variable that is declared by itself, or "".
func (s sourceTree) variable(file, name string) string {
	for _, d := range s.file(file).Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			if v := g.Specs[0].(*ast.ValueSpec); v.Names[0].Name == name && v.Type != nil {
				return exprString(v.Type)
			}
		}
	}
	return ""
}

// builtins reads the list of runtime functions that the compiler refers to by number:
// {"runtime.newobject", 1},
func (s sourceTree) builtins() (list []builtinFunc) {
	ast.Inspect(s.file("cmd/internal/goobj/builtinlist.go"), func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || len(lit.Elts) != 2 {
			return true
		}
		name, ok1 := lit.Elts[0].(*ast.BasicLit)
		abi, ok2 := lit.Elts[1].(*ast.BasicLit)
		if !ok1 || !ok2 || name.Kind != token.STRING {
			return true
		}
		text, err1 := strconv.Unquote(name.Value)
		number, err2 := strconv.ParseUint(abi.Value, 10, 16)
		if err1 != nil || err2 != nil {
			panic(refuse(WrongToolchain, "builtins", "the compiler's list of runtime functions is not understood"))
		}
		list = append(list, builtinFunc{text, uint16(number)})
		return true
	})
	if len(list) == 0 {
		panic(refuse(WrongToolchain, "builtins", "the compiler's list of runtime functions is empty"))
	}
	return list
}

// modules returns the layout of moduledata. All of its fields must be known.
func (s sourceTree) modules() layout {
	l := layout{offsets: map[string]int{}, sizes: map[string]int{}}
	for _, f := range s.structType("runtime/symtab.go", "moduledata").Fields.List {
		typ := exprString(f.Type)
		if typ == "sys.NotInHeap" {
			continue
		}
		size, align := sizeOf(typ)
		for _, n := range f.Names {
			if size == 0 || !slices.Contains(moduleFields, n.Name) {
				panic(refuse(WrongToolchain, n.Name, "runtime.moduledata has a field that live code does not know: %s %s", n.Name, typ))
			}
			l.size = alignUp(l.size, align)
			l.offsets[n.Name], l.sizes[n.Name] = l.size, size
			l.size += size
		}
	}
	l.size = alignUp(l.size, 8)
	for _, f := range moduleFields[:10] {
		if _, ok := l.offsets[f]; !ok {
			panic(refuse(WrongToolchain, f, "runtime.moduledata has no field %s", f))
		}
	}
	return l
}

// sizeOf returns the size and alignment of a type that moduledata's fields have.
func sizeOf(typ string) (size, align int) {
	switch {
	case strings.HasPrefix(typ, "[]"):
		return 24, 8
	case strings.HasPrefix(typ, "*"), strings.HasPrefix(typ, "map["), typ == "uintptr":
		return 8, 8
	case typ == "string", typ == "bitvector":
		return 16, 8
	case typ == "uint8", typ == "bool":
		return 1, 1
	}
	return 0, 1
}

// magic returns the number of the function tables' format. In the sources it is
// CurrentPCLnTabMagic = Go120PCLnTabMagic, which is a number.
func (s sourceTree) magic() uint32 {
	values := map[string]ast.Expr{}
	for _, d := range s.file("internal/abi/symtab.go").Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
			for _, spec := range g.Specs {
				if v := spec.(*ast.ValueSpec); len(v.Names) == len(v.Values) {
					for i, n := range v.Names {
						values[n.Name] = v.Values[i]
					}
				}
			}
		}
	}
	e := values["CurrentPCLnTabMagic"]
	if id, ok := e.(*ast.Ident); ok {
		e = values[id.Name]
	}
	if lit, ok := e.(*ast.BasicLit); ok {
		if n, err := strconv.ParseUint(lit.Value, 0, 32); err == nil && n == 0xfffffff1 {
			return uint32(n)
		}
	}
	panic(refuse(WrongToolchain, "pclntab", "the format of the function tables is not known"))
}

// exprString returns a type as it is written, on one line.
func exprString(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return exprString(e.X) + "." + e.Sel.Name
	case *ast.StarExpr:
		return "*" + exprString(e.X)
	case *ast.BasicLit:
		return e.Value
	case *ast.ArrayType:
		if e.Len == nil {
			return "[]" + exprString(e.Elt)
		}
		return "[" + exprString(e.Len) + "]" + exprString(e.Elt)
	case *ast.MapType:
		return "map[" + exprString(e.Key) + "]" + exprString(e.Value)
	case *ast.FuncType:
		list := func(l *ast.FieldList) string {
			var out []string
			for _, f := range l.List {
				typ := exprString(f.Type)
				if len(f.Names) == 0 {
					out = append(out, typ)
				}
				for _, n := range f.Names {
					out = append(out, n.Name+" "+typ)
				}
			}
			return strings.Join(out, ", ")
		}
		s := "func(" + list(e.Params) + ")"
		if e.Results != nil {
			s += " " + list(e.Results)
		}
		return s
	}
	return fmt.Sprintf("%T", e)
}

func alignUp[T ~int | ~uint64](n, to T) T { return (n + to - 1) &^ (to - 1) }
