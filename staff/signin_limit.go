package staff

import (
	"net/netip"
	"time"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// signInLimits bounds how often a sign-in may fail: 5 times a minute for an account, 20 for an address. People whose
// password is right spend nothing, so an office behind one address signs in as fast as it likes.
type signInLimits struct {
	accounts  *web.Limiter
	addresses *web.Limiter
	entries   *web.Limiter // entries in the journal about refused tries, by address
}

const (
	accountPerMinute = 5
	addressPerMinute = 20
)

func newSignInLimits(clock func() time.Time) *signInLimits {
	return &signInLimits{
		accounts:  web.NewLimiter(accountPerMinute, accountPerMinute, clock),
		addresses: web.NewLimiter(addressPerMinute, addressPerMinute, clock),
		entries:   web.NewLimiter(1, 1, clock),
	}
}

// take counts a try before its password is checked: tries at the same moment share the limit. Too many are the fault
// busy "too_many_sign_ins" with the time to wait. The address comes first: the number of remembered accounts stays
// bounded by that of addresses.
func (l *signInLimits) take(login, address string) error {
	wait, ok := l.addresses.Allow(network(address))
	if ok {
		wait, ok = l.accounts.Allow(login)
	}
	if !ok {
		return fault.Busy("too_many_sign_ins", wait.Truncate(time.Second)+time.Second)
	}
	return nil
}

// giveBack uncounts a try whose password was right.
func (l *signInLimits) giveBack(login, address string) {
	l.addresses.GiveBack(network(address))
	l.accounts.GiveBack(login)
}

// network returns what counts as one address: of IPv6 the /64 that a home gets.
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
