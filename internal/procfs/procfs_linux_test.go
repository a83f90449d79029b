package procfs

import (
	"os"
	"testing"
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
