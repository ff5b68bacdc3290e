package playground_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"socketplayground/playground"
)

// TestShellOfAnEcho: the shell programs of an echo print what comes back, also where the FIN follows at once: ncat --exec
// before its version 7.96 loses that (nmap/nmap#962), and Debian 12 has 7.93.
func TestShellOfAnEcho(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", ":0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			s := open(t)
			l, _ := s.listen(playground.Listen{Address: address, Behavior: playground.BehaviorEcho})
			c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
			s.write(c, "over and back\n")
			if e := s.read(c); string(e.Data) != "over and back\n" {
				t.Fatalf("Read gave %q", e.Data)
			}
			s.returned(s.do(&playground.CloseWrite{Socket: c}).Calls[0])
			files := s.do(&playground.Programs{Language: "shell"}).Files
			s.do(&playground.Close{All: true})
			s.inState(l, playground.StateClosed)

			ctx, cancel := context.WithTimeout(s.ctx, patience)
			defer cancel()
			server := exec.CommandContext(ctx, "bash", "-c", scriptOf(t, files, "server"))
			server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // socat forks
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				_ = syscall.Kill(-server.Process.Pid, syscall.SIGKILL)
				_ = server.Wait()
			}()
			client := scriptOf(t, files, "client")
			var got []byte
			eventually(t, "the client prints what comes back", func() error {
				var out, complaints bytes.Buffer
				cmd := exec.CommandContext(ctx, "bash", "-c", client)
				cmd.Stdout, cmd.Stderr = &out, &complaints
				if err := cmd.Run(); err != nil && strings.Contains(complaints.String(), "refused") {
					return err // the server does not listen yet
				}
				got = out.Bytes()
				return nil
			})
			if string(got) != "over and back\n" {
				t.Errorf("the client printed %q", got)
			}
		})
	}
}

// scriptOf is the text of a host's program.
func scriptOf(t *testing.T, files []playground.CodeFile, host string) string {
	t.Helper()
	for _, f := range files {
		if f.Host != host {
			continue
		}
		var b strings.Builder
		for _, l := range f.Lines {
			for _, token := range l.Tokens {
				b.WriteString(token[1])
			}
			b.WriteByte('\n')
		}
		return b.String()
	}
	t.Fatalf("there is no program of the %s", host)
	return ""
}
