//go:build !linux && !darwin

package output

func renameNew(string, string) error { return errCannot }

func exchange(string, string) error { return errCannot }
