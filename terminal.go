package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf8"

	"socketplayground/playground/demo"
)

// What this program prints contains texts of others: demo files, names of files, payloads. None of it may move a
// terminal's cursor, set its title or turn its letters round, and none may look like another line of the output.

// clean is a text as one line that only shows: what would do more is spelled as Go spells it in a string.
func clean(s string) string { return spelled(s, "") }

// spelled is clean that leaves some characters alone.
func spelled(s, allowed string) string {
	var b strings.Builder
	for rest := s; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		case demo.Hidden(r) && !strings.ContainsRune(allowed, r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	return b.String()
}

// cleaned is a writer that spells what a terminal would act on, but for ends of lines. It gets whole characters.
type cleaned struct{ to io.Writer }

func (c cleaned) Write(b []byte) (int, error) {
	if _, err := io.WriteString(c.to, spelled(string(b), "\n\t")); err != nil {
		return 0, err
	}
	return len(b), nil
}

// checked is a writer that remembers that something could not be written, and tries no more then.
type checked struct {
	to  io.Writer
	err error
}

func (c *checked) Write(b []byte) (int, error) {
	if c.err == nil {
		_, c.err = c.to.Write(b)
	}
	return len(b), c.err
}

// told runs f, which says things on stdout. Where they could not be written, that is said on stderr, and the exit code is
// that of a failure.
func told(stdout, stderr io.Writer, f func(stdout, stderr io.Writer) int) int {
	out, problems := &checked{to: stdout}, cleaned{stderr}
	code := f(out, problems)
	if out.err == nil {
		return code
	}
	fmt.Fprintf(problems, "socketplayground: %v\n", notWritten(out.err))
	return exitFailed
}

// help prints a text and the flags.
func help(flags *flag.FlagSet, text string, stdout io.Writer) int {
	fmt.Fprint(stdout, text)
	flags.SetOutput(stdout)
	flags.PrintDefaults()
	return exitOK
}

// notWritten says why, without the name that Go gives standard output.
func notWritten(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("write: %w", err)
}

// jsonLine is a value as one line of JSON in which nothing is hidden.
func jsonLine(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if !bytes.ContainsFunc(b, demo.Hidden) {
		return b, nil
	}
	var out []byte
	for _, r := range string(b) {
		if demo.Hidden(r) { // none lies beyond U+FFFF
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out, nil
}
