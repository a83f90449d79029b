package complaint

// LastLines are the last n of a tool's words, made printable.
func LastLines(list []string, n int) []string {
	var out []string
	for _, l := range list[max(0, len(list)-n):] {
		out = append(out, Clean(l))
	}
	return out
}
