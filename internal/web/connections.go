package web

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
)

// connections bounds what is connected: in all, so that the process keeps files for its database, and by address. When
// the bound is reached, a connection that has no request under way makes room for the new one, of the address that has
// the most of them.
type connections struct {
	most       int // in all
	perAddress int
	proxies    Proxies // whose connections are many people's
	now        func() time.Time

	closed, refused prometheus.Counter

	mu        sync.Mutex
	all       map[*connection]struct{}
	byAddress map[netip.Addr]int
}

// Files that are not for connections.
const (
	filesKept      = 64 // at least
	filesKeptShare = 8  // and an eighth
	mostEver       = 1 << 16
)

func newConnections(files int, proxies Proxies, now func() time.Time, metrics prometheus.Registerer) *connections {
	most := min(mostEver, max(1, files-max(filesKept, files/filesKeptShare)))
	c := &connections{most: most, proxies: proxies, now: now,
		all: map[*connection]struct{}{}, byAddress: map[netip.Addr]int{}}
	c.perAddress = max(1, c.most/2)
	outcomes := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "callhue_connections_ended_total",
		Help: "Connections ended for want of room by reason: idle (made room for a new one), refused (no room)."},
		[]string{"reason"})
	metrics.MustRegister(outcomes)
	c.closed, c.refused = outcomes.WithLabelValues("idle"), outcomes.WithLabelValues("refused")
	return c
}

// connection is one client's.
type connection struct {
	net.Conn
	table   *connections
	address netip.Addr
	once    sync.Once

	working atomic.Bool  // a whole request is being answered, or the connection is a stream
	since   atomic.Int64 // when it was accepted, or its last request ended; ns
}

// Close closes the connection and forgets it.
func (c *connection) Close() error {
	c.once.Do(func() { c.table.remove(c) })
	return c.Conn.Close()
}

// SyscallConn is how disconnected looks at the socket.
func (c *connection) SyscallConn() (syscall.RawConn, error) {
	if socket, ok := c.Conn.(syscall.Conn); ok {
		return socket.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// boundedListener accepts connections into a table.
type boundedListener struct {
	net.Listener
	table *connections
}

// The time that a listener waits for files, doubled each time.
const (
	shortestPause = 5 * time.Millisecond
	longestPause  = 200 * time.Millisecond
)

// Accept returns the next connection that there is room for. That the process or the machine has run out of files is no
// fault: it waits for them. fasthttp would end the server.
func (l boundedListener) Accept() (net.Conn, error) {
	pause := shortestPause
	for {
		conn, err := l.Listener.Accept()
		if isShortage(err) {
			l.table.makeRoom(netip.Addr{})
			time.Sleep(pause)
			pause = min(2*pause, longestPause)
			continue
		}
		if err != nil {
			return nil, err
		}
		if c := l.table.add(conn); c != nil {
			return c, nil
		}
		_ = conn.Close()
	}
}

// isShortage reports whether an error of accept passes by itself (accept(2)).
func isShortage(err error) bool {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return false
	}
	switch number {
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED:
		return true
	}
	return false
}

// add returns a new connection, nil where there is no room for it.
func (t *connections) add(conn net.Conn) *connection {
	c := &connection{Conn: conn, table: t, address: addressOfConn(conn)}
	c.since.Store(t.now().UnixNano())
	t.mu.Lock()
	full, fullAddress := len(t.all) >= t.most, !t.proxies.trusts(c.address) && t.byAddress[c.address] >= t.perAddress
	t.mu.Unlock()
	if fullAddress && !t.makeRoom(c.address) || !fullAddress && full && !t.makeRoom(netip.Addr{}) {
		t.refused.Inc()
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all[c] = struct{}{}
	t.byAddress[c.address]++
	return c
}

// makeRoom closes a connection without a request, of an address where one is given; it reports whether there was one.
func (t *connections) makeRoom(of netip.Addr) bool {
	t.mu.Lock()
	var victim *connection
	for c := range t.all {
		if !c.working.Load() && (!of.IsValid() || c.address == of) && (victim == nil || t.before(c, victim)) {
			victim = c
		}
	}
	t.mu.Unlock()
	if victim == nil {
		return false
	}
	t.closed.Inc()
	_ = victim.Close()
	return true
}

// before reports whether a connection goes before another one: first those of the address that has most, then the one
// that has waited longest.
func (t *connections) before(c, other *connection) bool {
	if mine, theirs := t.byAddress[c.address], t.byAddress[other.address]; mine != theirs {
		return mine > theirs
	}
	return c.since.Load() < other.since.Load()
}

func (t *connections) remove(c *connection) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, c)
	if t.byAddress[c.address]--; t.byAddress[c.address] <= 0 {
		delete(t.byAddress, c.address)
	}
}

// begin marks the connection of a request that has been read: it is not closed for want of room.
func (t *connections) begin(c *fiber.Ctx) error {
	if conn, ours := c.Context().Conn().(*connection); ours {
		conn.working.Store(true)
	}
	return c.Next()
}

// follow is fasthttp's hook: a connection whose request was answered may be closed again.
func (t *connections) follow(conn net.Conn, state fasthttp.ConnState) {
	if c, ours := conn.(*connection); ours && state == fasthttp.StateIdle {
		c.since.Store(t.now().UnixNano())
		c.working.Store(false)
	}
}

func addressOfConn(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}
