package engine

// renew is begin for a program that is not built: a generation is there as soon as
// it is asked for.
func (s State) renew(cause Cause, w want) (State, []Effect) {
	s.Pending, s.postponed, s.holding, s.doubted, s.doubting = nil, nil, 0, nil, 0
	s.Gen++
	if cause.Kind != ByConfig {
		s.Fixed = ""
	}
	if cause.Kind == ByStart {
		cause.Kind = ByFirst
	}
	b := &s.Build
	b.Gen, b.Published, b.Cause, b.Since = s.Gen, s.Gen, cause, s.Now
	return s.follow(w, begun(s.Gen, cause, s.Now))
}
