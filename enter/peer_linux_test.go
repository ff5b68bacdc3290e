package enter_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOtherUser: one who may open the socket, whatever its directory should have forbidden, is refused by who he is.
func TestOtherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("becoming another user needs root")
	}
	path, _ := serve(t, here)
	for name, mode := range map[string]os.FileMode{filepath.Dir(path): 0o755, path: 0o777} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	cmd := client(t, path, "true")
	cmd.Path = "/proc/self/exe" // the binary lies where only we may look
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 125 || !strings.Contains(string(out), "another user's") {
		t.Errorf("got %v, %q; want exit code 125 and a sentence", err, out)
	}
}
