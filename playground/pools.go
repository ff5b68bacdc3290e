package playground

// pools bound what all sessions of a Manager hold together.
type pools struct {
	exports *Pool // bytes of files that wait to be fetched
}

func newPools() *pools {
	return &pools{exports: NewPool(ExportBytes, exportOwn, exportCommon)}
}

// shares are what one session has of the pools.
type shares struct {
	exports *Share
}

func (p *pools) shares() shares {
	return shares{exports: p.exports.Share()}
}

// end gives everything back.
func (s *shares) end() {
	s.exports.End()
}
