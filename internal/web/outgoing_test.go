package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestWhereRequestsMayGo(t *testing.T) {
	for _, c := range []struct {
		why, address string
		may          bool
	}{
		{"a host of the Internet", "8.8.8.8", true},
		{"the last before 10/8", "9.255.255.255", true},
		{"RFC 1918", "10.0.0.1", false},
		{"RFC 1918", "172.16.0.1", false},
		{"RFC 1918, its end", "172.31.255.255", false},
		{"just behind it", "172.32.0.1", true},
		{"RFC 1918", "192.168.1.1", false},
		{"this machine", "127.0.0.1", false},
		{"this machine, its end", "127.255.255.254", false},
		{"this network", "0.0.0.0", false},
		{"this network", "0.1.2.3", false},
		{"the metadata of a cloud", "169.254.169.254", false},
		{"carrier-grade NAT", "100.64.0.1", false},
		{"just behind it", "100.128.0.1", true},
		{"protocol assignments", "192.0.0.8", false},
		{"documentation", "192.0.2.1", false},
		{"documentation", "198.51.100.7", false},
		{"documentation", "203.0.113.9", false},
		{"benchmarks", "198.19.255.255", false},
		{"multicast", "224.0.0.1", false},
		{"reserved", "240.0.0.1", false},
		{"broadcast", "255.255.255.255", false},
		{"a host of the Internet", "2606:4700:4700::1111", true},
		{"unspecified", "::", false},
		{"this machine", "::1", false},
		{"link-local", "fe80::1", false},
		{"link-local with a zone", "fe80::1%eth0", false},
		{"unique local", "fd00::1", false},
		{"site-local of old", "fec0::1", false},
		{"multicast", "ff02::1", false},
		{"documentation", "2001:db8::1", false},
		{"Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2", false},
		{"mapped loopback", "::ffff:127.0.0.1", false},
		{"mapped private", "::ffff:10.0.0.1", false},
		{"mapped host of the Internet", "::ffff:8.8.8.8", true},
		{"IPv4-compatible loopback", "::7f00:1", false},
		{"NAT64 to a cloud's metadata", "64:ff9b::a9fe:a9fe", false},
		{"NAT64 to a private host", "64:ff9b::10.0.0.1", false},
		{"NAT64 to a host of the Internet", "64:ff9b::808:808", true},
		{"NAT64 of local use", "64:ff9b:1::808:808", false},
		{"6to4 of a private host", "2002:c0a8:101::1", false},
		{"6to4 of a host of the Internet", "2002:808:808::1", true},
		{"discard", "100::1", false},
	} {
		if got := MayDial(netip.MustParseAddr(c.address)); got != c.may {
			t.Errorf("%s %s: %v", c.why, c.address, got)
		}
	}
}

func FuzzMayDial(f *testing.F) {
	for _, seed := range []string{"127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "8.8.8.8"} {
		ip := netip.MustParseAddr(seed).As16()
		f.Add(ip[:])
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) != 16 {
			return
		}
		ip := netip.AddrFrom16([16]byte(raw))
		plain := ip.Unmap()
		if MayDial(ip) != MayDial(plain) {
			t.Errorf("%s is judged otherwise than %s", ip, plain)
		}
		if MayDial(ip) && (plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() ||
			plain.IsMulticast() || plain.IsUnspecified()) {
			t.Errorf("%s may be dialled", ip)
		}
	})
}

// TestNoErrorShowsWhereItWent makes a request that no one answers, of an address
// with a secret in it.
func TestNoErrorShowsWhereItWent(t *testing.T) {
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	_, err := NewClient(true).Get(nobody.URL + "/rest/1/SECRET/?number=74950000011")
	if err == nil || !strings.Contains(err.Error(), "SECRET") {
		t.Fatalf("%v: this test proves nothing", err)
	}
	for why, err := range map[string]error{"as it comes": err, "wrapped": fmt.Errorf("asking: %w", err),
		"twice": &url.Error{Op: "Get", URL: "/SECRET", Err: err}} {
		if said := Unaddressed(err).Error(); strings.Contains(said, "SECRET") || strings.Contains(said, "7495") ||
			!strings.Contains(said, "refused") {
			t.Errorf("%s: %s", why, said)
		}
	}
	if _, err := NewClient(false).Get(nobody.URL); !errors.Is(Unaddressed(err), ErrPrivate) {
		t.Errorf("why it was refused is lost: %v", err)
	}
	if plain := errors.New("half of an answer"); Unaddressed(plain) != plain {
		t.Error("an error without an address is another one")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "0": 0, "-5": 0, "soon": 0, "1.5": 0, "99999999999": 0,
		"86400": time.Hour, "Thu, 12 Mar 2026 09:01:00 GMT": time.Minute, "Thu, 12 Mar 2026 08:00:00 GMT": 0,
		"Thu, 12 Mar 2027 09:00:00 GMT": time.Hour,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}}, now, time.Hour); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestSleepEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	for _, d := range []time.Duration{-time.Second, 0, time.Millisecond} {
		if err := Sleep(ctx, d); err != nil {
			t.Errorf("%v: %v", d, err)
		}
	}
	time.AfterFunc(time.Millisecond, cancel)
	if err := Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := Sleep(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}
