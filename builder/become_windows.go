package builder

import "errors"

// become: Windows has no plugins.
func become([]string) error { return errors.ErrUnsupported }
