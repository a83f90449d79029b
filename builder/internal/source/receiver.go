package source

import "go/ast"

// Receiver returns the name of a method's type, from the type of its receiver; "?" if
// that is not a type that can have methods.
func Receiver(t ast.Expr) string {
	if x, ok := TypeName(t).(*ast.Ident); ok {
		return x.Name
	}
	return "?"
}

// TypeName returns the name in a type, such as that of a receiver or of an embedded field,
// without pointers, parentheses, a tilde and type arguments; another kind of type as it is.
func TypeName(t ast.Expr) ast.Expr {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.UnaryExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default:
			return t
		}
	}
}
