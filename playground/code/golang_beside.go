package code

import "maps"

// turn writes a stop.
func (g *golang) turn(st *step) {
	g.comment("//", g.options.said(bothStop))
	g.stop(g.prompt(st), st.Seqs)
}

// stop writes a prompt, and waits for Enter.
func (g *golang) stop(prompt []string, seqs []uint64) {
	g.use("fmt")
	for _, line := range prompt {
		g.add("fmt.Println(%q)", line).Seqs = seqs
		g.prints("%s", line)
	}
	g.add("fmt.Scanln()")
}

// beside writes a call in a goroutine of its own.
func (g *golang) beside(st *step) {
	v := variable(st.Socket)
	if st.connects() {
		g.use("net")
		g.add("var %s *net.TCPConn", v)
		g.declared[v] = true
	}
	if st.joined {
		g.add("%s := make(chan struct{})", st.side)
	}
	if st.left {
		g.add("go func() {")
	} else {
		g.add("beside.Go(func() {")
	}
	before, size := maps.Clone(g.declared), g.buffer
	g.block(func() {
		for _, name := range []string{"err", "n", "buf", "addr", "local", "chunk", "conn", "dialer"} {
			delete(g.declared, name)
		}
		g.buffer = 0
		if st.joined {
			g.add("defer close(%s)", st.side)
		}
		g.made(st, false)
	})
	g.declared, g.buffer = before, size
	g.add("%s", map[bool]string{true: "}()", false: "})"}[st.left])
	if st.connects() {
		g.keep(st.Socket, st)
	}
}
