package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/kernel"
)

// asksKernel is a demo that asks for a kernel setting in every way that there is.
const asksKernel = `demo: 1
id: asks-kernel
title: Asks the kernel
summary: Asks for a setting.
network: lab
steps:
  - title: Set where it is
    story: What is optional is no mistake.
    do:
      - listen: {as: S1, address: ":8330", behavior: manual}
      - set_kernel: {name: tcp_fin_timeout, value: "3", optional: true}
    checks:
      - S1 is LISTEN
  - title: {en: There, zh: 有}
    story: {en: The kernel has it., zh: 内核有它。}
    do:
      - dial: {as: C1, address: S1, read_mode: manual}
    checks:
      - C1 is ESTABLISHED
      - no RST of C1
    if_kernel_has: tcp_syn_retries
    otherwise:
      title: {en: Not there, zh: 没有}
      story: {en: The kernel has it not., zh: 内核没有它。}
      checks:
        - C1 is ESTABLISHED
  - title: Only there
    story: This is seen only where the kernel has it.
    predict:
      question: And?
      choices:
        - {text: one, when: C2 is ESTABLISHED}
        - {text: two}
    do:
      - dial: {as: C2, address: S1, read_mode: manual}
    checks:
      - C2 is ESTABLISHED
    if_kernel_has: tcp_syn_retries
  - title: After it
    story: The numbers of the sockets go on.
    do:
      - dial: {as: C3, address: S1, read_mode: manual}
    checks:
      - C3 is ESTABLISHED
`

// TestKernelSettingsThatAreNotThere: what a demo says and checks is what this kernel can do, and only what cannot be is
// not observed. In a mount namespace of its own the program is shown no /proc/sys, as some containers hide it.
func TestKernelSettingsThatAreNotThere(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting, and the Lab, need root")
	}
	program := built.get(t, "socketplayground", ".", "build")
	run := func(hidden bool, text string, flags ...string) (string, int) {
		args := append([]string{"run"}, flags...)
		cmd := exec.Command(program, append(args, "-")...)
		if hidden {
			cmd = exec.Command("unshare", append([]string{"-m", "sh", "-c", `mount -t tmpfs none /proc/sys && exec "$0" "$@"`, program}, append(args, "-")...)...)
		}
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	reason := "This kernel, " + kernel.This().String() + ", does not show tcp_syn_retries to the hosts of the Lab here."

	out, code := run(false, asksKernel)
	if code != exitOK || !strings.Contains(out, "# 2/4 There\n") || !strings.Contains(out, "# The kernel has it.\n") || strings.Contains(out, "has it not") ||
		!strings.Contains(out, ": 5 passed, 0 failed, 0 not observed") || !strings.Contains(out, "# on "+kernel.This().String()+"\n") {
		t.Errorf("where the setting is: exit code %d\n%s", code, out)
	}
	out, code = run(true, asksKernel)
	for _, want := range []string{"# 2/4 Not there\n", "# The kernel has it not.\n", "ok 2 - C1 is ESTABLISHED\n", "ok 3 - C2 is ESTABLISHED # SKIP not observed: " + reason + "\n",
		"    # " + reason + "\n", "ok 4 - C3 is ESTABLISHED\n", ": 3 passed, 0 failed, 1 not observed"} {
		if !strings.Contains(out, want) {
			t.Errorf("where the setting is not: no %q", want)
		}
	}
	if code != exitNotObserved || strings.Contains(out, "no RST of C1") {
		t.Errorf("where the setting is not: exit code %d\n%s", code, out)
	}
	if out, _ := run(true, asksKernel, "-lang", "zh"); !strings.Contains(out, "# 2/4 没有\n") || !strings.Contains(out, "# 内核没有它。\n") {
		t.Errorf("in Chinese:\n%s", out)
	}

	// A setting that is not optional ends the run there: what comes after it counts on it.
	needs := strings.Replace(asksKernel, ", optional: true", "", 1)
	out, code = run(true, needs, "-json")
	var result result
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if want := "Step 1, set_kernel: This kernel, " + kernel.This().String() + ", does not show tcp_fin_timeout to the hosts of the Lab here."; code != exitNotObserved || result.Verdict != playground.VerdictNotObserved || result.Message != want {
		t.Errorf("a setting that is needed: exit code %d, %s: %s", code, result.Verdict, result.Message)
	}
	if result.Kernel != kernel.This() {
		t.Errorf("it ran on %+v", result.Kernel)
	}

	// A name that no kernel has is a mistake in the file, optional or not.
	if out, code := run(false, strings.Replace(asksKernel, "tcp_fin_timeout", "tcp_fin_time", 1)); code != exitUsage || !strings.Contains(out, `line 11, column 28: There is no kernel setting "tcp_fin_time" here; there are`) {
		t.Errorf("a typing mistake: exit code %d\n%s", code, out)
	}
}
