package config

// airConfig are the keys of an .air.toml that have an equal here.
type airConfig struct {
	TmpDir   string   `toml:"tmp_dir"`
	EnvFiles []string `toml:"env_files"`
	Build    airBuild `toml:"build"`
}

type airBuild struct {
	PreCmd        []string `toml:"pre_cmd"`
	Cmd           string   `toml:"cmd"`
	Bin           string   `toml:"bin"`
	Entrypoint    any      `toml:"entrypoint"` // a string or an array of them
	FullBin       string   `toml:"full_bin"`
	ArgsBin       []string `toml:"args_bin"`
	IncludeExt    []string `toml:"include_ext"`
	IncludeDir    []string `toml:"include_dir"`
	IncludeFile   []string `toml:"include_file"`
	ExcludeDir    []string `toml:"exclude_dir"`
	ExcludeFile   []string `toml:"exclude_file"`
	Poll          bool     `toml:"poll"`
	PollInterval  int      `toml:"poll_interval"`
	SendInterrupt bool     `toml:"send_interrupt"`
	KillDelay     any      `toml:"kill_delay"` // an integer or a duration
	Rerun         bool     `toml:"rerun"`
}

// airExcluded are the folders that air excludes by itself.
func airExcluded() []string { return []string{"assets", "tmp", "vendor", "testdata"} }

// airWithout are the other keys: what each stands at in the file that air
// writes for a new project, and why it has no effect. At that value nothing was
// asked for, so nothing is said.
func airWithout() map[string]struct {
	usual any
	why   string
} {
	type key = struct {
		usual any
		why   string
	}
	const (
		paths  = "hotdev watches what the build depends on, and [watch] include and exclude are patterns"
		screen = "hotdev has a screen of its own"
		proxy  = "hotdev has no browser reload"
	)
	return map[string]key{
		"root":         {".", "the project is the folder of this file; hotdev -C starts in another"},
		"testdata_dir": {"testdata", paths},

		"build.post_cmd":                  {[]any{}, "hotdev runs nothing when it ends"},
		"build.log":                       {"build-errors.log", "build errors stand on the screen"},
		"build.delay":                     {int64(1000), "a build starts after [watch] quiet, and the next save cancels it"},
		"build.exclude_regex":             {[]any{"_test.go"}, "[watch] exclude takes patterns; tests never trigger a build"},
		"build.exclude_unchanged":         {false, "files with unchanged content never trigger a build"},
		"build.follow_symlink":            {false, paths},
		"build.ignore_dangerous_root_dir": {false, paths},
		"build.stop_on_error":             {false, "a broken build never touches the running program"},
		"build.rerun_delay":               {int64(500), "the pause after a crash grows by itself"},
		"build.rules":                     {nil, "for commands before each build there is [build] before"},

		"log.time":      {false, screen},
		"log.main_only": {false, screen},
		"log.silent":    {false, screen},

		"color.main":    {"magenta", screen},
		"color.watcher": {"cyan", screen},
		"color.build":   {"yellow", screen},
		"color.runner":  {"green", screen},
		"color.app":     {"", screen},
		"color.mode":    {"", "there is --no-color, and NO_COLOR"},

		"misc.clean_on_exit":  {false, "hotdev leaves nothing in the project"},
		"misc.startup_banner": {"", screen},

		"screen.clear_on_rebuild": {false, screen},
		"screen.keep_scroll":      {true, screen},

		"proxy.enabled":           {false, proxy},
		"proxy.proxy_port":        {int64(0), proxy},
		"proxy.app_port":          {int64(0), proxy},
		"proxy.app_start_timeout": {int64(0), proxy},
	}
}
