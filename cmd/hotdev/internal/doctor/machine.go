package doctor

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// missing returns why a command cannot be run, or "" if it can.
func missing(name, dir string) string {
	if filepath.IsAbs(name) {
		if _, err := os.Stat(name); err != nil {
			return err.Error()
		}
		return ""
	}
	if err := (runner.Spec{Path: name, Dir: dir, Env: os.Environ()}).CheckWrapper(); err != nil {
		return err.Error()
	}
	return ""
}

// patience is how long to wait for a change to be noticed: much longer than any system
// that reports changes takes, even a busy one.
const patience = 3 * time.Second

// files checks whether changes of files are noticed, with a file that it writes and
// waits for, and whether the system's limits are sufficient for the project.
func (x *exam) files(ctx context.Context) {
	const what = "files"
	poll := watcher.Poll(x.cfg.Watch.Poll)
	took, stats, notices, err := x.probe(ctx, poll)
	folders := "1 folder"
	if stats.Folders != 1 {
		folders = fmt.Sprintf("%d folders", stats.Folders)
	}
	for _, n := range notices {
		x.add(Problem, what, n, "")
	}
	x.limits(stats.Folders)
	if ctx.Err() == nil {
		x.found = append(x.found, x.judge(poll, watcher.Eventless(x.root), took, folders, err))
	}
}

// judge returns the finding for took, the time until a change was noticed (0 if it was
// not). kind is the kind of file system if it is one that does not report changes;
// otherwise it is empty.
func (x *exam) judge(poll watcher.Poll, kind string, took time.Duration, folders string, err error) Finding {
	const what = "files"
	untold := where(kind) + " does not report changes"
	switch {
	case err != nil:
		return Finding{Note, what, "whether changes are seen is not known: " + err.Error(), "make " + x.root + " writable"}
	case took == 0 && poll == watcher.PollNever && kind != "":
		return Finding{Problem, what, "a file that was written was not noticed: " + untold + `, and watch.poll is "never"`, `set watch.poll = "auto"`}
	case took == 0:
		return Finding{Problem, what, "a file that was written was not noticed within " + patience.String() + ": " + untold, `set watch.poll = "always"`}
	case poll == watcher.PollAlways || poll == watcher.PollAuto && kind != "":
		why := `watch.poll is "always"`
		if poll == watcher.PollAuto {
			why = untold
		}
		return Finding{OK, what, fmt.Sprintf("polled every %v, because %s; a change was noticed after %d ms (%s)", x.cfg.Watch.PollInterval, why, took.Milliseconds(), folders), ""}
	}
	return Finding{OK, what, fmt.Sprintf("the system reports changes: one was noticed after %d ms (%s)", took.Milliseconds(), folders), ""}
}

// limits checks how much of inotify's limit of watched folders the project needs. Other
// programs share the limit. Systems other than Linux have none.
func (x *exam) limits(folders int) {
	const key = "fs.inotify.max_user_watches"
	text, err := os.ReadFile("/proc/sys/fs/inotify/max_user_watches")
	most, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || bad != nil {
		return
	}
	level, do := OK, ""
	if 2*folders > most {
		level, do = Note, fmt.Sprintf("raise it: sudo sysctl %s=%d", key, max(524288, 4*folders))
	}
	x.add(level, "limits", fmt.Sprintf("%s is %d; the project takes %d at most", key, most, folders), do)
}

// where names the place of the project, for a system that does not report changes.
func where(kind string) string {
	switch {
	case kind != "" && isWSL():
		return "a folder of Windows in WSL (" + kind + ")"
	case kind != "" && isContainer():
		return "a folder of the host in a container (" + kind + ")"
	case kind != "":
		return "the file system (" + kind + ")"
	case isContainer():
		return "this container"
	case isWSL():
		return "WSL"
	}
	return "the system"
}

func isContainer() bool {
	for _, file := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}

func isWSL() bool {
	version, _ := os.ReadFile("/proc/version") // other systems do not have it
	return strings.Contains(strings.ToLower(string(version)), "microsoft")
}

// probe writes a file, and returns how long it took until the change was noticed; 0 if
// it was not.
func (x *exam) probe(ctx context.Context, poll watcher.Poll) (took time.Duration, stats watcher.Stats, notices []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*patience) // the whole project is read in that time
	defer cancel()
	w := watcher.New()
	// Another hotdev ignores files with such a name.
	file := filepath.Join(x.root, fmt.Sprintf(".doctor.hotdev-%d", os.Getpid()))
	batches, over := make(chan watcher.Batch), make(chan struct{})
	running, stop := context.WithCancel(ctx)
	go func() {
		defer close(over)
		_ = w.Run(running, func(b watcher.Batch) { // it returns an error only on a second call
			select {
			case batches <- b:
			case <-running.Done():
			}
		})
	}()
	defer func() {
		stop()
		<-over
	}()
	set := watcher.Set{
		Roots: []string{x.root},
		Rules: []watcher.Rule{{Dir: x.root, Include: []string{filepath.Base(file)}}, {Dir: x.root, Include: []string{"**/*.go"}}},
		Poll:  poll, PollInterval: x.cfg.Watch.PollInterval,
	}
	if stats, err = w.Watch(ctx, set, time.Time{}); err != nil {
		return 0, stats, nil, err
	}
	defer os.Remove(file)
	began := time.Now()
	if err := os.WriteFile(file, []byte("hotdev doctor waits for this\n"), 0o600); err != nil {
		return 0, stats, nil, err
	}
	timer := time.NewTimer(patience + x.cfg.Watch.PollInterval)
	defer timer.Stop()
	for {
		select {
		case b := <-batches:
			notices = append(notices, b.Notices...)
			if slices.Contains(b.Paths, file) {
				return time.Since(began), stats, notices, nil
			}
		case <-timer.C:
			return 0, stats, notices, nil
		case <-ctx.Done():
			return 0, stats, notices, ctx.Err()
		}
	}
}

// ports checks whether the ports in the configuration are free.
func (x *exam) ports() {
	type want struct {
		what string
		port int
	}
	var wants []want
	for _, cfg := range x.cfg.Each() {
		name := cfg.Name
		if name == "" {
			name = "the program"
		}
		wants = append(wants, want{"web.port of " + name, cfg.Web.Port}, want{name, cfg.Run.Ready.Port})
		wants = append(wants, want{name, int(cfg.Run.Port)})
		if port, err := strconv.Atoi(cfg.Run.Env["PORT"]); err == nil {
			wants = append(wants, want{name, port})
		}
	}
	for _, p := range x.cfg.Processes {
		wants = append(wants, want{p.Name, p.Ready.Port}, want{p.Name, int(p.Port)})
	}
	slices.SortStableFunc(wants, func(a, b want) int { return a.port - b.port })
	for i, w := range wants {
		if w.port <= 0 || i > 0 && wants[i-1].port == w.port {
			continue
		}
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(w.port))
		l, err := net.Listen("tcp", addr)
		if err == nil {
			l.Close()
			x.add(OK, "port", fmt.Sprintf("%d (%s) is free", w.port, w.what), "")
			continue
		}
		text, do := fmt.Sprintf("%d (%s): %v", w.port, w.what, err), "end what listens there, or choose another port"
		if h, ok := runner.FindHolder(addr); ok {
			text = fmt.Sprintf("%d (%s) is held by pid %d (%s)", w.port, w.what, h.Pid, h.Command)
			if h.Leftover {
				do = fmt.Sprintf("it is a leftover of an earlier run: kill %d", h.Pid)
			}
		}
		x.add(Problem, "port", text, do)
	}
}
