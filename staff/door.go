package staff

import (
	"net/netip"
	"time"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// door holds back who knocks too often: 5 sign-ins a minute for an account, 20
// for an address, successful or not.
type door struct {
	hashing   chan struct{} // a place for each password being hashed
	accounts  *web.Limiter
	addresses *web.Limiter
}

const (
	accountPerMinute = 5
	addressPerMinute = 20
)

func newDoor(clock func() time.Time) *door {
	return &door{hashing: make(chan struct{}, 2), accounts: web.NewLimiter(accountPerMinute, accountPerMinute, clock),
		addresses: web.NewLimiter(addressPerMinute, addressPerMinute, clock)}
}

// knock counts a try to sign in; too many are the fault busy "too_many_sign_ins"
// that returns when to come back. The address is asked first: so the number of
// remembered accounts stays bounded by that of addresses.
func (d *door) knock(login, address string) error {
	wait, ok := d.addresses.Allow(network(address))
	if ok {
		wait, ok = d.accounts.Allow(login)
	}
	if !ok {
		return fault.Busy("too_many_sign_ins", wait.Truncate(time.Second)+time.Second)
	}
	return nil
}

// network is what counts as one address: of IPv6 the /64 that a home is given.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
