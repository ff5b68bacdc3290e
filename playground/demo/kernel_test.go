package demo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"socketplayground/playground/demo"
)

const asksKernel = `demo: 1
id: asks
title: Asks
summary: Asks the kernel.
network: lab
steps:
  - title: A listener
    story: It listens.
    do:
      - listen: {as: S1, address: ":8330", behavior: manual}
  - title: New
    story: Five.
    why: It is new.
    do:
      - set_kernel: {name: tcp_new, value: "0"}
      - dial: {as: C1, address: S1}
    checks:
      - at least 5 SYNs from C1
    if_kernel_has: tcp_new
    otherwise:
      title: Old
      story: {en: Three., zh: 三个。}
      do:
        - dial: {as: C1, address: S1, timeout_ms: 100}
        - wait: C1 is CLOSED
      checks:
        - exactly 3 SYNs from C1
  - title: Only where it is new
    story: Seen there alone.
    predict:
      question: Which?
      choices:
        - {text: one, when: C2 is CLOSED}
        - {text: two}
    do:
      - dial: {as: C2, address: S1}
    checks:
      - C2 is ESTABLISHED
    if_kernel_has: tcp_new
  - title: Another
    story: The numbers go on.
    do:
      - dial: {as: C3, address: S1}
    checks:
      - C1 is CLOSED
`

// vetKernel knows one kernel setting.
func vetKernel(command string, fields json.RawMessage) error {
	if command == "set_kernel" && !strings.Contains(string(fields), `"tcp_new"`) {
		return errors.New("There is no kernel setting of that name.")
	}
	return nil
}

// TestOn: on a kernel with the setting the steps are as they stand; without it each is its otherwise, or cannot be.
func TestOn(t *testing.T) {
	d, err := demo.Parse([]byte(asksKernel), vetKernel)
	if err != nil {
		t.Fatal(err)
	}
	say := func(d *demo.Demo) string {
		var b strings.Builder
		for _, s := range d.Steps {
			fmt.Fprintf(&b, "%s|%s|%d|%v|%v|%s\n", s.Title.EN, s.Story.EN, len(s.Do), s.Predict != nil, s.Checks, s.KernelHas)
		}
		return b.String()
	}
	has := say(d.On(func(string) bool { return false }))
	if want := "A listener|It listens.|1|false|[]|\nNew|Five.|2|false|[at least 5 SYNs from C1]|\n" +
		"Only where it is new|Seen there alone.|1|true|[C2 is ESTABLISHED]|\nAnother|The numbers go on.|1|false|[C1 is CLOSED]|\n"; has != want {
		t.Errorf("with the setting it is\n%s, not\n%s", has, want)
	}
	lacks := say(d.On(func(name string) bool { return name == "tcp_new" }))
	if want := "A listener|It listens.|1|false|[]|\nOld|Three.|2|false|[exactly 3 SYNs from C1]|\n" +
		"Only where it is new|Seen there alone.|0|false|[C2 is ESTABLISHED]|tcp_new\nAnother|The numbers go on.|1|false|[C1 is CLOSED]|\n"; lacks != want {
		t.Errorf("without it it is\n%s, not\n%s", lacks, want)
	}
	if old := d.On(func(string) bool { return true }).Steps[1]; old.Why == nil || old.Why.EN != "It is new." || old.Story.ZH != "三个。" {
		t.Errorf("what the otherwise leaves out is not as in the step, or what it says is lost: %+v", old)
	}
	if got := fmt.Sprint(d.Settings()); got != "[tcp_new]" {
		t.Errorf("it asks about %s", got)
	}
	if zh := d.Words()["zh"]; zh["exactly 3 SYNs from C1"] == "" || zh["at least 5 SYNs from C1"] == "" || zh["C1 is CLOSED"] == "" {
		t.Errorf("the checks of one of both ways have no Chinese: %v", zh)
	}
	again, err := demo.Parse(d.Normal(), vetKernel)
	if err != nil || string(again.Normal()) != string(d.Normal()) {
		t.Errorf("JSON %s became %v", d.Normal(), err)
	}
	formatted, err := demo.Format([]byte(asksKernel))
	if err != nil {
		t.Fatal(err)
	}
	laid, err := demo.Parse(formatted, vetKernel)
	if err != nil || string(laid.Normal()) != string(d.Normal()) {
		t.Errorf("laid out it is another demo: %v\n%s", err, formatted)
	}
	if twice, err := demo.Format(formatted); err != nil || string(twice) != string(formatted) {
		t.Errorf("laid out twice it differs: %v", err)
	}
}

// TestConditionErrors: what a step says about kernels is checked when the file is read, on whatever kernel that is.
func TestConditionErrors(t *testing.T) {
	swap := func(old, new string) string {
		if !strings.Contains(asksKernel, old) {
			t.Fatalf("%q is gone", old)
		}
		return strings.Replace(asksKernel, old, new, 1)
	}
	tests := []struct{ name, text, want string }{
		{"an unknown setting", strings.ReplaceAll(asksKernel, "if_kernel_has: tcp_new", "if_kernel_has: tcp_typo"), "line 19, column 20: There is no kernel setting of that name."},
		{"an otherwise of nothing", swap("    if_kernel_has: tcp_new\n    otherwise:", "    otherwise:"), "line 20, column 7: An otherwise belongs to a step with if_kernel_has"},
		{"an empty otherwise", swap("      title: Old\n      story: {en: Three., zh: 三个。}\n      do:\n        - dial: {as: C1, address: S1, timeout_ms: 100}\n        - wait: C1 is CLOSED\n      checks:\n        - exactly 3 SYNs from C1\n", "      {}\n"), "An otherwise says what differs"},
		{"an empty list", swap("      checks:\n        - exactly 3 SYNs from C1\n", "      checks: []\n"), "An empty list says nothing here"},
		{"an unknown key", swap("      title: Old\n", "      seconds: 3\n"), `An otherwise has no key "seconds"; the keys are title, story, why, sources, predict, do, checks.`},
		{"within itself", swap("      title: Old\n", "      otherwise: {title: x}\n"), `An otherwise has no key "otherwise"`},
		{"another name", swap("        - dial: {as: C1, address: S1, timeout_ms: 100}\n        - wait: C1 is CLOSED\n", "        - pause: 1s\n"), "Nothing before this opens C1, which \"exactly 3 SYNs from C1\" names."},
		{"one more", swap("        - wait: C1 is CLOSED\n", "        - dial: {as: C2, address: S1}\n"), "Both must open the same"},
		{"a name out of order", swap("        - dial: {as: C1, address: S1, timeout_ms: 100}\n", "        - dial: {as: C2, address: S1}\n"), "This must be as: C1"},
		{"a socket that only some have", swap("      - C1 is CLOSED\n", "      - C2 is CLOSED\n"), "C2 is opened only where the kernel has tcp_new: give that step an otherwise that opens it too."},
		{"a command on it", swap("      - dial: {as: C3, address: S1}\n", "      - close: C2\n"), "C2 is opened only where the kernel has tcp_new"},
		{"a condition that is no text", swap("    if_kernel_has: tcp_new\n    otherwise:", "    if_kernel_has: [a]\n    otherwise:"), "Here must be a text"},
	}
	for _, tt := range tests {
		_, err := demo.Parse([]byte(tt.text), vetKernel)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}
