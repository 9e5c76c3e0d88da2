//go:build !unix

package web

import "net"

// peekClosed is false where a connection cannot be looked at: the request's context then ends with its time.
func peekClosed(net.Conn) bool { return false }

// writeNow writes nothing: what waits is written by a goroutine of the stream.
func writeNow(uintptr, []byte) (int, error) { return 0, nil }
