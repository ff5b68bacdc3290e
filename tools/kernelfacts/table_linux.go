package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"socketplayground/playground/lab"
)

// run is a kernel: what it answered, and what became of the demos on it.
type run struct {
	facts
	root, user string
}

var tally = regexp.MustCompile(`(?m)^# (\d+) demos?: (\d+) passed, (\d+) failed, (\d+) not`)

// table writes docs/kernels.md from files of tools/kernels: for each name, NAME.json and, where demos were run,
// NAME.root.tap and NAME.user.tap.
func table(w io.Writer, names []string) error {
	var runs []run
	for _, name := range names {
		b, err := os.ReadFile(name + ".json")
		if err != nil {
			return err
		}
		var r run
		if err := json.Unmarshal(b, &r.facts); err != nil {
			return fmt.Errorf("%s.json: %w", name, err)
		}
		r.root, r.user = demos(name+".root.tap"), demos(name+".user.tap")
		runs = append(runs, r)
	}
	fmt.Fprint(w, head)
	columns := func(what string, cell func(run) string) {
		fmt.Fprintf(w, "| %s |", what)
		for _, r := range runs {
			fmt.Fprintf(w, " %s |", cell(r))
		}
		fmt.Fprintln(w)
	}
	begin := func(title string) {
		fmt.Fprintf(w, "\n## %s\n\n", title)
		columns("", func(r run) string {
			if r.root == none { // this machine's: what its builder calls it tells nobody anything
				release, _, _ := strings.Cut(r.Kernel.String(), "-")
				return release
			}
			return r.Kernel.String()
		})
		columns("---", func(run) string { return "---" })
	}
	begin("Demos, states, timers")
	columns("demos passed, as root", func(r run) string { return r.root })
	columns("demos passed, as an ordinary user", func(r run) string { return r.user })
	columns("TCP_INFO, bytes", func(r run) string { return fmt.Sprint(r.TCPInfo) })
	columns("sock_diag lists sockets that are only bound", func(r run) string { return yes(r.BoundInactive) })
	columns("a SYN that nobody answers leaves after, s (the first 12)", func(r run) string { return seconds(r.SYN) })
	columns("a SYN, ACK that nobody answers leaves after, s (the first 8)", func(r run) string { return seconds(r.SYNACK) })
	columns("TIME_WAIT, s", func(r run) string { return fmt.Sprintf("%.0f", r.TimeWait) })
	columns("FIN_WAIT_2 of a closed socket, s", func(r run) string { return fmt.Sprintf("%.0f", r.FinWait2) })
	columns("net.core.somaxconn in an ordinary user's Lab", func(r run) string { return yes(r.UserSomaxconn) })

	begin("Kernel settings that the Lab can set")
	offered := map[string]bool{}
	for _, s := range lab.SettingsList() {
		offered[s.Name] = true
		columns("`"+s.Name+"`", func(r run) string { return r.setting(s.Name) })
	}
	begin("Other settings of TCP that differ")
	all := map[string]bool{}
	for _, r := range runs {
		for name := range r.Settings {
			all[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		differs := slices.ContainsFunc(runs, func(r run) bool { return r.setting(name) != runs[0].setting(name) })
		if !offered[name] && differs && !strings.Contains(name, "fastopen_key") { // a key is random
			columns("`"+name+"`", func(r run) string { return r.setting(name) })
		}
	}
	return nil
}

const head = `# What differs between kernels

Written by ` + "`tools/kernels -doc`" + ` from what the kernels answered; do not edit it. Debian's kernels ran under QEMU, where the demos
ran too. A dash: the kernel does not have it, or was not asked. Defaults are those of a new host of the Lab; some of
them depend on how much memory there is. A last column of another kind is the kernel of the machine that wrote this.
`

func (r run) setting(name string) string {
	if v, ok := r.Settings[name]; ok && v != "" {
		return v
	}
	return none
}

// none stands where a kernel was not asked.
const none = "–"

// demos is "43 of 43" of a run's output.
func demos(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return none
	}
	m := tally.FindStringSubmatch(strings.ReplaceAll(string(b), "\r", ""))
	if m == nil {
		return "it did not end"
	}
	text := m[2] + " of " + m[1]
	if m[3] != "0" {
		text += ", " + m[3] + " failed"
	}
	return text
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return none
}

func seconds(list []float64) string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = fmt.Sprintf("%.0f", s)
	}
	return strings.Join(texts, ", ")
}
