// Package kernel names the kernel that this program runs on, as the kernel itself does: what is observed is true of that
// one, and others differ (docs/kernels.md).
package kernel

import (
	"strconv"
	"strings"
	"sync"
)

// Kernel is a kernel's name.
type Kernel struct {
	System  string `json:"system"`            // Linux, Darwin, Windows: as the kernel calls itself
	Release string `json:"release,omitempty"` // such as 6.1.0-57-cloud-amd64; empty where nobody tells it
}

// This is the kernel that this program runs on.
var This = sync.OnceValue(this)

// String is such as "Linux 6.1.0-57-cloud-amd64".
func (k Kernel) String() string { return strings.TrimSpace(k.System + " " + k.Release) }

// OlderThan says whether this is a Linux older than a version such as 6.5. A release that begins with no version is not.
func (k Kernel) OlderThan(version string) bool {
	own, ok := numbers(k.Release)
	other, known := numbers(version)
	if k.System != "Linux" || !ok || !known {
		return false
	}
	return own[0] < other[0] || own[0] == other[0] && own[1] < other[1]
}

// numbers are a release's first two.
func numbers(release string) (n [2]int, ok bool) {
	major, rest, _ := strings.Cut(release, ".")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	var errs [2]error
	n[0], errs[0] = strconv.Atoi(major)
	n[1], errs[1] = strconv.Atoi(rest[:end])
	return n, errs[0] == nil && errs[1] == nil
}
