package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/demo"
	"socketplayground/playground/lab"
)

var (
	// quotation is what somebody else said or what a file has, and what a person is to type.
	quotation   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|“[^”]*”|\[[^\]]*\]:\d+|U\+[0-9A-F]{4}(?: [A-Z -]+)?`)
	englishWord = regexp.MustCompile(`[A-Za-z_]{2,}[A-Za-z_0-9]*`)
)

// names are the words that stand in Chinese too: those of the file's format, and of the protocol.
var names = func() map[string]bool {
	all := strings.Fields(`demo id title summary keywords shelf order network seconds lesson myth picture steps story why sources predict do checks
		if_kernel_has otherwise question choices text when en zh as wait pause go within socket address data segment segments segmentexactly
		is not reaches never stays contain are sends because returns takes waiting at least most exactly no of from by so far for peer option
		returns ok error errno EOF timeout closed zero window probe keepalive duplicate dropped retransmission retransmissions call with without
		host client server machine either lab program kernel YAML UTF KiB ms us ns bytes count null true false TAB LINE FEED and then
		dial listen accept Dial Listen Accept Read Write Close CloseRead CloseWrite nil Accept conn course failure weird on NoDelay TIME_WAIT
		name value direction to_server to_client both ACKs Go TCP Linux Lab MSS RTT GiB MiB DATA playground mtu queue settings read_mode auto
		manual behavior echo discard greet slow_read never_read never_accept hang_up reset tcp tcp4 tcp6 IPv6 SIGKILL backlog cwnd EPIPE yes connect connection refused NoDelay Linger Playground timeout_ms after_ms small yaml`)
	m := map[string]bool{}
	for _, list := range [][]string{all, demo.States, demo.Reasons, demo.Flags, demo.SegFields, demo.Timers, demo.Commands, demo.Shelves, slices.Collect(maps.Keys(demo.Calls)), slices.Collect(maps.Keys(demo.Options))} {
		for _, w := range list {
			m[w] = true
		}
	}
	for _, mark := range demo.Marks {
		for _, w := range englishWord.FindAllString(mark.Noun, -1) {
			m[w] = true
		}
	}
	for q := range demo.Quantities {
		for _, w := range strings.Fields(q) {
			m[w] = true
		}
	}
	for _, s := range lab.SettingsList() {
		m[strings.TrimPrefix(s.Name, "net.ipv4.")] = true
	}
	return m
}()

// inEnglish are the words of a Chinese text that are English and no names.
func inEnglish(text string) (list []string) {
	for _, w := range englishWord.FindAllString(quotation.ReplaceAllString(text, ""), -1) {
		if !names[w] {
			list = append(list, w)
		}
	}
	return list
}

// TestBadDemosInChinese: whatever is wrong in a demo file is said in Chinese as a whole.
func TestBadDemosInChinese(t *testing.T) {
	const head, step = "demo: 1\nid: x\ntitle: T\nsummary: S\n", "steps:\n  - title: A\n    story: B.\n"
	do := func(action string) string { return head + step + "    do:\n      - " + action + "\n" }
	var files []string
	for _, check := range []string{
		"", "frobnicate", "C1", "C1 is", "C1 is OPEN", "C1 is not", "C1 is LISTEN because refused", "C1 is CLOSED because bored", "C1 never reaches", "C1 never reaches X",
		"C1 stays", "C1 stays CLOSED", "C1 stays CLOSED long", "C1 reaches", "C1 reaches ESTABLISHED and stays long", "C1 reaches ESTABLISHED, then", "C1 segments contain",
		"C1 segments contain bananas", "C1 segments are SYN, then", "C1 sends data exactly", `C1 sends data ""`, "C1 sends data with", "C1 sends data with colour", "C1 sends data with len 0x5",
		"C1 dial", "C1 dial dances", "C1 dial returns", "C1 dial returns maybe", "C1 dial returns 0x5", "C1 dial returns ok after long", "C1 dial returns ok, then", "C1 dial takes",
		"C1 dial takes exactly 2s", "C1 dial takes at least soon", "at", "at least", "at least many SYN of C1", "at least 010 SYN of C1", "at least 1", "at least 1 banana of C1", "at least 1 SYN",
		"at least 1 SYN by C1", "at least 1 SYN of", "at least 1 SYN of me", "no SYN of C1 for ages", "exactly 2 call of C1 so near", "peer", "peer of", "peer of me is C1", "peer of C1", "peer of C1 is",
		"option", "option NoDelay", "option NoDelay of C1", "option NoDelay of C1 is", "option NoDelay of C1 is yes", "option TTL of C1 is 010", "option TTL of C1 is far", "mss of C1", "mss of C1 is", "mss of C1 is big", "mss of C1 is at about 3", "rtt of C1 is at least soon",
		"timer of C1 is alarm", "family of C1 is ipx", "kernel socket of C1 is maybe", "mss of C1 is 5 and stays ages", `C1 sends data "open`, "C1 is CLOSED within ages", "C1 is CLOSED really", strings.Repeat("x", 3000),
	} {
		quoted, _ := json.Marshal(check)
		files = append(files, head+step+"    checks: ["+string(quoted)+"]\n")
	}
	for _, action := range []string{
		"accept", "frob: C1", "{accept: S1, read: C1}", "go: 5", "wait: C1 is CLOSED", "{wait: C1 is CLOSED, within: 2s}", "pause: long", "accept: S1", "{accept: S1, within: never}",
		"listen: {address: ':0'}", "listen: {as: S2, address: ':0'}", "listen: {as: S1, address: '::1:80'}", "listen: {as: S1, address: '127.0.0.1：80'}", "listen: {as: S1, address: ''}", "listen: {as: S1, address: '127.0.0.01:80'}",
		"listen: {as: S1, address: ':99999'}", "listen: {as: S1, address: ':0', backlog: 010}", "listen: {as: S1, address: ':0', backlog: many}", "listen: {as: S1, address: ':0', colour: red}",
		"listen: {as: S1, address: ':0', network: lab}", "listen: {as: S1, address: ':0', backlog: 1e3}", "dial: {as: C1, address: 'x y:1'}", "dial: {as: C1, address: ':0'}", "dial: {as: C1, address: ':1', count: 70000}",
		"dial: {as: C1, address: ':1', timeout_ms: 1e30}", "start_program: {as: P1, program: rm, address: S1}", "start_program: {as: P1}", "cancel: {socket: C1, call: 5}",
		"kill: P1", "set_kernel: {name: tcp_nonsense, value: '1'}", "set_kernel: {name: tcp_retries2, value: '010'}", "set_kernel: {name: net.ipv4.tcp_retries2, value: 5}", "set_wire: {to_server: {loss_percent: lots}}", "set_wire: fast", "open_lab: {mtu: 5}",
		"{as: S1, listen: {address: ':0'}}", "write: {socket: C1}", "[1, 2]",
	} {
		files = append(files, do(action))
	}
	files = append(files, "", "demo: [", "demo: 1\ndemo: 1\n", "demo: 2\n", head, head+"nonsense: 1\n", head+"steps: 5\n", head+"steps: []\n", "demo：1\n", "\tdemo: 1\n", head+"a: b: c\n", head+"a: @b\n", head+"a: %b\n", head+"a: 'b\n", head+"a: \"\\q\"\n",
		head+"a: \"\\u12\"\n", head+"  a: 1\n b: 2\n", "--- \ndemo: 1\n---\ndemo: 1\n", "%YAML 1.2\n---\ndemo: 1\n", head+"a: &x 1\nb: *x\n", head+"a: !t 1\n", head+"a: {b: 1, c\n", head+"order: 0x10\n", head+"order: -5\n", head+"order: x\n",
		head+"shelf: top\n", head+"network: moon\n", head+"picture: [=>]\n", head+"title: \"a\\nb\"\n", head+"id: A B\n", head+"x: \x01\n", head+"x: \xff\n", head+strings.Repeat("[", 50), strings.Repeat("# long\n", 6000),
		head+"steps:\n"+strings.Repeat("  - {title: A, story: B.}\n", 70), head+step+"    predict: {question: Q, choices: [{text: A}]}\n", head+step+"    otherwise: {title: X}\n", head+step+"    if_kernel_has: tcp_retries2\n    otherwise: {}\n",
		head+step+"    if_kernel_has: tcp_retries2\n    otherwise: {do: []}\n", head+step+"    if_kernel_has: nonsense\n", head+step+"    do: ["+strings.Repeat("{pause: 120s}, ", 30)+"]\n",
		head+step+"    story: ''\n", head+step+"    checks: x\n", head+step+"    do: x\n", head+"? [a]\n: b\n", "- demo\n", "demo: 1 2\n}\n", "a\n...\nb\n",
		"demo:\n", do("pause:"), do("listen: {as: S1, address: ':0', backlog: .inf}"), do("close: “S1”"), do("listen: ｛as: S1, a: b｝"), do("listen: ［as: b］"), do("dial: {as: C1, address: [::1]:80}"), do("\tclose: S1"), do("wait: S1 is\tLISTEN"))
	for _, file := range files {
		_, err := demo.Parse([]byte(file), playground.VetDemo)
		if err == nil {
			t.Errorf("this was read: %q", file)
			continue
		}
		if said := saidError("zh", err); len(inEnglish(said)) > 0 {
			t.Errorf("%.400q\n\tis refused with %q,\n\tand in Chinese %q\n\thas %q", file, err, said, inEnglish(said))
		}
	}
}

