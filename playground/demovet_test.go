package playground_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/demo"
)

// TestValuesOfTheDocumentation: the table of values in the documentation has each that a command takes, and no other.
func TestValuesOfTheDocumentation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/demos.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `(\\w+)` of (.*?) \\| (`.*?)(?: \\(.*)? \\|$")
	code := regexp.MustCompile("`([^`]+)`")
	bogus := map[string]string{ // a command with a value that is none, and where its refusal begins to list those that are
		"behavior": `{"address":":1","behavior":"%s"}`, "read_mode": `{"address":":1","read_mode":"%s"}`, "encoding": `{"socket":"C1","data":"aaaa","encoding":"%s"}`,
		"kind": `{"socket":"C1","kind":"%s"}`, "name": `{"socket":"C1","name":"%s","value":true}`, "host": `{"address":":1","host":"%s"}`, "preset": `{"preset":"%s"}`,
		"direction": `{"action":"drop","direction":"%s"}`, "action": `{"action":"%s"}`, "flags": `{"action":"drop","flags":"%s"}`,
	}
	found := 0
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		field, command := m[1], code.FindStringSubmatch(m[2])
		if bogus[field] == "" || command == nil {
			t.Errorf("the test cannot ask for %s of %s", field, m[2])
			continue
		}
		found++
		err := playground.VetDemo(command[1], fmt.Appendf(nil, bogus[field], "zzz"))
		if err == nil {
			t.Errorf("%s takes any %s", command[1], field)
			continue
		}
		_, list, _ := strings.Cut(err.Error(), map[string]string{"behavior": "choose ", "action": "does: ", "flags": "out of ", "name": "there are ", "preset": "are ", "kind": "for "}[field])
		if field == "encoding" || field == "read_mode" || field == "host" || field == "direction" {
			_, list, _ = strings.Cut(err.Error(), " is ")
		}
		list, _, _ = strings.Cut(list, ", not ")
		list, _, _ = strings.Cut(list, ", with commas")
		want := regexp.MustCompile(`[A-Za-z0-9_]+`).FindAllString(list, -1)
		want = slices.DeleteFunc(want, func(w string) bool { return w == "and" || w == "or" })
		var got []string
		for _, v := range code.FindAllStringSubmatch(m[3], -1) {
			got = append(got, v[1])
			if field == "name" || field == "encoding" || field == "action" {
				continue // which need more than their name
			}
			if err := playground.VetDemo(command[1], fmt.Appendf(nil, bogus[field], v[1])); err != nil {
				t.Errorf("%s of %s: %v", field, command[1], err)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("the documentation has for %s of %s %q, the command takes %q", field, command[1], got, want)
		}
	}
	if found != len(bogus) {
		t.Errorf("the documentation has %d rows of values, want %d", found, len(bogus))
	}
}

// TestSlipsInDemos: one sentence names what slipped, and where.
func TestSlipsInDemos(t *testing.T) {
	t.Parallel()
	const base = "demo: 1\nid: x\ntitle: T\nsummary: S\nsteps:\n  - title: A\n    story: B\n    do:\n      - listen: {as: S1, address: ':8330'}\n"
	const notNumberEnd = ", with no 0, 0x, 0o, 0b or + before them and no _ or e within; where it is a text, put it into quotes."
	const notNumber = " is not taken for a number: write it in decimal digits"
	dial := func(fields string) string { return base + "      - dial: {as: C1, " + fields + "}\n" }
	check := func(text string) string { return base + "    checks:\n      - " + text + "\n" }
	tests := []struct{ text, want string }{
		{dial("address: '::1:8402'"), "line 10, column 33: An IPv6 address stands in brackets before its port: [::1]:8402."},
		{dial("address: 'fe80::1'"), "An IPv6 address stands in brackets and needs a port, such as [fe80::1]:8330."},
		{dial("address: '127.0.0.1：8418'"), `line 10, column 33: "127.0.0.1：8418" has full-width characters; with plain ones it is 127.0.0.1:8418.`},
		{dial("address: '１２７。0．0.1:８0'"), "with plain ones it is 127.0.0.1:80."},
		{dial("address: 127.0.0.1"), `"127.0.0.1" has no port; it looks like 127.0.0.1:8330.`},
		{dial("address: '[::1]'"), `"[::1]" has no port; it looks like [::1]:8330.`},
		{dial("address: S1, local: '::1:80'"), "line 10, column 44: An IPv6 address stands in brackets before its port: [::1]:80."},
		{dial("address: S1, timeout_ms: 1e3"), `line 10, column 49: dial: timeout_ms must be a whole number, not "1e3".`},
		{dial("address: S1, timeout_ms: true"), "dial: timeout_ms must be a whole number, not true."},
		{dial("address: S1, timeout_ms: 1.5"), "dial: timeout_ms must be a whole number, not 1.5."},
		{dial("address: S1, timeout_ms: [1]"), "dial: timeout_ms must be a whole number, not [1]."},
		{base + "      - listen: {as: S2, address: ':8331', behavior: hangup}\n", `line 10, column 54: There is no behaviour "hangup": choose manual, echo, discard, greet, slow_read, never_read, never_accept, hang_up or reset.`},
		{base + "      - set_behavior: {socket: S1, behavior: Echo}\n", `line 10, column 46: There is no behaviour "Echo"`},
		{base + "      - set_behavior: {socket: S1, behavior: slow_read, settings: {bytes: -1}}\n", "A slow read takes 1 to"},
		{base + "      - listen: {as: S2, address: ':8331', backlog: -1}\n", "line 10, column 53: The backlog is a number from 1 to"},
		{base + "      - listen: {as: S2, address: ':8331', host: left}\n", `line 10, column 50: The host is client or server, not "left".`},
		{dial("address: S1, read_mode: manuel"), `line 10, column 48: The read mode is auto or manual, not "manuel".`},
		{dial("address: S1, host: x"), "The host is client or server"},
		{dial("address: S1, timeout_ms: -1"), "line 10, column 49: The timeout is a number of milliseconds up to"},
		{dial("address: S1, options: {NoDelays: true}"), `There is no option "NoDelays"; there are NoDelay, Cork, KeepAlive,`},
		{dial("address: S1, options: {NoDelay: 2}"), "NoDelay is true or false."},
		{dial("address: S1, options: {TTL: 256}"), "TTL is a whole number of hops from 1 to 255, or -1 for the kernel's own."},
		{base + "      - go: {set_read_mode: {socket: S1.1, read_mode: off}}\n", `line 10, column 55: The read mode is auto or manual, not "off".`},
		{base + "      - set_read_mode: {socket: S1.1}\n", "The read mode is auto or manual."},
		{base + "      - write: {socket: S1.1, data: a, encoding: utf8}\n", `The encoding is text, hex, base64, pattern or random, not "utf8".`},
		{base + "      - write: {socket: S1.1, data: 4x, encoding: hex}\n", `'x' at character 2 is not a hex digit`},
		{base + "      - write: {socket: S1.1}\n", "There is nothing to send: type some data."},
		{base + "      - write: {socket: S1.1, encoding: random}\n", "Say how many bytes to send"},
		{base + "      - write: {socket: S1.1, data: a, interval_ms: 5}\n", "An interval needs a chunk size"},
		{base + "      - read: {socket: S1.1, bytes: -1}\n", "A Read takes 0 to"},
		{base + "      - set_option: {socket: S1, name: Nodelay, value: true}\n", `There is no option "Nodelay"; there are NoDelay,`},
		{base + "      - set_deadline: {socket: S1, kind: accept, after_ms: 5}\n", `A deadline is for read, write or both, not "accept".`},
		{base + "      - set_deadline: {socket: S1, after_ms: -5}\n", "A deadline lies 1 to"},
		{base + "      - watch_port: {port: 70000, on: true}\n", "line 10, column 28: A port is a number from 1 to 65535."},
		{base + "      - set_kernel: {name: tcp_fin_timeout, value: ''}\n", "line 10, column 52: Say a value for tcp_fin_timeout: seconds."},
		{base + "      - set_kernel: {name: tcp_fin_timeout, value: '3', host: both}\n", "The host is client or server"},
		{base + "      - set_wire: {preset: 5g}\n", "line 10, column 28: The presets are 4g, lan, off, satellite, slow_motion."},
		{base + "      - set_wire: {to_server: {loss_pct: 101}}\n", "line 10, column 42: Set the loss between 0 and 100 percent."},
		{base + "      - set_wire: {to_client: {mtu: 10}}\n", "Set the MTU in bytes between"},
		{base + "      - add_rule: {action: kill}\n", "line 10, column 28: Choose what the rule does: hold, drop, delay, duplicate or corrupt."},
		{base + "      - add_rule: {action: drop, direction: up}\n", `The direction is both, to_server or to_client, not "up".`},
		{base + "      - add_rule: {action: drop, flags: SYNACK}\n", "There is no flag"},
		{base + "      - add_rule: {action: delay}\n", "Set the delay of the rule between 1 and"},
		{dial("address: 80"), "dial: address must be a text, not 80."},
		{base + "      - set_wire: {to_server: {mtu: big}}\n", `line 10, column 37: set_wire: to_server.mtu must be a whole number, not "big".`},
		{base + "      - set_wire: {cut: 1}\n", "set_wire: cut must be true or false, not 1."},
		{base + "      - set_wire: {to_server: 5}\n", "set_wire: to_server must be an object, not 5."},
		{dial("address: S1, timeout_ms: 0500"), `line 10, column 49: "0500"` + notNumber},
		{dial("address: S1, count: 010"), `"010"` + notNumber},
		{dial("address: S1, count: 0x10"), `"0x10"` + notNumber},
		{dial("address: S1, count: 0o7"), `"0o7"` + notNumber},
		{dial("address: S1, count: 0b1"), `"0b1"` + notNumber},
		{dial("address: S1, count: 1_000"), `"1_000"` + notNumber},
		{dial("address: S1, count: +5"), `"+5"` + notNumber},
		{dial("address: S1, count: 5."), `"5."` + notNumber},
		{base + "      - add_rule: {action: delay, delay_ms: 1.5e3}\n", `"1.5e3"` + notNumber},
		{base + "      - add_rule: {action: delay, delay_ms: .5}\n", `".5"` + notNumber},
		{"seconds: 040\n" + base, `line 1, column 10: "040"` + notNumber},
		{"seconds: 4.0\n" + base, `line 1, column 10: Here must be a whole number from 0 to 3600, and not "4.0".`},
		{strings.Replace(base, "demo: 1", "demo: 1.0", 1), `line 1, column 7: Here must be a whole number from 0 to 1073741824, and not "1.0".`},
		{check("at least 010 SYN of S1"), `line 11, column 9: "010"` + notNumber},
		{check("S1 accept returns 0x10"), `"0x10"` + notNumber},
		{check("option TTL of C1 is 010"), `"010"` + notNumber},
		{check("option RcvBuf of C1 is 1e3"), `"1e3"` + notNumber},
		{check("option UserTimeout of C1 is soon"), `instead of "soon" must come a number`},
		{check("option TTL of S1 is 999"), `line 11, column 9: This check cannot be read: instead of "999" must come a number from 1 to 255.`},
		{check("option TTL of S1 is -1"), `instead of "-1" must come a number from 1 to 255`},
		{check("option Linger of S1 is -2"), `instead of "-2" must come a number from -1 to`},
		{check("option Ttl of S1 is 1"), `instead of "Ttl" must come one of Congestion, Cork,`},
		{check("option"), "here must come one of Congestion, Cork,"},
		{check("local port of S1 is 70000"), `instead of "70000" must come a number from 0 to 65535`},
		{check("accept queue of S1 is -1"), `instead of "-1" must come a number from 0 to`},
		{check("at least -1 SYN of S1"), `instead of "-1" must come a number from 0 to`},
		{check("backlog of S1 is 99999999999999999999"), `must come a number from 0 to 1000000000000000`},
		{check("S1 sends SYN with ttl 256"), `instead of "256" must come a number from 0 to 255`},
		{dial("address: S1, count: -1"), "line 10, column 44: A demo dials 1 to 200 connections at once."},
		{dial("address: S1, count: 0"), "line 10, column 44: A demo dials 1 to 200 connections at once."},
		{dial("address: S1, count: 201"), "line 10, column 44: A demo dials 1 to 200 connections at once."},
		{base + "      - set_rule: {rule: -1, on: true}\n", "line 10, column 26: Rules are numbered from 1; -1 is none."},
		{base + "      - remove_rule: {rule: 0}\n", "Rules are numbered from 1; 0 is none."},
		{check("option NoDelay of C1 is yes"), `instead of "yes" must come true or false`},
		{check("option ReuseAddr of S1 is TRUE"), `instead of "TRUE" must come true or false`},
		{dial("address: '127.0.0.010:8330'"), `"127.0.0.010" has a number that begins with 0, which some programs read as octal: write it without, as in 127.0.0.10.`},
		{dial("address: S1, local: '0127.0.0.1:0'"), "as in 127.0.0.1."},
		{base + "      - listen: {as: S2, address: '127.00.0.1:0'}\n", "as in 127.0.0.1."},
		{check("backlog of S1 is 08"), `"08"` + notNumber},
		{check("S1 sends SYN with len 1_0"), `"1_0"` + notNumber},
		{check("S1 is LISTEN within 040"), `"040" is not a duration`},
		{check(`"S1\u00a0is LISTEN"`), `"S1\u00a0is" (U+00A0 NO-BREAK SPACE)`},
		{"my\u200bth: x\n" + base, `"my\u200bth" (U+200B ZERO WIDTH SPACE)`},
		{"myth: a\ufeffb\n" + base, "line 1, column 8: The character U+FEFF shows nothing, or hides something (U+FEFF BYTE ORDER MARK)"},
		{"myth: a\rb\n" + base, "U+000D CARRIAGE RETURN"},
		{"myth: a\u2028b\n" + base, "U+2028 LINE SEPARATOR"},
		{"title：x\n" + base, "line 1, column 6: Here is a full-width colon (：, U+FF1A)"},
		{base + "\t", "line 10, column 1: The YAML cannot be read: a tab; use spaces."},
		{base + "\t\nmyth: x\n", "a tab; use spaces."},
		{base + "\tmyth: x\n", "a tab; use spaces."},
		{"myth: &a x\n" + base, "line 1, column 7: Here must be the value itself: anchors are not taken"},
		{"myth: *a\n" + base, "anchors are not taken"},
		{"<<: {a: b}\n" + base, "anchors are not taken"},
		{base + "      - \tclose: S1\n", "line 10, column 9: The YAML cannot be read: a tab; use spaces."},
		{base + "      -\tclose: S1\n", "line 10, column 8: The YAML cannot be read: a tab; use spaces."},
		{check("S1 is\tLISTEN"), "line 11, column 14: The YAML cannot be read: a tab; use spaces."},
		{check("S1\tis LISTEN # not so"), "line 11, column 11: The YAML cannot be read: a tab; use spaces."},
		{strings.Replace(base, "story: B", "story: 一\t二", 1), "line 7, column 13: The YAML cannot be read: a tab; use spaces."},
		{dial("address: [::1]:8330"), "line 10, column 33: The YAML cannot be read: [::1]:8330 begins with a bracket, so it needs quotes around it."},
		{base + "      - dial:\n          address: [fe80::1%lo]:80\n          as: C1\n", "line 11, column 20: The YAML cannot be read: [fe80::1%lo]:80 begins"},
		{base + "      - listen: ｛as: S2, address: ':1'｝\n", "line 10, column 17: Here is a full-width brace (｛, U+FF5B): write the plain one, {."},
		{base + "      - listen: {as: S2, address: ':1'｝\n", "Here is a full-width brace (｝, U+FF5D): write the plain one, }."},
		{strings.Replace(base, "title: T", "title: “a: b”", 1), "line 3, column 8: Here are curly or corner quotes (“, U+201C): use straight ones, ' or \"."},
		{"<<: *a\n" + base, "anchors are not taken"},
		{"myth: !!str x\n" + base, "anchors are not taken"},
		{"myth: @x\n" + base, "a text that begins with @ needs quotes."},
		{"myth: %x\n" + base, "a text that begins with % needs quotes."},
		{"myth: a: b\n" + base, "a text that has a colon and a space in it needs quotes."},
		{"myth: {en: a\n" + base, "a bracket is not closed, or a comma is missing."},
		{strings.Replace(base, "title: T", `title: "a\nnot ok 1"`, 1), "line 3, column 8: This text is shown on one line: leave U+000A LINE FEED out of it."},
		{strings.Replace(base, "title: A", `title: "\u001b[31m"`, 1), "line 6, column 12: This text is shown on one line: leave U+001B ESCAPE out of it."},
		{strings.Replace(base, "title: T", `title: {en: T, zh: "\u202e"}`, 1), "RIGHT-TO-LEFT OVERRIDE"},
	}
	// A value that cannot be read is said once, and not what follows from it.
	const missing = "The value is missing here: write it behind the colon or dash."
	for _, tt := range []struct{ text, want string }{
		{base + "      - listen: {as: S2, address: ':8331', backlog: .inf}\n", `line 10, column 53: ".inf" is no number that can be used; where it is a text, put it into quotes.`},
		{base + "      - set_wire: {to_server: {loss_pct: .nan}}\n", `line 10, column 42: ".nan" is no number that can be used; where it is a text, put it into quotes.`},
		{base + "      - write: {socket: S1.1, data: -.Inf}\n", `line 10, column 37: "-.Inf" is no number that can be used; where it is a text, put it into quotes.`},
		{base + "      - write: {socket: S1.1, data: 010}\n", `line 10, column 37: "010"` + notNumber + notNumberEnd},
		{base + "      - set_kernel: {name: tcp_fin_timeout, value: 010}\n", `line 10, column 52: "010"` + notNumber + notNumberEnd},
		{base + "      - write: {socket: S1.1, data: " + strings.Repeat("a", 5000) + "}\n", "line 10, column 37: A text has at most 4000 bytes, and this one has 5000."},
		{dial("address: “127.0.0.1:8330”"), "line 10, column 33: Here are curly or corner quotes (“, U+201C): use straight ones, ' or \"."},
		{base + "      - dial: {as: C1， address: S1}\n", "line 10, column 22: Here is a full-width comma (，, U+FF0C): write the plain one, and a space behind it."},
		{base + "      - close: ‘S1’\n", "line 10, column 16: Here are curly or corner quotes (‘, U+2018): use straight ones, ' or \"."},
		{strings.Replace(base, "demo: 1", "demo:", 1), "line 1, column 6: " + missing},
		{strings.Replace(base, "id: x", "id: null", 1), "line 2, column 5: " + missing},
		{strings.Replace(base, "title: T", "title:", 1), "line 3, column 7: " + missing},
		{"shelf: ~\n" + base, "line 1, column 8: " + missing},
		{base + "      - pause:\n", "line 10, column 16: " + missing},
		{base + "      - wait:\n", "line 10, column 15: " + missing},
	} {
		if _, err := demo.Parse([]byte(tt.text), playground.VetDemo); err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want only %q", err, tt.want)
		}
	}
	for _, tt := range tests {
		_, err := demo.Parse([]byte(tt.text), playground.VetDemo)
		switch {
		case err == nil:
			t.Errorf("it was taken, want %q:\n%s", tt.want, tt.text)
		case !strings.Contains(err.Error(), tt.want):
			t.Errorf("got %q, want %q", err, tt.want)
		case strings.ContainsAny(err.Error(), "\t\r\x1b\u00a0\u200b\u2028\ufeff"):
			t.Errorf("the message %q has what cannot be seen", err)
		}
	}
	for _, text := range []string{dial("address: S1, timeout_ms: 0"), dial("address: 'server:8330'"), dial("address: ' 8330 '"),
		base + "      - add_rule: {action: delay, delay_ms: 0.5}\n", check("at least 0 SYN of S1"), check("S1 accept returns 0"), check("option Linger of S1 is -1"), check("option Congestion of S1 is reno"), dial("address: '0.0.0.0:80', local: '10.0.100.0:0'"), "\ufeff" + base,
		check("S1 is LISTEN\t# a comment"), strings.Replace(base, "story: B", "story: |\n      a\tb", 1), strings.Replace(base, "title: T", "title:\t“T”", 1), base + "      - wait:\tS1 is LISTEN\t\n",
		base + "      - write: {socket: S1.1, data: “a”}\n"} {
		if _, err := demo.Parse([]byte(text), playground.VetDemo); err != nil {
			t.Errorf("%v:\n%s", err, text)
		}
	}
}
