//go:build unix

package web

import (
	"errors"
	"net"
	"syscall"
)

// peekClosed looks at the next byte of the connection without taking it.
func peekClosed(conn net.Conn) bool {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true
	}
	var n int
	var peek error
	err = raw.Control(func(fd uintptr) {
		var next [1]byte
		n, _, peek = syscall.Recvfrom(int(fd), next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	if err != nil {
		return true
	}
	if peek != nil {
		return !errors.Is(peek, syscall.EAGAIN) && !errors.Is(peek, syscall.EINTR)
	}
	return n == 0
}

// writeNow writes as much as a socket takes without waiting, perhaps nothing.
func writeNow(fd uintptr, data []byte) (int, error) {
	n, err := syscall.Write(int(fd), data)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return 0, nil
	}
	return 0, err
}
