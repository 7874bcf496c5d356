//go:build !windows

package console

import "os"

// showsColours reports whether the terminal carries out escape sequences.
func showsColours(*os.File) bool { return true }
