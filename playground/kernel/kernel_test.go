package kernel_test

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"socketplayground/playground/kernel"
)

// TestThis: the kernel is named as uname(1) names it.
func TestThis(t *testing.T) {
	if runtime.GOOS == "windows" {
		if k := kernel.This(); k.System != "Windows" || strings.Count(k.Release, ".") != 2 {
			t.Errorf("this is %+v", k)
		}
		return
	}
	out, err := exec.Command("uname", "-sr").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kernel.This().String(), strings.TrimSpace(string(out)); got != want {
		t.Errorf("the kernel is called %q, and uname says %q", got, want)
	}
}

func TestOlderThan(t *testing.T) {
	tests := []struct {
		kernel kernel.Kernel
		than   string
		want   bool
	}{
		{kernel.Kernel{System: "Linux", Release: "6.1.0-57-cloud-amd64"}, "6.5", true},
		{kernel.Kernel{System: "Linux", Release: "6.12.117+deb12-cloud-amd64"}, "6.5", false},
		{kernel.Kernel{System: "Linux", Release: "6.5"}, "6.5", false},
		{kernel.Kernel{System: "Linux", Release: "5.15.90.1-microsoft-standard-WSL2"}, "6.1", true},
		{kernel.Kernel{System: "Linux", Release: "10.0-rc1"}, "6.1", false},
		{kernel.Kernel{System: "Linux", Release: "6.4-rc1"}, "6.5", true},
		{kernel.Kernel{System: "Linux", Release: "unknown"}, "6.5", false},
		{kernel.Kernel{System: "Linux"}, "6.5", false},
		{kernel.Kernel{System: "Darwin", Release: "2.1"}, "6.5", false},
		{kernel.Kernel{System: "Linux", Release: "6.1"}, "soon", false},
	}
	for _, tt := range tests {
		if got := tt.kernel.OlderThan(tt.than); got != tt.want {
			t.Errorf("%v is older than %s: %v", tt.kernel, tt.than, got)
		}
	}
}
