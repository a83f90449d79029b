package reload

// A Patch is what hotdev has just put into the running program as live code.
type Patch struct {
	// Gen is the generation that hotdev shows for it.
	Gen int
	// Functions are those that are new, as a developer names them:
	// "(*Store).List", "main.route".
	Functions []string
	// Files are the absolute paths of the sources that changed.
	Files []string
}
