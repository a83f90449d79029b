package runner

// Run runs the command to its end.
func (c *Command) Run() error { return c.cmd.Run() }
