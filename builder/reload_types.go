package builder

import "time"

type ReloadRequest struct {
	Request
	Gen    int      `json:"gen"`
	Slots  []string `json:"slots,omitempty"`
	Folder string   `json:"folder"`
	Symbol string   `json:"symbol,omitempty"`
	Bare   bool     `json:"bare,omitempty"`
}

type ReloadResult struct {
	Diagnostics []Diagnostic  `json:"diagnostics,omitempty"`
	Restart     string        `json:"restart,omitempty"`
	Same        bool          `json:"same,omitempty"`
	Plugin      string        `json:"plugin,omitempty"`
	Symbol      string        `json:"symbol,omitempty"`
	Slots       []string      `json:"slots,omitempty"`
	Packages    []string      `json:"packages,omitempty"`
	Compiled    []Compile     `json:"compiled,omitempty"`
	Link        time.Duration `json:"link_ns,omitempty"`
	Took        time.Duration `json:"took_ns"`
}
