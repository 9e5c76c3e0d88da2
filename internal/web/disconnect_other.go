//go:build !unix

package web

import "net"

// peekClosed is false where a connection cannot be looked at: the request's context then ends with its time.
func peekClosed(net.Conn) bool { return false }
