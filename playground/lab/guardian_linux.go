package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"socketplayground/playground/sockdiag"
)

// guardianVariable makes the program that finds it in its environment a guardian.
const guardianVariable = "SOCKETPLAYGROUND_GUARDIAN"

// reexecuted says that this program comes by Reexec, where a guardian ends. Any other program would do all its work once
// more as its own guardian, and start the next: a test binary did.
var reexecuted atomic.Bool

// guardian is a second process of the program, which outlives it by a moment: where the program is killed, the
// connections of its Labs wait for answers that cannot come, and would keep their namespaces for some 106 s
// (tcp_orphan_retries, net/ipv4/tcp_timer.c). The guardian has all namespaces at hand and destroys what is in them.
// A nil guardian guards nothing.
type guardian struct {
	cmd *exec.Cmd

	mu sync.Mutex // a message is one system call; this keeps it from a descriptor that was closed
	fd int        // our end of the socket pair; -1: closed
}

// startGuardian starts the process, if this is a program that has called Reexec.
func startGuardian() (*guardian, error) {
	if !reexecuted.Load() || os.Getenv(guardianVariable) != "" {
		return nil, errors.New("lab: a guardian is only for a program that has called Reexec")
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("lab: a guardian cannot be reached: %w", os.NewSyscallError("socketpair", err))
	}
	theirs := os.NewFile(uintptr(pair[1]), "guardian")
	defer theirs.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), guardianVariable+"=1")
	cmd.ExtraFiles = []*os.File{theirs}                  // descriptor 3
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl+C is not for it
	if err := cmd.Start(); err != nil {
		unix.Close(pair[0])
		return nil, fmt.Errorf("lab: a guardian cannot be started: %w", err)
	}
	return &guardian{cmd: cmd, fd: pair[0]}, nil
}

// watch gives a Lab's namespaces into the guardian's care; without any, it lets go of them. Where the guardian is gone,
// nothing is lost but its care.
func (g *guardian) watch(lab uint64, namespaces ...int) {
	if g == nil {
		return
	}
	message := binary.NativeEndian.AppendUint64(nil, lab)
	var rights []byte
	if len(namespaces) > 0 {
		rights = unix.UnixRights(namespaces...)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fd >= 0 {
		_ = unix.Sendmsg(g.fd, message, rights, nil, unix.MSG_NOSIGNAL)
	}
}

// close ends the guardian and waits for it. All Labs must have been let go of.
func (g *guardian) close() {
	if g == nil {
		return
	}
	g.mu.Lock()
	unix.Close(g.fd)
	g.fd = -1
	g.mu.Unlock()
	_ = g.cmd.Wait() // how it ended helps nobody
}

// guard is the guardian's own program: it takes namespaces in and lets go of them until the program that started it has
// ended, and then destroys the sockets in those that are left.
func guard() {
	const messages = 3 // the descriptor
	labs := map[uint64][]int{}
	message, rights := make([]byte, 8), make([]byte, unix.CmsgSpace(2*4))
	for {
		n, oob, _, _, err := unix.Recvmsg(messages, message, rights, unix.MSG_CMSG_CLOEXEC)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n < len(message) { // 0: the other end is closed
			break
		}
		lab := binary.NativeEndian.Uint64(message)
		for _, fd := range labs[lab] {
			unix.Close(fd)
		}
		delete(labs, lab)
		controls, _ := unix.ParseSocketControlMessage(rights[:oob])
		for _, c := range controls {
			if fds, err := unix.ParseUnixRights(&c); err == nil {
				labs[lab] = append(labs[lab], fds...)
			}
		}
	}
	runtime.LockOSThread() // it ends with the process
	for _, namespaces := range labs {
		for _, fd := range namespaces {
			if enter(fd) != nil {
				continue
			}
			if diag, err := sockdiag.Dial(); err == nil {
				_ = destroyAll(diag) // what is left, the kernel ends in its own time
				diag.Close()
			}
		}
	}
}
