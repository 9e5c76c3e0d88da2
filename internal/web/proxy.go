package web

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

// Proxies are the reverse proxies in front of the server, whose word for a client's address counts.
type Proxies struct {
	Networks []netip.Prefix
	// Header is where they write it: X-Forwarded-For, or Forwarded (RFC 7239). Only one is read: a proxy passes the
	// other one on as the client sent it.
	Header string
}

// The headers of Proxies.
const (
	XForwardedFor = "X-Forwarded-For"
	Forwarded     = "Forwarded"
)

// ParseProxies reads networks (192.0.2.0/24) and addresses. The fault invalid_input names the field, or
// forwarded-header.
func ParseProxies(field string, networks []string, header string) (Proxies, error) {
	p := Proxies{Header: header}
	if header != XForwardedFor && header != Forwarded {
		return p, fault.Invalid("forwarded-header", "unknown_value")
	}
	for _, text := range networks {
		text = strings.TrimSpace(text)
		network, err := netip.ParsePrefix(text)
		if err != nil {
			var one netip.Addr
			if one, err = netip.ParseAddr(text); err == nil {
				network = netip.PrefixFrom(one, one.BitLen())
			}
		}
		if err != nil {
			return p, fault.Invalid(field, "malformed").Because(err)
		}
		p.Networks = append(p.Networks, network.Masked())
	}
	return p, nil
}

// trusts reports whether an address is a proxy's.
func (p Proxies) trusts(address netip.Addr) bool {
	for _, n := range p.Networks {
		if n.Contains(address) {
			return true
		}
	}
	return false
}

// client returns the client's address: the last one of the chain that is no proxy's. What stands before it is the
// client's own word. An entry that is no address ends the chain at the proxy that wrote it.
func (p Proxies) client(peer netip.Addr, chain []string) netip.Addr {
	client := peer
	for i := len(chain) - 1; i >= 0 && p.trusts(client); i-- {
		before, ok := addressIn(chain[i])
		if !ok {
			break
		}
		client = before
	}
	return client
}

// addressIn reads one entry of a chain: an address, with a port too, an IPv6 one in brackets.
func addressIn(entry string) (netip.Addr, bool) {
	entry = strings.Trim(strings.TrimSpace(entry), `"`)
	if withPort, err := netip.ParseAddrPort(entry); err == nil {
		return withPort.Addr().Unmap(), true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]"))
	return address.Unmap(), err == nil
}

// chain returns the entries of the header in their order.
func (p Proxies) chain(c *fiber.Ctx) (chain []string) {
	for _, line := range c.Request().Header.PeekAll(p.Header) {
		for _, entry := range strings.Split(string(line), ",") {
			if p.Header == Forwarded {
				entry = forIn(entry)
			}
			chain = append(chain, entry)
		}
	}
	return chain
}

// forIn returns the value of "for" in an element of Forwarded; "" without one.
func forIn(element string) string {
	for _, pair := range strings.Split(element, ";") {
		name, value, _ := strings.Cut(pair, "=")
		if strings.EqualFold(strings.TrimSpace(name), "for") {
			return value
		}
	}
	return ""
}

// Address returns the address that the request comes from: the client's own behind trusted proxies, else that of the
// connection.
func (r *Request) Address() string {
	peer, err := netip.ParseAddr(r.C.Context().RemoteIP().String())
	if err != nil {
		return r.C.IP()
	}
	peer = peer.Unmap()
	proxies := r.server.opt.Proxies
	if !proxies.trusts(peer) {
		return peer.String()
	}
	return proxies.client(peer, proxies.chain(r.C)).WithZone("").String()
}
