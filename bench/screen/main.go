//go:build linux

// Screen measures hotdev's screen in a real pseudo-terminal, beside a program that
// prints as fast as it can, one that prints 50 MB/s, and one that is silent:
//
//	go run ./bench/screen
//
// and beside ten processes that print 5 MB/s each, with one of them on the screen, and
// with all of them:
//
//	go run ./bench/screen -ten
//
// It holds hotdev to this: the program prints at least half as fast as into
// "cat >/dev/null", a key is answered on the screen within 50 ms at the 99th
// percentile, hotdev takes less than 150 MB and less than one processor, and
// nothing at all where nothing moves. Ten processes print at their rate, and hotdev
// takes less than 200 MB.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/bench/internal/terminal"
)

// child prints lines of 80 bytes at a rate in MB/s (0: as fast as it can; -1: one line
// only) and writes the actual rate into a file after each second.
const child = `package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"time"
)

func main() {
	rate, _ := strconv.Atoi(os.Getenv("FLOOD_RATE"))
	fmt.Println("hello")
	if rate < 0 {
		time.Sleep(time.Hour)
	}
	w := bufio.NewWriterSize(os.Stdout, 32<<10)
	begin, n, told := time.Now(), 0, 0
	for i := 0; ; i++ {
		k, _ := fmt.Fprintf(w, "%010d GET /catalog/items?page=7&order=price 200 1.2ms 4711 bytes ok, fine\n", i)
		n += k
		if i%4096 != 0 {
			continue
		}
		passed := time.Since(begin)
		if rate > 0 {
			if ahead := time.Duration(float64(n)/float64(rate)*1000) - passed; ahead > 0 {
				time.Sleep(ahead)
			}
		}
		if s := int(passed.Seconds()); s > told {
			told = s
			os.WriteFile(os.Getenv("FLOOD_FILE"), []byte(fmt.Sprintf("%.1f", float64(n)/1e6/passed.Seconds())), 0o644)
		}
	}
}
`

func main() {
	seconds := flag.Int("seconds", 10, "how long each flood lasts")
	ten := flag.Bool("ten", false, "ten processes side by side, and nothing else")
	flag.Parse()
	if err := run(time.Duration(*seconds)*time.Second, *ten); err != nil {
		fmt.Fprintln(os.Stderr, "screen:", err)
		os.Exit(1)
	}
}

