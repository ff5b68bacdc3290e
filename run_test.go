package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/kernel"
	"socketplayground/playground/lab"
)

// ran is what a run in this process said.
type ran struct {
	code           int
	stdout, stderr string
}

// runIt is socketplayground run, but for what main alone does.
func runIt(t *testing.T, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cfg, code, done := parseRun(args, strings.NewReader(""), &stdout, &stderr)
	if !done {
		code = runDemos(t.Context(), cfg, &stdout, &stderr)
	}
	return ran{code, stdout.String(), stderr.String()}
}

// demoFile writes a demo of one step, of these lines of do and checks.
func demoFile(t *testing.T, network, do, checks string) string {
	t.Helper()
	text := fmt.Sprintf("demo: 1\nid: small\ntitle: {en: Small, zh: 小}\nsummary: As small as it gets.\nnetwork: %s\nsteps:\n"+
		"  - title: {en: A step, zh: 一步}\n    story: {en: One step., zh: 只有一步。}\n    do:\n%s    checks:\n%s", network, do, checks)
	name := filepath.Join(t.TempDir(), "small.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const opens = "      - listen: {as: S1, address: '127.0.0.1:0', behavior: manual}\n      - dial: {as: C1, address: S1, read_mode: manual}\n"

func TestRunExitCodes(t *testing.T) {
	tests := []struct {
		name string
		args []string
		code int
		want string // in what is printed
	}{
		{"passed", []string{demoFile(t, "machine", opens, "      - C1 dial returns ok\n")}, exitOK, "ok 1 - small: 1 passed, 0 failed, 0 not observed"},
		{"failed", []string{demoFile(t, "machine", opens, "      - C1 dial returns ECONNREFUSED within 100ms\n")}, exitFailed, "not ok 1 - C1 dial returns ECONNREFUSED"},
		{"not observed", []string{"-capture=false", demoFile(t, "machine", opens, "      - at least 1 SYN of C1\n")}, exitNotObserved, "# SKIP not observed: Segments cannot be observed here"},
		{"no Lab", []string{"-lab=false", demoFile(t, "lab", opens, "      - C1 dial returns ok\n")}, exitNotObserved, "started without the Lab"},
		{"in Chinese", []string{"-lang", "zh", demoFile(t, "machine", opens, "      - C1 dial returns ok\n")}, exitOK, "ok 1 - C1 的 Dial 返回成功"},
		{"brief, flag after the demo", []string{demoFile(t, "machine", opens, "      - C1 dial returns ok\n"), "-brief"}, exitOK, "# 1 demo: 1 passed"},
		{"a refusal", []string{demoFile(t, "machine", opens+"      - dial: {as: C2, address: '203.0.113.1:80'}\n", "      - C1 dial returns ok\n")}, exitFailed, "start the playground with -targets"},
		{"no such option", []string{demoFile(t, "machine", opens+"      - set_option: {socket: C1, name: Luck, value: 1}\n", "      - C1 dial returns ok\n")}, exitUsage, `There is no option "Luck"`},
		{"nothing named", nil, exitUsage, "say which demo is to run"},
		{"no such demo", []string{"nonsense"}, exitUsage, `there is no demo "nonsense"`},
		{"no such file", []string{"no/such.yaml"}, exitUsage, "no such file"},
		{"a bad file", []string{demoFile(t, "moon", opens, "")}, exitUsage, "line 5, column 10"},
		{"a bad language", []string{"-lang", "fr", "all"}, exitUsage, "-lang fr"},
		{"a bad network", []string{"-network", "moon", "all"}, exitUsage, "-network moon"},
		{"two files of one name", []string{"-record", "x", "all"}, exitUsage, "-pcapng and -record write the file of one demo"},
		{"help", []string{"-help"}, exitOK, "Usage: socketplayground run"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := runIt(t, tt.args...)
			if got.code != tt.code {
				t.Errorf("exit code %d, want %d", got.code, tt.code)
			}
			if !strings.Contains(got.stdout+got.stderr, tt.want) {
				t.Errorf("it printed no %q:\n%s%s", tt.want, got.stdout, got.stderr)
			}
		})
	}
}

// TestRunWritesFiles: the events of a run, one a line, and what -json says.
func TestRunWritesFiles(t *testing.T) {
	record := filepath.Join(t.TempDir(), "record")
	got := runIt(t, "-json", "-record", record, demoFile(t, "machine", opens, "      - C1 is ESTABLISHED\n"))
	var r result
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil || r.Verdict != playground.VerdictPassed || r.Steps[0].Checks[0].Verdict != playground.VerdictPassed {
		t.Errorf("JSON says %+v, %v", r, err)
	}
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if !strings.HasPrefix(lines[0], `{"recording":1,`) || !strings.HasSuffix(lines[0], fmt.Sprintf(`"kernel":{"system":%q,"release":%q}}`, kernel.This().System, kernel.This().Release)) || r.Kernel != kernel.This() || len(lines) < 10 {
		t.Fatalf("the recording begins with %q and has %d lines", lines[0], len(lines))
	}
	snapshot := playground.NewSnapshot()
	for _, line := range lines[1:] {
		e, err := playground.DecodeEvent([]byte(line))
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		snapshot.Apply(e)
	}
	if d := snapshot.Demo; d == nil || d.Verdict != playground.VerdictPassed {
		t.Errorf("the recording ends with %+v", snapshot.Demo)
	}
}

// TestRunInOrder: demos that run at the same time are told one after the other.
func TestRunInOrder(t *testing.T) {
	if !lab.Probe().Available {
		t.Skip("no Lab here")
	}
	slow := demoFile(t, "lab", strings.Replace(opens, "127.0.0.1:0", ":8330", 1)+"      - pause: 300ms\n", "      - C1 dial returns ok\n")
	quick := demoFile(t, "lab", strings.Replace(opens, "127.0.0.1:0", ":8330", 1), "      - C1 is ESTABLISHED\n")
	got := runIt(t, "-parallel", "2", "-brief", slow, quick)
	first, second := strings.Index(got.stdout, "\nok 1 - small"), strings.Index(got.stdout, "\nok 2 - small")
	if got.code != exitOK || first < 0 || second < first || strings.Index(got.stdout, "C1 is ESTABLISHED") < first {
		t.Errorf("exit code %d:\n%s", got.code, got.stdout)
	}
}

func TestDemoFiles(t *testing.T) {
	good := demoFile(t, "machine", opens, "      - C1 is ESTABLISHED\n")
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"check", []string{"check", good}, exitOK, "small, 1 step, 1 check"},
		{"check of a bad one", []string{"check", demoFile(t, "machine", opens, "      - C9 is LISTEN\n")}, exitFailed, "line 13: Nothing before this opens C9"},
		{"format", []string{"fmt", good}, exitOK, `- listen: {as: S1, address: "127.0.0.1:0", behavior: manual}`},
		{"nothing", nil, exitUsage, "demo check and demo fmt"},
		{"help", []string{"-help"}, exitOK, "Usage: socketplayground demo check"},
	} {
		var stdout, stderr bytes.Buffer
		if code := workOnDemo(tt.args, strings.NewReader(""), &stdout, &stderr); code != tt.code {
			t.Errorf("%s: exit code %d, want %d", tt.name, code, tt.code)
		}
		if out := stdout.String() + stderr.String(); !strings.Contains(out, tt.want) {
			t.Errorf("%s: it printed no %q: %s", tt.name, tt.want, out)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := workOnDemo([]string{"fmt", "-w", good}, nil, &stdout, &stderr); code != exitOK {
		t.Fatalf("fmt -w: %s", &stderr)
	}
	text, err := os.ReadFile(good)
	if err != nil || !strings.Contains(string(text), `{as: S1, address: "127.0.0.1:0", behavior: manual}`) {
		t.Errorf("fmt -w wrote %s, %v", text, err)
	}
	stdout.Reset()
	if code := listDemos([]string{"-lang", "zh"}, &stdout, &stderr); code != exitOK || !strings.Contains(stdout.String(), "三次握手") {
		t.Errorf("the list has the exit code %d: %s", code, &stdout)
	}
}
