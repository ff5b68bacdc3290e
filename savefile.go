package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// savedFile is a file that is to be written later, as a whole: what stood there before stays until all of the new is on
// the disk. That it can be written is known when it is opened.
type savedFile struct {
	path string   // without symbolic links
	file *os.File // what is written: a temporary file beside path, or path itself
	temp string   // the temporary file's name; empty: there is none
}

// openSaved prepares to write a file. A device or a pipe is written as it is, and so is a file in a directory that takes no
// other one.
func openSaved(name string) (*savedFile, error) {
	path, err := withoutLinks(name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	s := &savedFile{path: path}
	if err == nil {
		for _, std := range []*os.File{os.Stdout, os.Stderr} { // /dev/stdout
			if opened, err := std.Stat(); err == nil && os.SameFile(info, opened) {
				s.file = std
				return s, nil
			}
		}
		// Who may not write to it may not put another in its place.
		if s.file, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return s, nil
		}
	}
	temp, err := createBeside(path)
	switch {
	case err != nil && s.file == nil:
		return nil, &fs.PathError{Op: "create", Path: name, Err: errors.Unwrap(err)}
	case err != nil:
		return s, nil
	case s.file != nil:
		_ = s.file.Close() // nothing was written
		takeAfter(temp, info)
	}
	s.file, s.temp = temp, temp.Name()
	return s, nil
}

// reason is an error without the name of the temporary file, which nobody gave.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Op, path.Err)
	}
	return err
}

// maxLinks is how many symbolic links may follow one another, as for Linux (path_resolution(7)).
const maxLinks = 40

// withoutLinks follows symbolic links, the last one too if it points at a file that is not there yet.
func withoutLinks(name string) (string, error) {
	path := name
	for range maxLinks {
		to, err := os.Readlink(path)
		if err != nil { // it is none
			return path, nil
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrPermission) { // another user's link in a directory of everybody's: protected_symlinks, proc(5)
			return "", err
		}
		if err == nil && !info.Mode().IsRegular() {
			return path, nil // a device, or a pipe behind /proc/self/fd, which has no path
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", &fs.PathError{Op: "open", Path: name, Err: errors.New("too many symbolic links")}
}

// createBeside makes a temporary file in the directory of path. Its permissions are those of any new file.
func createBeside(path string) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".socketplayground-%08x.tmp", rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// save writes the file.
func (s *savedFile) save(write func(io.Writer) error) (err error) {
	defer s.abandon()
	if err := s.fill(write); err != nil {
		return fmt.Errorf("%s is not written: %w", s.path, err)
	}
	return nil
}

func (s *savedFile) fill(write func(io.Writer) error) error {
	if s.temp == "" {
		return s.overwrite(write)
	}
	if err := write(s.file); err != nil {
		return reason(err)
	}
	if err := s.file.Sync(); err != nil {
		return reason(err)
	}
	if err := os.Rename(s.temp, s.path); err != nil {
		return s.copyOver() // it is mounted there, as files are in containers
	}
	s.temp = ""
	return nil
}

// copyOver writes what is in the temporary file to the file that cannot be replaced.
func (s *savedFile) copyOver() error {
	from, err := os.Open(s.temp)
	if err != nil {
		return reason(err)
	}
	defer from.Close()
	to, err := os.OpenFile(s.path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return reason(err)
	}
	_, err = io.Copy(to, from)
	if closed := to.Close(); err == nil {
		err = closed
	}
	return reason(err)
}

// overwrite writes to what cannot be replaced.
func (s *savedFile) overwrite(write func(io.Writer) error) error {
	if info, err := s.file.Stat(); err == nil && info.Mode().IsRegular() && s.file != os.Stdout && s.file != os.Stderr {
		if err := s.file.Truncate(0); err != nil {
			return reason(err)
		}
	}
	return reason(write(s.file))
}

// abandon lets go of a file that is not to be written.
func (s *savedFile) abandon() {
	if s == nil {
		return
	}
	if s.file != os.Stdout && s.file != os.Stderr {
		_ = s.file.Close() // synchronised where it matters, or not wanted
	}
	if s.temp != "" {
		_ = os.Remove(s.temp)
	}
}