// failing are checks that fail one by one, each kind of them, with what is done before.
var failing = []string{
	"S1 is CLOSED within 50ms", "S1 is CLOSED because closed within 50ms", "C2 is ESTABLISHED within 50ms", "C1 is CLOSED because refused within 50ms", "C1 reaches CLOSE_WAIT, then LAST_ACK within 50ms", "S1 reaches CLOSED within 50ms",
	"C1 never reaches ESTABLISHED", "C1 stays FIN_WAIT_1 50ms within 50ms", "C1 read returns ok within 50ms", "C1 dial returns EPIPE within 50ms", "C2 dial returns ok within 50ms", "C1 write returns 7 within 50ms", "C1 accept is waiting within 50ms",
	"C1 dial takes at least 30s within 50ms", "C1 segments contain RST within 50ms", "C1 segments are SYN within 50ms", "C1 sends SYN+ACK within 50ms", "at least 9 segment of C1 within 50ms", "no segment of C1", "at most 1 call of C1", "exactly 3 data of C1 within 50ms",
	"accept queue of S1 is 5 within 50ms", "backlog of S1 is 5 within 50ms", "drops of C1 is 5 within 50ms", "receive queue of C1 is 77 within 50ms", "send queue of C1 is 77 within 50ms", "retransmits of C1 is 5 within 50ms", "timer of C1 is persist within 50ms",
	"timer expiry of S1 is at least 1s within 50ms", "mss of C1 is 5 within 50ms", "cwnd of C1 is 99999 within 50ms", "rtt of C1 is at least 30s within 50ms", "family of C1 is tcp6 within 50ms", "local port of C1 is 5 within 50ms", "remote port of C1 is 5 within 50ms",
	"kernel socket of C1 is no within 50ms", "kernel socket of C2 is yes within 50ms", "bytes read of C1 is 5 within 50ms", "bytes written of C1 is 7 within 50ms", "bytes retransmitted of C1 is 5 within 50ms", "total retransmissions of C1 is 5 within 50ms",
	"rwnd limited of C1 is at least 5s within 50ms", "option NoDelay of C1 is false within 50ms", "option Linger of C2 is 5 within 50ms", "peer of C1 is C2 within 50ms", "peer of C2 is C1 within 50ms",
}

