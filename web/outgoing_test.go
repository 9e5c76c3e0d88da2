package web

import (
	"net/netip"
	"testing"
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
		if MayDial(ip) && (plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || plain.IsMulticast() || plain.IsUnspecified()) {
			t.Errorf("%s may be dialled", ip)
		}
	})
}
