//go:build !linux && !darwin && !windows

package watcher

// advice says in one sentence what ran out, and in another how to raise it.
func advice(limit) (what, raise string) {
	return "the limit of open files is reached (each watched file takes one)", "to raise it: ulimit -n 65536"
}

func eventless(string) string { return "" }
