package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// marker is the name of a file in every folder that the program made.
const marker = "made-by-labdsr-quickstart.txt"

const markerText = "This folder was made by labdsr's quickstart, which replaces it when it runs again.\n"

// An output is a folder that appears whole or not at all. Files are written into a
// temporary folder beside it, which is renamed at the end.
type output struct {
	path string // of the folder
	temp string // of the temporary folder
}

// newOutput begins an output. It refuses a path that exists, unless the program
// made what is there.
func newOutput(path string) (*output, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	switch _, err := os.Lstat(path); {
	case err == nil:
		info, err := os.Stat(filepath.Join(path, marker))
		if err != nil || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s exists and was not made by this program; choose another folder with -out", path)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(path), ".labdsr-quickstart-*")
	if err != nil {
		return nil, err
	}
	o := &output{path, temp}
	if err := os.WriteFile(filepath.Join(temp, marker), []byte(markerText), 0o600); err != nil {
		o.discard()
		return nil, err
	}
	return o, nil
}

// create creates a file in the folder. Its name is a path with slashes.
func (o *output) create(name string) (*os.File, error) {
	file := filepath.Join(o.temp, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// write writes a file in the folder.
func (o *output) write(name string, data []byte) error {
	f, err := o.create(name)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// open opens a file in the folder.
func (o *output) open(name string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(o.temp, filepath.FromSlash(name)))
}

// commit gives the folder its name. It replaces an earlier output.
func (o *output) commit() error {
	old := o.temp + "-old"
	err := os.Rename(o.path, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	replaced := err == nil
	if err := os.Rename(o.temp, o.path); err != nil {
		if replaced {
			return errors.Join(err, os.Rename(old, o.path))
		}
		return err
	}
	return os.RemoveAll(old)
}

// discard removes what was written, unless it was committed.
func (o *output) discard() { _ = os.RemoveAll(o.temp) }
