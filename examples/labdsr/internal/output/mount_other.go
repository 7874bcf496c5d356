//go:build unix && !linux

package output

// isMount reports whether a file or folder is where something is mounted.
func isMount(path string) (bool, error) { return isOtherDevice(path) }
