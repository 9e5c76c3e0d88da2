package staff

import (
	"net/netip"
	"sync"
	"time"

	"github.com/patrickmn/go-cache"
	"golang.org/x/time/rate"

	"callhue/fault"
)

// door holds back who knocks too often: 5 sign-ins a minute for an account, 20
// for an address, successful or not.
type door struct {
	hashing   chan struct{} // a place for each password being hashed
	mu        sync.Mutex
	accounts  *cache.Cache // *rate.Limiter; forgotten when nobody knocked for a while
	addresses *cache.Cache
}

const (
	accountPerMinute = 5
	addressPerMinute = 20
)

func newDoor() *door {
	const forget = 2 * time.Minute // by then a limiter is full again
	return &door{hashing: make(chan struct{}, 2), accounts: cache.New(forget, forget), addresses: cache.New(forget, forget)}
}

// knock counts a try to sign in; too many are the fault busy "too_many_sign_ins"
// that says when to come back. The address is asked first: so the number of
// remembered accounts stays bounded by that of addresses.
func (d *door) knock(now time.Time, login, address string) error {
	if err := d.pass(d.addresses, network(address), addressPerMinute, now); err != nil {
		return err
	}
	return d.pass(d.accounts, login, accountPerMinute, now)
}

func (d *door) pass(limiters *cache.Cache, key string, perMinute int, now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	limiter := rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)
	if known, ok := limiters.Get(key); ok {
		limiter = known.(*rate.Limiter)
	}
	limiters.SetDefault(key, limiter)
	try := limiter.ReserveN(now, 1)
	if wait := try.DelayFrom(now); wait > 0 {
		try.CancelAt(now)
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