// TestFailedChecksInChinese: run -lang zh says what was seen in Chinese, whatever failed; so does the page, whose words
// these are.
func TestFailedChecksInChinese(t *testing.T) {
	for part := range slices.Chunk(failing, demo.MaxChecks) {
		checks := "      - " + strings.Join(part, "\n      - ") + "\n"
		for _, network := range []string{"machine", "lab"} {
			failInChinese(t, network, checks)
		}
	}
}

func failInChinese(t *testing.T, network, checks string) {
	t.Helper()
	listen, dial := "127.0.0.1:0", "127.0.0.1:1"
	if network == "lab" {
		listen, dial = ":8330", "192.0.2.1:1"
	}
	got := runIt(t, "-lang", "zh", "-json", demoFile(t, network, fmt.Sprintf("      - listen: {as: S1, address: '%s'}\n      - dial: {as: C1, address: S1}\n"+
		"      - write: {socket: C1, data: hello}\n      - go: {accept: S1}\n      - dial: {as: C2, address: '%s'}\n", listen, dial), checks))
	var r result
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil || got.code == exitOK || len(r.Steps) == 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	for _, c := range r.Steps[0].Checks {
		english := append(inEnglish(c.Check), inEnglish(c.Detail)...)
		switch {
		case c.Verdict == playground.VerdictPassed:
			t.Errorf("%s: %s passed", network, c.Check)
		case c.Detail == "":
			t.Errorf("%s: %s is %q without a word (%s)", network, c.Check, c.Verdict, r.Message)
		case len(english) > 0:
			t.Errorf("%s: %s is %s: %s: %q", network, c.Check, c.Verdict, c.Detail, english)
		}
	}
}

// TestEndedDemosInChinese: so is why a demo ended before its last step.
func TestEndedDemosInChinese(t *testing.T) {
	const s1 = "      - listen: {as: S1, address: '127.0.0.1:0'}\n"
	for _, do := range []string{
		s1 + "      - {accept: S1, within: 50ms}\n", s1 + "      - cancel: S1\n", s1 + "      - wait: S1 is CLOSED within 50ms\n", s1 + "      - close: S1.1\n", s1 + "      - write: {socket: S1, data: x}\n",
		"      - listen: {as: S1, address: '127.0.0.1:0', behavior: echo}\n      - accept: S1\n",
		s1 + "      - close: S1\n      - start_program: {as: P1, program: client, address: S1}\n", s1 + "      - start_program: {as: P1, program: client, address: S1}\n", "      - listen: {as: S1, address: '127.0.0.1:80'}\n      - dial: {as: C1, address: S1}\n",
	} {
		got := runIt(t, "-lang", "zh", demoFile(t, "machine", do, "      - S1 listen returns ok\n"))
		code, said := got.code, got.stdout
		message := said[strings.LastIndex(said, "message: ")+len("message: "):]
		message, _, _ = strings.Cut(message, "\n")
		var text string
		if err := json.Unmarshal([]byte(message), &text); err != nil && code == exitFailed {
			t.Fatalf("%v: %+v", err, got)
		}
		if code == exitOK || code == exitFailed && !strings.Contains(text, "第 1 步") || len(inEnglish(text)) > 0 {
			t.Errorf("%s\tends with exit %d, %q: %q", do, code, text, inEnglish(text))
		}
		for line := range strings.Lines(said) {
			for _, english := range []string{"not observed", "failed", "passed", "this machine"} {
				if strings.Contains(line, english) {
					t.Errorf("%s is said in English: %s", english, line)
				}
			}
		}
	}
}
