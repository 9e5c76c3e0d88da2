package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrPrivate refuses an address that is no one's on the Internet.
var ErrPrivate = errors.New("a private address: see --allow-private-hooks")

// Bounds of a request that we make: how long it may take, its headers, and how
// many idle connections one host keeps.
const (
	outgoingTimeout = 10 * time.Second
	maxHeader       = 32 << 10
	idlePerHost     = 8
)

// NewClient makes the client of all requests that we make: no redirects, no proxy (it would dial
// in our place), and no private addresses unless they are allowed. The address is
// judged after its name was looked up, at the very moment of the connection: a
// name that leads elsewhere a second later does not get around it.
func NewClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	if !private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			if !MayDial(to.Addr()) {
				return fmt.Errorf("%w (%s)", ErrPrivate, to.Addr())
			}
			return nil
		}
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    5 * time.Second,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			IdleConnTimeout:        30 * time.Second,
			MaxIdleConnsPerHost:    idlePerHost,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // what is cut short is what was sent
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       outgoingTimeout,
	}
}

// Unaddressed returns the error of a request without its address: the path of a
// webhook is its secret, and a query may hold a client's number.
func Unaddressed(err error) error {
	var in *url.Error
	for errors.As(err, &in) && in.Err != nil {
		err = in.Err
	}
	return err
}

// RetryAfter returns how long an answer asks us to wait, in seconds or until a date
// (RFC 9110, 10.2.3), and never longer than most. What is neither asks for nothing.
func RetryAfter(header http.Header, now time.Time, most time.Duration) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), most)
}

// Sleep waits, or ends with the error of the context.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// nobodys are the blocks that lead to no host of the Internet, besides those that
// net/netip knows: from the IANA special-purpose address registries (RFC 6890 and
// its updates). Those that hold an IPv4 address are judged by it, in MayDial.
var nobodys = prefixes(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carrier-grade NAT, and many a cloud's inside
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and the broadcast address
	"64:ff9b:1::/48",  // NAT64 of local use
	"100::/64",        // discard
	"2001::/23",       // protocol assignments, Teredo among them
	"2001:db8::/32",   // documentation
	"3fff::/20",       // documentation
	"5f00::/16",       // segment routing
	"fec0::/10",       // site-local, of old
)

// carriers are the blocks whose addresses lead to an IPv4 address within: where
// its four bytes begin.
var carriers = []struct {
	block netip.Prefix
	at    int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, // NAT64, RFC 6052
	{netip.MustParsePrefix("2002::/16"), 2},     // 6to4, RFC 3056
	{netip.MustParsePrefix("::/96"), 12},        // IPv4-compatible, RFC 4291
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// MayDial reports whether an address is a host of the Internet.
func MayDial(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() { // not unspecified, loopback, link-local, multicast, broadcast
		return false
	}
	for _, block := range nobodys {
		if block.Contains(ip) {
			return false
		}
	}
	for _, carrier := range carriers {
		if carrier.block.Contains(ip) {
			bytes := ip.As16()
			return MayDial(netip.AddrFrom4([4]byte(bytes[carrier.at : carrier.at+4])))
		}
	}
	return true
}
