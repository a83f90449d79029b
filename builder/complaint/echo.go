package complaint

import "slices"

// withEchoes marks the diagnostics that follow from an earlier one: a repeated message,
// and the errors of a package that imports a broken one. The first of all is never an
// echo. What remains unmarked are causes.
func withEchoes(list []Diagnostic, dependsOn func(pkg, other string) bool) []Diagnostic {
	said := map[string]bool{}
	var broken []string // packages with a cause
	for i := range list {
		d := &list[i]
		d.Echo = said[d.Message] || dependsOn != nil && slices.ContainsFunc(broken, func(other string) bool {
			return d.Package != "" && dependsOn(d.Package, other)
		})
		said[d.Message] = true
		if !d.Echo && d.Package != "" && !slices.Contains(broken, d.Package) {
			broken = append(broken, d.Package)
		}
	}
	return list
}
