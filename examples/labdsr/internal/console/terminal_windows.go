package console

import (
	"os"

	"golang.org/x/sys/windows"
)

// showsColours makes the terminal carry out escape sequences, and reports whether it does.
// Older ones show them.
func showsColours(file *os.File) bool {
	var mode uint32
	handle := windows.Handle(file.Fd())
	return windows.GetConsoleMode(handle, &mode) == nil &&
		windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
