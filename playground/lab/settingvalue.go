package lab

import (
	"fmt"
	"regexp"
	"strings"
)

var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// Plain refuses numbers that the kernel would take for others, or not take in: it reads 010 as 8 and 0x10 as 16, and of
// "5 6" for a setting of one number the 5 alone (proc_get_long and do_proc_dointvec, kernel/sysctl.c). What the numbers
// may be is the kernel's own answer.
func (s Setting) Plain(value string) error {
	if s.Word {
		return nil
	}
	numbers := strings.Fields(value)
	for _, n := range numbers {
		if !plainNumber.MatchString(n) {
			return fmt.Errorf("lab: %q is no plain number for %s; write decimal digits with no 0, 0x or + before them, since the kernel reads 010 as 8 and 0x10 as 16", n, s.Name)
		}
	}
	if most := max(s.Numbers, 1); len(numbers) > most {
		return fmt.Errorf("lab: %q is too much for %s, which takes no more numbers than %d; the kernel would leave the others out", value, s.Name, most)
	}
	return nil
}
