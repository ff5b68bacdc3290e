package enter

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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
func Path(port uint16) (string, error) {
	dir := Directory()
	path := filepath.Join(dir, strconv.Itoa(int(port))+".sock")
	if !filepath.IsAbs(dir) || len(path) > maxPath {
		return "", fmt.Errorf("%s is no name for a socket; set %s to a short absolute directory", path, DirectoryVariable)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return "", fmt.Errorf("the directory for the socket of exec cannot be made; set %s to another: %w", DirectoryVariable, err)
	}
	info, err := os.Lstat(dir) // itself, not what a link leads to
	if err != nil {
		return "", fmt.Errorf("the directory for the socket of exec cannot be looked at: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !owned(info) {
		return "", fmt.Errorf("%s must be a directory of your own with mode 0700, and no link; remove it, or set %s to another",
			dir, DirectoryVariable)
	}
	return path, nil
}
