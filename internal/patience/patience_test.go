package patience

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The test binary plays a child that works, or waits for the end of its input.
func TestMain(m *testing.M) {
	switch os.Getenv("PATIENCE_ROLE") {
	case "work":
		for n := 0; n >= 0; n ^= 1 { // for ever
		}
	case "rest":
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Only looks that see nothing count, and only since the last news.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := view{able: true, all: "a (S)"}
		p := New()
		p.look = func() view { return v }
		lost := func(looks int) (err error) {
			for range looks {
				if <-p.Look(); err != nil {
					t.Fatalf("lost before: %v", err)
				}
				err = p.Lost()
			}
			return err
		}
		began := time.Now()
		v.busy = true
		if err := lost(10 * enough); err != nil {
			t.Error(err)
		}
		v.busy = false
		if err := lost(enough - 1); err != nil {
			t.Error(err)
		}
		p.News()
		if err := lost(enough - 1); err != nil {
			t.Error(err)
		}
		if err := lost(1); err == nil || err.Error() != "nothing happened for 1m0s; a (S)" {
			t.Errorf("after a minute: %v", err)
		}
		if took := time.Since(began); took != 12*time.Minute-interval {
			t.Errorf("it took %v", took)
		}
		p.News()
		v.able = false
		if err := lost(blind - 1); err != nil {
			t.Error(err)
		}
		if err := lost(1); err == nil {
			t.Error("never lost")
		}
	})
}

func TestReceive(t *testing.T) {
	c := make(chan int)
	go func() { c <- 7; close(c) }()
	for _, want := range []int{7, 0} {
		if got, err := Receive(c); got != want || err != nil {
			t.Errorf("%d, %v, want %d", got, err, want)
		}
	}
	n := 0
	if err := Until(func() bool { n++; return n == 3 }); err != nil || n != 3 {
		t.Errorf("%d looks, %v", n, err)
	}
}

// A child that works is seen, and one that waits is named.
func TestBelow(t *testing.T) {
	if v := below(); !v.able {
		t.Skip(v.all)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := func(role string) {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "PATIENCE_ROLE="+role)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close(); cmd.Process.Kill(); cmd.Wait() })
	}
	child("rest")
	if err := Until(func() bool { return !below().busy }); err != nil {
		t.Fatal(err)
	}
	if v := below(); !strings.Contains(v.all, "patience.test, threads S") {
		t.Errorf("it says %q", v.all)
	}
	child("work")
	if err := Until(func() bool { return below().busy }); err != nil {
		t.Fatal(err)
	}
}