func run(long time.Duration, together bool) error {
	dir, err := os.MkdirTemp("", "hotdev-screen-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	hotdev, program := filepath.Join(dir, "hotdev"), filepath.Join(dir, "flood")
	if out, err := exec.Command("go", "build", "-o", hotdev, "github.com/hotdev/hotdev/cmd/hotdev").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	app := filepath.Join(dir, "app")
	os.Mkdir(app, 0o755)
	for name, text := range map[string]string{"go.mod": "module example.com/flood\n\ngo 1.24\n", "main.go": child} {
		if err := os.WriteFile(filepath.Join(app, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = app
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}

	fmt.Printf("| %-16s | %-9s | %-11s | %-24s | %-12s | %-6s |\n", "program", "it prints", "into cat", "key → screen p50 p99 max", "hotdev's CPU", "memory")
	fmt.Println("| --- | --- | --- | --- | --- | --- |")
	if together {
		for _, all := range []bool{false, true} {
			if err := ten(dir, hotdev, program, all, long); err != nil {
				return err
			}
		}
		return nil
	}
	for _, rate := range []int{0, 50} {
		before, err := intoCat(dir, program, rate, long/2)
		if err != nil {
			return err
		}
		m, err := flooded(dir, hotdev, app, rate, long)
		if err != nil {
			return err
		}
		after, err := intoCat(dir, program, rate, long/2)
		if err != nil {
			return err
		}
		name, cat := "as fast as it can", (before+after)/2
		if rate > 0 {
			name = fmt.Sprintf("%d MB/s", rate)
		}
		fmt.Printf("| %-16s | %4.0f MB/s | %4.0f, %3.0f%% | %5.1f %5.1f %5.1f ms | %5.2f | %3d MB |\n", name,
			m.rate, cat, 100*m.rate/cat, ms(m.key(50)), ms(m.key(99)), ms(m.key(100)), m.cpu, m.peak>>20)
	}
	cpu, wrote, err := silent(dir, hotdev, app, 10*time.Second)
	if err != nil {
		return err
	}
	fmt.Printf("| %-16s | | | | %.1f ms within 10 s | %d bytes drawn |\n", "silent", ms(cpu), wrote)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// intoCat returns how many MB/s the program prints into cat.
func intoCat(dir, program string, rate int, long time.Duration) (float64, error) {
	file := filepath.Join(dir, "rate")
	os.Remove(file)
	cmd := exec.Command("sh", "-c", `"$0" | cat >/dev/null`, program)
	cmd.Env = append(os.Environ(), "FLOOD_FILE="+file, "FLOOD_RATE="+strconv.Itoa(rate))
	own(cmd)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	time.Sleep(long)
	killGroup(cmd)
	cmd.Wait()
	return rateIn(file)
}

func rateIn(file string) (float64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(bytes.TrimSpace(text)), 64)
}

// measured is the result of a flood.
type measured struct {
	rate float64 // MB/s
	cpu  float64 // of one processor
	peak int
	keys []time.Duration // from a key to its effect on the screen
}

func (m measured) key(percent int) time.Duration {
	slices.Sort(m.keys)
	return m.keys[min(len(m.keys)*percent/100, len(m.keys)-1)]
}

// flooded runs hotdev with the program for a while, and presses keys.
func flooded(dir, hotdev, app string, rate int, long time.Duration) (m measured, err error) {
	file := filepath.Join(dir, "rate")
	os.Remove(file)
	t, err := terminal.Open(120, 36, app, []string{hotdev}, "FLOOD_FILE="+file, "FLOOD_RATE="+strconv.Itoa(rate))
	if err != nil {
		return m, err
	}
	defer t.Close()
	if err := t.Until("GET /catalog"); err != nil {
		return m, err
	}
	if err := press(t, long, &m); err != nil {
		return m, err
	}
	m.rate, err = rateIn(file)
	return m, err
}

// ten runs hotdev for a while with ten processes that print 5 MB/s each. What is on the
// screen is one of them, or all.
func ten(dir, hotdev, program string, all bool, long time.Duration) error {
	app := filepath.Join(dir, fmt.Sprintf("ten-%v", all))
	if err := os.Mkdir(app, 0o755); err != nil {
		return err
	}
	rate := func(i int) string { return filepath.Join(app, fmt.Sprintf("rate-%d", i)) }
	config := "run.env.FLOOD_RATE = \"-1\"\n"
	for i := range 10 {
		config += fmt.Sprintf("[[process]]\nname = \"p%d\"\ncmd = [%q]\nenv = { FLOOD_RATE = \"5\", FLOOD_FILE = %q }\n", i, program, rate(i))
	}
	for name, text := range map[string]string{"go.mod": "module example.com/ten\n\ngo 1.24\n", "main.go": child, ".air-like.toml": config} {
		if err := os.WriteFile(filepath.Join(app, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	t, err := terminal.Open(120, 36, app, []string{hotdev})
	if err != nil {
		return err
	}
	defer t.Close()
	if err := t.Until("hello"); err != nil {
		return err
	}
	name, key := "one of ten, 5 MB/s", "]"
	if all {
		name, key = "all of ten, 5 MB/s", "["
	}
	if _, err := t.Keys.WriteString(key); err != nil {
		return err
	}
	if err := t.Until("GET /catalog"); err != nil {
		return err
	}
	var m measured
	if err := press(t, long, &m); err != nil {
		return err
	}
	least := 5.0
	for i := range 10 {
		r, err := rateIn(rate(i))
		if err != nil {
			return err
		}
		m.rate += r
		least = min(least, r)
	}
	fmt.Printf("| %-16s | %4.0f MB/s | slowest %.1f | %5.1f %5.1f %5.1f ms | %5.2f | %3d MB |\n", name,
		m.rate, least, ms(m.key(50)), ms(m.key(99)), ms(m.key(100)), m.cpu, m.peak>>20)
	return nil
}

// press presses keys for a while, and measures hotdev meanwhile.
func press(t *terminal.Terminal, long time.Duration, m *measured) error {
	cpu, begin := t.CPU(), time.Now()
	for time.Since(begin) < long {
		// The help opens and closes.
		for _, k := range [][2]string{{"?", "any other key closes"}, {"x", "3 Process"}} {
			pressed := time.Now()
			if _, err := t.Keys.WriteString(k[0]); err != nil {
				return err
			}
			if err := t.Until(k[1]); err != nil {
				return err
			}
			m.keys = append(m.keys, time.Since(pressed))
			time.Sleep(7 * time.Millisecond) // so that keys fall into different phases of a frame
		}
	}
	m.cpu = (t.CPU() - cpu).Seconds() / time.Since(begin).Seconds()
	m.peak = t.Peak()
	return nil
}

// silent returns the processor time that hotdev takes, and how much it draws, while the
// program has been up for more than a minute and prints nothing.
func silent(dir, hotdev, app string, long time.Duration) (cpu time.Duration, wrote int, err error) {
	t, err := terminal.Open(120, 36, app, []string{hotdev}, "FLOOD_RATE=-1")
	if err != nil {
		return 0, 0, err
	}
	defer t.Close()
	if err := t.Until("hello"); err != nil {
		return 0, 0, err
	}
	time.Sleep(65 * time.Second) // from then on the uptime is shown in minutes
	cpu, wrote = t.CPU(), t.Written()
	time.Sleep(long)
	return t.CPU() - cpu, t.Written() - wrote, nil
}

func own(cmd *exec.Cmd)       { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
