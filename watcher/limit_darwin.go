package watcher

import (
	"fmt"
	"syscall"
)

// advice says in one sentence what ran out, with its number, and in another how
// to raise it. On macOS every watched folder and file is an open file.
func advice(limit) (what, raise string) {
	n := "unknown"
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) == nil {
		n = fmt.Sprint(r.Cur)
	}
	return fmt.Sprintf("the limit of open files is reached (ulimit -n = %s; each watched file takes one)", n),
		"to raise it: ulimit -n 65536, and if that is refused: sudo launchctl limit maxfiles 65536 524288"
}

// eventless: kqueue tells only of changes that this kernel makes, so not of
// those on volumes of other machines.
func eventless(dir string) string {
	var st syscall.Statfs_t
	const local = 0x1000 // MNT_LOCAL of <sys/mount.h>
	if syscall.Statfs(dir, &st) != nil || st.Flags&local != 0 {
		return ""
	}
	var name []byte
	for _, c := range st.Fstypename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	return string(name)
}
