package code

import (
	"slices"
	"strings"
)

// loop starts to serve the connections of a listener in a thread: in C a function that never returns.
func (c *clang) loop(st *step, v string) {
	c.headers["pthread.h"] = true
	thread := v + "_thread"
	c.add("pthread_t %s;", thread)
	c.add("pthread_create(&%s, NULL, accept_%s, &%s);", thread, v, v)
	if st == &c.p.steps[len(c.p.steps)-1] {
		c.add("pthread_join(%s, NULL);", thread)
	}
}

func (c *clang) serve(t *text, st *step) {
	l := st.loop
	name := strings.ToLower(l.Name)
	line := func(op, call, format string, args ...any) {
		row := t.add(format, args...)
		row.Seqs, row.Call = st.loopSeqs[op], call
	}
	threaded := !slices.Contains([]string{"never_read", "hang_up", "reset"}, l.Behavior)
	if threaded {
		size := 65536
		if l.Behavior == "slow_read" {
			size = l.Bytes
		}
		t.add("")
		t.add("static void *%s_%s(void *arg) {", l.Behavior, name)
		t.block(func() {
			t.add("int conn = (int)(long)arg;")
			t.add("char buf[%d];", size)
			t.add("long n;")
			if l.Behavior == "greet" {
				line("Write", "write", "check(write(conn, \"%s\", %d), \"write\");", cString(l.Banner), len(l.Banner))
			}
			line("Read", "read", "while ((n = read(conn, buf, sizeof buf)) > 0) { // 0: got a FIN")
			t.block(func() {
				if l.Behavior == "echo" {
					line("Write", "write", "if (write(conn, buf, n) < 0)")
					t.add("    break;")
					return
				}
				t.add("printf(\"read %%ld bytes\\n\", n);")
				if l.Behavior == "slow_read" {
					t.add("usleep(%d);", l.Interval.Microseconds())
				}
			})
			t.add("}")
			line("Close", "close", "close(conn);")
			t.add("return NULL;")
		})
		t.add("}")
	}
	t.add("")
	t.add("static void *accept_%s(void *listener) {", name)
	t.block(func() {
		t.add("for (;;) {")
		t.block(func() {
			line("Accept", "accept", "int conn = check(accept(*(int *)listener, NULL, NULL), \"accept\");")
			switch {
			case threaded:
				t.add("pthread_t thread;")
				t.add("pthread_create(&thread, NULL, %s_%s, (void *)(long)conn);", l.Behavior, name)
			case l.Behavior == "never_read":
				t.add("(void)conn; // kept open, never read")
			case l.Behavior == "reset":
				line("Reset", "setsockopt", "check(setsockopt(conn, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)), \"SO_LINGER\");")
				line("Reset", "close", "check(close(conn), \"close\"); // sends RST")
			default:
				line("Close", "close", "check(close(conn), \"close\");")
			}
		})
		t.add("}")
		t.add("return NULL;")
	})
	t.add("}")
}
