package web

import (
	"net"
	"time"
)

// disconnectEvery is how often a slow route looks whether its client is still connected.
const disconnectEvery = 100 * time.Millisecond

// statusClientClosed is what a request is counted as whose client has left before the answer; nginx uses it too.
const statusClientClosed = 499

// watchClient ends the request's context soon after its client disconnects: fasthttp itself notices that only when it
// writes the answer. It returns what ends the watch and reports whether the client has left.
func (r *Request) watchClient() (left func() bool) {
	conn := r.C.Context().Conn()
	end, gone := make(chan struct{}), false
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticks := time.NewTicker(disconnectEvery)
		defer ticks.Stop()
		for {
			select {
			case <-end:
				return
			case <-ticks.C:
			}
			if disconnected(conn) {
				gone = true
				r.ctx.end()
				return
			}
		}
	}()
	return func() bool {
		close(end)
		<-done
		return gone
	}
}

// disconnected reports whether the other side has closed the connection. Bytes that wait to be read, such as the next
// request, stay there.
func disconnected(conn net.Conn) bool { return conn != nil && peekClosed(conn) }
