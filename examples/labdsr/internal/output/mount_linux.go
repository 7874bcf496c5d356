package output

import "golang.org/x/sys/unix"

// isMount reports whether a file or folder is where something is mounted. What is mounted
// there may be on the same device, so that only the system knows.
func isMount(path string) (bool, error) {
	var stat unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT, 0, &stat)
	if err == nil && stat.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return stat.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, nil
	}
	return isOtherDevice(path) // before Linux 5.8
}
