package words

import (
	"fmt"
	"strconv"
	"time"
)

// Memory formats an amount of memory, in bytes.
func Memory(n uint64) string {
	const mb = 1 << 20
	switch {
	case n < 10*mb:
		return fmt.Sprintf("%.1f MB", float64(n)/mb)
	case n < 1000*mb:
		return fmt.Sprintf("%d MB", n/mb)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
}

// Size formats an amount of memory that may be small.
func Size(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d kB", (n+1023)>>10)
	}
	return Memory(uint64(n))
}

// Amount formats a sum in the unit of a profile.
func Amount(unit string, n int64) string {
	switch unit {
	case "nanoseconds":
		if 0 < n && n < int64(time.Millisecond) {
			return fmt.Sprintf("%d µs", n/1000)
		}
		return Took(time.Duration(n))
	case "bytes":
		return Size(int(n))
	}
	return strconv.FormatInt(n, 10)
}

// Percent formats a part in percent; of nothing it is empty.
func Percent(part, total int64) string {
	if total == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f%%", 100*float64(part)/float64(total))
}
