package code

import (
	"maps"
	"slices"
	"strings"
)

// share finds the sockets that threads use: their variables belong to no function.
func (c *clang) share() {
	for i := range c.p.steps {
		if st := &c.p.steps[i]; st.beside {
			c.headers["pthread.h"] = true
			c.shared[variable(st.Socket)] = true
		}
	}
}

// declareShared writes those variables.
func (c *clang) declareShared(t *text) {
	if len(c.shared) > 0 {
		t.add("")
		t.add("static int %s;", strings.Join(slices.Sorted(maps.Keys(c.shared)), ", "))
	}
}

// declared is the left side of an assignment that makes a socket.
func (c *clang) declared(v string) string {
	if c.shared[v] {
		return v
	}
	return "int " + v
}

// beside writes a call in a thread of its own.
func (c *clang) beside(st *step) {
	name := st.side
	main := c.text
	c.text = &text{tab: main.tab, depth: 1, options: main.options}
	if st.Op == "Read" {
		c.add("static char buf[%d];", max(st.Size, 1))
		if !st.Waits {
			c.add("long n;")
		}
	}
	c.made(st)
	c.add("return NULL;")
	t := c.threads
	t.add("")
	t.add("static void *beside_%s(void *unused) {", name)
	t.add("    (void)unused;")
	t.lines = append(t.lines, c.lines...)
	t.add("}")
	main.output = append(main.output, c.output...)
	c.text = main
	c.add("pthread_t %s;", name)
	l := c.add("pthread_create(&%s, NULL, beside_%s, NULL);", name, name)
	l.Seqs = st.Seqs
}

// turn writes a stop.
func (c *clang) turn(st *step) {
	c.comment("//", c.options.said(bothStop))
	c.stop(c.prompt(st), st.Seqs)
}

// stop writes a prompt, and waits for Enter.
func (c *clang) stop(prompt []string, seqs []uint64) {
	for _, line := range prompt {
		c.add("puts(\"%s\");", strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(line)).Seqs = seqs
		c.prints("%s", line)
	}
	c.add("getchar();")
}
