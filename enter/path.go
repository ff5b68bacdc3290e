package enter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// DirectoryVariable names the directory of the sockets, in place of the usual one.
const DirectoryVariable = "SOCKETPLAYGROUND_DIRECTORY"

// maxPath is the longest name of a Unix socket (sun_path, unix(7)); macOS has 104 bytes, Linux 108.
const maxPath = 103

// Directory is where the sockets of this user's playgrounds lie. It is not made.
func Directory() string {
	if dir := os.Getenv(DirectoryVariable); dir != "" {
		return dir
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "socketplayground")
	}
	return filepath.Join(os.TempDir(), "socketplayground-"+strconv.Itoa(os.Getuid()))
}

// Path is the socket of the playground that serves its page on the port. It makes the directory where there is
// none, and refuses one that another user could have made or can change.
func Path(port uint16, mine Judge) (string, error) {
	dir := Directory()
	path := filepath.Join(dir, strconv.Itoa(int(port))+".sock")
	if !filepath.IsAbs(dir) || len(path) > maxPath {
		return "", fmt.Errorf("%s is no name for a socket; set %s to a short absolute directory", path, DirectoryVariable)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return "", fmt.Errorf("the directory for the socket of exec cannot be made; set %s to another: %w", DirectoryVariable, err)
	}
	if err := private(dir, mine); err != nil {
		return "", fmt.Errorf("%s must be a directory of your own with mode 0700, and no link; remove it, or set %s to another: %w",
			dir, DirectoryVariable, err)
	}
	return path, nil
}

// private says whether it is a directory that is this user's alone. What is looked at is what was opened.
func private(dir string, mine Judge) error {
	entry, err := os.Lstat(dir) // itself, not what a link leads to
	if err != nil {
		return err
	}
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a FIFO in its place is not waited for
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !entry.IsDir() || !os.SameFile(entry, info):
		return errors.New("it is none")
	case info.Mode().Perm() != 0o700:
		return fmt.Errorf("its mode is %04o", info.Mode().Perm())
	}
	return mine(f.Fd())
}
