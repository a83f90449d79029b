package config

// airConfig are the keys of an .air.toml that have an equal here.
type airConfig struct {
	Root     string   `toml:"root"`
	TmpDir   string   `toml:"tmp_dir"`
	EnvFiles []string `toml:"env_files"`
	Build    airBuild `toml:"build"`
	Proxy    airProxy `toml:"proxy"`
}

type airProxy struct {
	Enabled         bool `toml:"enabled"`
	ProxyPort       int  `toml:"proxy_port"`
	AppPort         int  `toml:"app_port"`
	AppStartTimeout int  `toml:"app_start_timeout"` // in milliseconds
}

type airBuild struct {
	PreCmd       []string `toml:"pre_cmd"`
	Cmd          string   `toml:"cmd"`
	Bin          string   `toml:"bin"`
	Entrypoint   any      `toml:"entrypoint"` // a string or an array of them
	FullBin      string   `toml:"full_bin"`
	ArgsBin      []string `toml:"args_bin"`
	IncludeExt   []string `toml:"include_ext"`
	IncludeDir   []string `toml:"include_dir"`
	IncludeFile  []string `toml:"include_file"`
	ExcludeDir   []string `toml:"exclude_dir"`
	ExcludeFile  []string `toml:"exclude_file"`
	ExcludeRegex []string `toml:"exclude_regex"`
	Poll         bool     `toml:"poll"`
	PollInterval int      `toml:"poll_interval"`
	// ExcludeUnchanged is what hotdev always does.
	ExcludeUnchanged any  `toml:"exclude_unchanged"`
	SendInterrupt    bool `toml:"send_interrupt"`
	KillDelay        any  `toml:"kill_delay"` // an integer or a duration
	Rerun            bool `toml:"rerun"`
	Rules            any  `toml:"rules"` // tables; see airRule
	// PostCmd is what runs when air ends.
	PostCmd []string `toml:"post_cmd"`
}

// airExcluded are the folders that air excludes by itself.
func airExcluded() []string { return []string{"assets", "tmp", "vendor", "testdata"} }

// airWithout are the keys that have no equal here, with the reason. No notice is given
// for the value that air itself writes into a new project's file, nor for other values
// that ask for nothing.
func airWithout() map[string]struct {
	usual []any
	why   string
} {
	type key = struct {
		usual []any
		why   string
	}
	const (
		paths  = "hotdev watches what the build depends on, and [watch] include and exclude are patterns"
		screen = "hotdev has a screen of its own"
	)
	return map[string]key{
		"testdata_dir": {[]any{"testdata"}, paths},

		"build.log":                       {[]any{"build-errors.log"}, "hotdev shows build errors on its screen"},
		"build.delay":                     {[]any{int64(1000)}, "a build starts after [watch] quiet, and the next save cancels it"},
		"build.follow_symlink":            {[]any{false}, paths},
		"build.ignore_dangerous_root_dir": {[]any{false, true}, paths},
		"build.stop_on_error":             {[]any{false}, "a broken build never touches the running program"},
		"build.rerun_delay":               {[]any{int64(500)}, "the pause after a crash grows by itself"},

		"log.time":      {[]any{false}, screen},
		"log.main_only": {[]any{false}, screen},
		"log.silent":    {[]any{false}, screen},

		"color.main":    {[]any{"magenta"}, screen},
		"color.watcher": {[]any{"cyan"}, screen},
		"color.build":   {[]any{"yellow"}, screen},
		"color.runner":  {[]any{"green"}, screen},
		"color.app":     {[]any{""}, screen},
		"color.mode":    {[]any{"", "auto"}, "there is --no-color, and NO_COLOR"},

		"misc.clean_on_exit":  {[]any{false}, "hotdev leaves nothing in the project"},
		"misc.startup_banner": {[]any{""}, screen},

		"screen.clear_on_rebuild": {[]any{false}, screen},
		"screen.keep_scroll":      {[]any{true}, screen},
	}
}
