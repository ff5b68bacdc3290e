// Package enter lets a program be started in a terminal and run inside a host of a Lab: its standard streams and its
// exit code are the terminal's, its sockets are the host's.
//
//	socketplayground exec -host client -- curl http://192.0.2.2:8330/
//
// The one who types that (Exec) and the running playground (Server) meet at a Unix socket. Exec hands over the command,
// the environment, the working directory and its descriptors 0, 1 and 2 (SCM_RIGHTS, unix(7)); the playground starts
// the command with them and answers with its exit code. Signals that reach Exec are sent on.
//
// Only the playground's own user is let in: the socket lies in a directory of mode 0700, and a Judge says who connects.
//
// The command runs in a session without a controlling terminal: it reads and writes the terminal, but job control
// (Ctrl+Z, bash's fg and bg) and /dev/tty do not work in it.
//
// Messages are JSON, one a line:
//
//	→ request, with the three descriptors; then any number of {"signal":2}
//	← {"started":PID}, then {"exit":CODE}; or {"exit":CODE,"error":"one sentence"}
//
// A command ends with its client, with the server, and with the place that it runs in; what it leaves behind in its
// process group ends with it.
package enter

import (
	"context"
	"os"
	"os/exec"
	"time"
)

// Exit codes beside the command's own, as of env(1) and the shell.
const (
	ExitRefused       = 125 // by the playground, or by Exec itself
	ExitCannotExecute = 126
	ExitNotFound      = 127
	ExitSignal        = 128 // and the number of the signal that ended the command
)

const (
	// MaxClients is how many commands run at once.
	MaxClients = 32
	// MaxRequest bounds a request: Linux gives arguments and environment 2 MiB together (execve(2)), and base64
	// makes them a third longer.
	MaxRequest = 4 << 20
	// maxMessage bounds every later message.
	maxMessage = 4 << 10
	// requestTime is how long a client may take for its request.
	requestTime = 5 * time.Second
	// killTime is how long a command may take to end after SIGHUP, before SIGKILL.
	killTime = time.Second
)

// Judge says what the kernel knows of whom a descriptor leads to: the other end of a Unix connection, or the owner of a
// directory. It is nil if that is the user who runs this program, and an error if it is another or nobody can tell.
type Judge func(fd uintptr) error

// Request is what a client asks for.
type Request struct {
	Host    string   // "client" or "server"; empty: the playground chooses
	Session uint64   // the session's number; 0: the playground chooses
	Path    string   // of the program: absolute
	Args    []string // the program's name first
	Env     []string
	Dir     string
}

// Start starts a command in the place that a request names. The command's SysProcAttr already asks for a session of
// its own, which must stay; the error is shown to the person as it is.
type Start func(ctx context.Context, r Request, cmd *exec.Cmd) (Run, error)

// Run is a command that has been started.
type Run struct {
	Gone <-chan struct{} // closed when the place goes: the command is ended
	Done func()          // called when the command has ended
}

// Command is what Exec has run.
type Command struct {
	Host                  string
	Session               uint64
	Args                  []string // the program first; it is looked for in PATH
	Stdin, Stdout, Stderr *os.File
}
