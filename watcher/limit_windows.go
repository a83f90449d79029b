package watcher

import "strings"

// advice says in one sentence what ran out, and in another how to raise it.
func advice(limit) (what, raise string) {
	return "the system has no handles left to watch folders with", "closing other programs helps"
}

// eventless: Windows is told of changes by local file systems and by SMB
// servers, but not by WSL's 9p server.
func eventless(dir string) string {
	dir = strings.ToLower(dir)
	if strings.HasPrefix(dir, `\\wsl$\`) || strings.HasPrefix(dir, `\\wsl.localhost\`) {
		return "9p"
	}
	return ""
}
