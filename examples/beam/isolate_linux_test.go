package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// inside says that this process is in a network of its own.
const inside = "BEAM_TEST_INSIDE"

// isolate runs the tests again in a network of their own, in which there is nothing but the
// loopback address, and returns the exit status. Prism listens there at first on all
// addresses.
func isolate() (status int, done bool) {
	if os.Getenv(inside) != "" {
		if err := loopbackUp(); err != nil {
			isolated = "no loopback address: " + err.Error()
		}
		return 0, false
	}
	for _, flags := range []uintptr{syscall.CLONE_NEWNET, syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER} {
		c := exec.Command("/proc/self/exe", os.Args[1:]...)
		c.Args[0] = os.Args[0]
		c.Env = append(os.Environ(), inside+"=1")
		c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
		c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: syscall.SIGKILL}
		if flags&syscall.CLONE_NEWUSER != 0 {
			c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
			c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
		}
		err := c.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return max(1, exit.ExitCode()), true
		}
		if err == nil {
			return 0, true
		}
		isolated = fmt.Sprint("no network of the tests' own: ", err)
	}
	return 0, false
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	return errors.Join(unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request), unix.Close(fd))
}
