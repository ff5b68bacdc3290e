package playground_test

import (
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/demo"
)

// TestSlipsInDemos: one sentence names what slipped, and where.
func TestSlipsInDemos(t *testing.T) {
	t.Parallel()
	const base = "demo: 1\nid: x\ntitle: T\nsummary: S\nsteps:\n  - title: A\n    story: B\n    do:\n      - listen: {as: S1, address: ':8330'}\n"
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
		base + "      - add_rule: {action: delay, delay_ms: 0.5}\n", check("at least 0 SYN of S1"), check("S1 accept returns 0"), "\ufeff" + base} {
		if _, err := demo.Parse([]byte(text), playground.VetDemo); err != nil {
			t.Errorf("%v:\n%s", err, text)
		}
	}
}
