package procfs

import (
	"os"
	"testing"
	"time"
)

func TestStatus(t *testing.T) {
	if n := Status(os.Getpid(), "Threads"); n < 1 {
		t.Errorf("this process has %d threads", n)
	}
	if n := Status(os.Getpid(), "VmRSS"); n < 100 {
		t.Errorf("this process takes %d KiB", n)
	}
	if n := Status(os.Getpid(), "VmRS") + Status(-1, "VmRSS"); n != 0 {
		t.Errorf("what there is not is %d", n)
	}
}

func TestCPU(t *testing.T) {
	before := CPU(os.Getpid())
	for begun := time.Now(); CPU(os.Getpid()) == before; {
		if time.Since(begun) > time.Minute {
			t.Fatalf("a process that works takes no time beyond %v", before)
		}
	}
	if d := CPU(-1); d != 0 {
		t.Errorf("what there is not takes %v", d)
	}
}
