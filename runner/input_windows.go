package runner

import "os"

// resize does nothing: there are no terminals here.
func resize(*os.File, uint16, uint16) error { return nil }
