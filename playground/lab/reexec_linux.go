package lab

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"socketplayground/playground/owner"
)

// reexecVariable tells the program what became of Reexec: entered, or why not.
const (
	reexecVariable = "SOCKETPLAYGROUND_USER_NAMESPACE"
	reexecEntered  = "entered"
	// ownersVariable is the descriptor over which the first run tells the second who holds sockets, and whose things are.
	ownersVariable = "SOCKETPLAYGROUND_OWNERS"
)

// kept are the capabilities of the second run and of the programs it starts, in the user namespace: those that make
// namespaces and devices, packet sockets, and listeners on ports below 1024.
var kept = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_NET_ADMIN, unix.CAP_NET_RAW, unix.CAP_NET_BIND_SERVICE}

// Reexec gives the program the capabilities that a Lab needs, where it does not have them: it runs the program a second
// time in a user namespace (user_namespaces(7)), which a process can only enter when it starts, passes signals on and
// waits. It must be called before anything is started. handled means that this has happened: end with the exit code. Otherwise go on:
// this is the second run, or there is no need of one, or it is not possible, and Probe says why.
//
// In the second run the user has its number and the rights that it had; network, files and processes are the same. Only
// whose sockets are whose it can no longer see; Witness asks the first run. It ends with the first, however that ends.
// A System's guardian comes here too, and ends here.
func Reexec() (handled bool, code int) {
	if os.Getenv(guardianVariable) != "" {
		guard()
		return true, 0
	}
	reexecuted.Store(true)
	if os.Getenv(reexecVariable) != "" || capable() {
		return false, 0
	}
	runtime.LockOSThread() // Pdeathsig comes when the thread ends that started the process
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(signals)

	cmd := exec.Command("/proc/self/exe", os.Args[1:]...) // the same program even if its file was replaced
	cmd.Args[0] = os.Args[0]
	uid, gid := os.Getuid(), os.Getgid()
	if _, permitted := capabilities(); permitted != 0 {
		// The program's file has capabilities. execve(2) gives them in place of those that are kept, but to user 0 all
		// (capabilities(7)).
		uid, gid = 0, 0
	}
	ours, theirs, err := connectedPair()
	if err != nil {
		os.Setenv(reexecVariable, err.Error())
		return false, 0
	}
	asked, err := unixConn(ours)
	if err != nil {
		theirs.Close()
		os.Setenv(reexecVariable, err.Error())
		return false, 0
	}
	defer asked.Close()
	cmd.ExtraFiles = []*os.File{theirs} // descriptor 3
	cmd.Env = append(os.Environ(), reexecVariable+"="+reexecEntered, ownersVariable+"=3")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER, // alone: the page stays in this machine's network
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: gid, HostID: os.Getgid(), Size: 1}},
		AmbientCaps: kept, // who is not root loses the others with execve(2), capabilities(7)
		Pdeathsig:   syscall.SIGKILL,
	}
	// A program that has capabilities from its file belongs to root in /proc, where the mappings are written (proc(5)).
	// It keeps no secret from its user.
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		os.Setenv(reexecVariable, err.Error())
		return false, 0
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()                      // owned by the loop below
	go func() { _ = owner.Serve(asked, owner.NewLocal()) }() // ends with asked
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it may have ended
		case <-ended:
			return true, exitCode(cmd.ProcessState)
		}
	}
}

// connectedPair is two ends of a connection, for this process and for one that it starts.
func connectedPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs"), nil
}

// unixConn is the connection that the file is, which it closes.
func unixConn(f *os.File) (*net.UnixConn, error) {
	defer f.Close() // FileConn has its own, which programs do not inherit
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := conn.(*net.UnixConn)
	if !ok {
		conn.Close()
		return nil, fmt.Errorf("lab: descriptor %s is no Unix socket", f.Name())
	}
	return u, nil
}

// Witness says who holds sockets and whose they are; in the second run of Reexec it is the first that looks, since it
// may look at more. It is to be called once, before other programs are started.
func Witness() owner.Witness {
	fd, err := strconv.Atoi(os.Getenv(ownersVariable))
	if err != nil {
		return owner.NewLocal()
	}
	os.Unsetenv(ownersVariable) // other programs do not have that descriptor
	// The wish to end with the first run is forgotten where the program's file has capabilities (prctl(2)).
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	conn, err := unixConn(os.NewFile(uintptr(fd), "owners"))
	if err != nil {
		return owner.NewLocal()
	}
	return owner.NewClient(conn)
}

// exitCode is what a shell would say of the process.
func exitCode(p *os.ProcessState) int {
	if w, ok := p.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return p.ExitCode()
}

// capable says whether the program may make network namespaces and devices itself.
func capable() bool {
	const need = 1<<unix.CAP_SYS_ADMIN | 1<<unix.CAP_NET_ADMIN
	effective, _ := capabilities()
	return effective&need == need
}

// capabilities are the first 32 that the program has, and may have; none if the kernel does not tell.
func capabilities() (effective, permitted uint32) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil {
		return 0, 0
	}
	return data[0].Effective, data[0].Permitted
}

// userNamespace says whether this is the second run; otherwise, why not.
func userNamespace() error {
	switch v := os.Getenv(reexecVariable); v {
	case reexecEntered:
		return nil
	case "":
		return fmt.Errorf("lab: the program does not run in a user namespace of its own")
	default:
		return fmt.Errorf("lab: the system refuses a user namespace: %s; %s", v, userNamespaceHint())
	}
}

// userNamespaceHint says what would allow user namespaces here, as far as the system tells what forbids them.
func userNamespaceHint() string {
	is := func(file, value string) bool {
		b, err := os.ReadFile(file)
		return err == nil && string(b) == value+"\n"
	}
	switch {
	case is("/proc/sys/user/max_user_namespaces", "0"):
		return "allow them with: sudo sysctl user.max_user_namespaces=10000"
	case is("/proc/sys/kernel/unprivileged_userns_clone", "0"): // Debian's kernels
		return "allow them with: sudo sysctl kernel.unprivileged_userns_clone=1"
	case is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"): // Ubuntu from 23.10 on
		return "allow them with: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
	}
	return "in a container, start it with --cap-add SYS_ADMIN --cap-add NET_ADMIN --device /dev/net/tun, or run the program as root"
}
