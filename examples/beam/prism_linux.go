package main

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// rebind makes the socket of this process that listens on a port listen on the loopback
// address alone. Connections that are waiting are dropped. Nothing must take connections
// from it yet.
func rebind(port string) error {
	want, err := strconv.Atoi(port)
	if err != nil {
		return errEverywhere
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return errEverywhere
	}
	found := 0
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if listening, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err != nil || listening == 0 {
			continue
		}
		at, err := unix.Getsockname(fd)
		if err != nil {
			continue
		}
		var loopback unix.Sockaddr
		switch a := at.(type) {
		case *unix.SockaddrInet4:
			if a.Port != want {
				continue
			}
			loopback = &unix.SockaddrInet4{Port: want, Addr: [4]byte{127, 0, 0, 1}}
		case *unix.SockaddrInet6: // of both families
			if a.Port != want {
				continue
			}
			loopback = &unix.SockaddrInet6{Port: want, Addr: [16]byte{10: 0xff, 11: 0xff, 12: 127, 15: 1}}
		default:
			continue
		}
		found++
		// A socket that is shut down forgets its address and what waits; then it is as new.
		if err := errors.Join(unix.Shutdown(fd, unix.SHUT_RDWR), unix.Bind(fd, loopback), unix.Listen(fd, unix.SOMAXCONN)); err != nil {
			return errors.Join(errEverywhere, err)
		}
	}
	if found != 1 {
		return errEverywhere
	}
	return nil
}
