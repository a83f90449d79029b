package complaint

// LastLines returns the last n lines of a tool's output, made printable.
func LastLines(list []string, n int) []string {
	var out []string
	for _, l := range list[max(0, len(list)-n):] {
		out = append(out, Clean(l))
	}
	return out
}
