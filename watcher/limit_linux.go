package watcher

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// advice says in one sentence what ran out, with its number, and in another how
// to raise it.
func advice(l limit) (what, raise string) {
	switch l {
	case limitWatches:
		n := sysctl("fs/inotify/max_user_watches")
		return fmt.Sprintf("the kernel's limit of watched folders is reached (fs.inotify.max_user_watches = %s)", show(n)),
			raiseSysctl("fs.inotify.max_user_watches", max(524288, 2*n))
	case limitInstances:
		n := sysctl("fs/inotify/max_user_instances")
		return fmt.Sprintf("the kernel's limit of watching programs is reached (fs.inotify.max_user_instances = %s, open files ulimit -n = %s)", show(n), show(openFiles())),
			raiseSysctl("fs.inotify.max_user_instances", max(1024, 2*n))
	}
	return fmt.Sprintf("the limit of open files is reached (ulimit -n = %s, fs.file-max = %s)", show(openFiles()), show(sysctl("fs/file-max"))),
		"to raise it: ulimit -n 65536"
}

func raiseSysctl(key string, n int) string {
	return fmt.Sprintf("to raise it: sudo sysctl %s=%d (to keep it: echo %s=%d | sudo tee /etc/sysctl.d/60-inotify.conf)", key, n, key, n)
}

// sysctl reads a number below /proc/sys; 0 if it cannot be read.
func sysctl(path string) int {
	b, err := os.ReadFile("/proc/sys/" + path)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return n
}

func openFiles() int {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) != nil {
		return 0
	}
	return int(r.Cur)
}

func show(n int) string {
	if n <= 0 {
		return "unknown"
	}
	return strconv.Itoa(n)
}

// eventless: inotify tells only of changes that this kernel makes. On these
// file systems others make them too: a server, a virtual machine's host, or a
// program behind a FUSE mount.
func eventless(dir string) string {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return ""
	}
	return eventlessTypes(uint32(st.Type))
}

func eventlessTypes(magic uint32) string {
	switch magic {
	case 0x01021997:
		return "9p" // WSL's Windows drives (drvfs) and many virtual machines
	case 0x6969:
		return "nfs"
	case 0xff534d42, 0x517b, 0xfe534d42:
		return "smb"
	case 0x65735546:
		return "fuse" // sshfs, virtiofs, Docker Desktop's bind mounts
	case 0x786f4256:
		return "vboxsf"
	case 0x7c7c6673:
		return "prl_fs"
	case 0xbacbacbc:
		return "vmhgfs"
	case 0x5346414f, 0x6b414653:
		return "afs"
	case 0x00c36400:
		return "ceph"
	case 0x0bd00bd0:
		return "lustre"
	case 0x73757245:
		return "coda"
	}
	return ""
}
