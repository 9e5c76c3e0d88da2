package web

import (
	"net"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestWhereARequestComesFrom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, peer, header string
		lines             []string
		want              string
	}{
		{"no proxy", "203.0.113.9", XForwardedFor, nil, "203.0.113.9"},
		{"a stranger's word", "203.0.113.9", XForwardedFor, []string{"198.51.100.1"}, "203.0.113.9"},
		{"one proxy", "10.0.0.1", XForwardedFor, []string{"198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1", XForwardedFor, []string{"198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		{"in two lines", "10.0.0.1", XForwardedFor, []string{"198.51.100.1", "10.9.9.9"}, "198.51.100.1"},
		{"the client's own word", "10.0.0.1", XForwardedFor, []string{"127.0.0.1, 198.51.100.1"}, "198.51.100.1"},
		{"proxies alone", "10.0.0.1", XForwardedFor, []string{"10.2.2.2, 10.9.9.9"}, "10.2.2.2"},
		{"an entry that is none", "10.0.0.1", XForwardedFor, []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"nothing", "10.0.0.1", XForwardedFor, []string{""}, "10.0.0.1"},
		{"with a port", "10.0.0.1", XForwardedFor, []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"IPv6", "10.0.0.1", XForwardedFor, []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 with a port", "10.0.0.1", XForwardedFor, []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{"IPv4 written as IPv6", "::ffff:10.0.0.1", XForwardedFor, []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"the other header does not count", "10.0.0.1", Forwarded, nil, "10.0.0.1"},
		{"Forwarded", "10.0.0.1", Forwarded, []string{`for=198.51.100.1;proto=https, For="10.9.9.9:80"`},
			"198.51.100.1"},
		{"Forwarded, IPv6", "10.0.0.1", Forwarded, []string{`proto=https;for="[2001:db8::1]:4711"`}, "2001:db8::1"},
		{"Forwarded, hidden", "10.0.0.1", Forwarded, []string{`for=_secret`}, "10.0.0.1"},
	} {
		proxies, err := ParseProxies("trusted-proxies", []string{"10.0.0.0/8", " 127.0.0.1"}, c.header)
		if err != nil {
			t.Fatal(err)
		}
		app := fiber.New()
		var ctx fasthttp.RequestCtx
		ctx.Init(&fasthttp.Request{}, addressOf(c.peer), nil)
		ctx.Request.Header.Set(XForwardedFor, "192.0.2.99")
		ctx.Request.Header.Del(c.header)
		for _, line := range c.lines {
			ctx.Request.Header.Add(c.header, line)
		}
		r := &Request{C: app.AcquireCtx(&ctx), server: &Server{opt: Options{Proxies: proxies}}}
		if got := r.Address(); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
	for _, wrong := range []string{"10.0.0.0/33", "proxy.example", ""} {
		if _, err := ParseProxies("trusted-proxies", []string{wrong}, XForwardedFor); err == nil {
			t.Errorf("%q is no network", wrong)
		}
	}
}

func addressOf(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 1} }
