package main

import "time"

// processor returns 0: it is not measured on Windows.
func processor() time.Duration { return 0 }
