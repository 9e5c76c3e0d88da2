package staff

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/patrickmn/go-cache"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// keyCache remembers for some seconds whose a session or token is. What was
// remembered before the last change of keys does not count.
type keyCache struct {
	users   *cache.Cache // kind and hash -> keyHolder; only of real keys, so it is bounded by them
	changes atomic.Uint64
}

type keyHolder struct {
	user  int64
	until time.Time // zero: for ever
	after uint64    // changes seen before it was read
}

func newKeyCache(tail *journal.Journal) *keyCache {
	k := &keyCache{users: cache.New(10*time.Second, 30*time.Second)}
	tail.Listen(func(list []journal.Entry) {
		if slices.ContainsFunc(list, func(e journal.Entry) bool {
			switch e.Verb {
			case UserChanged, PasswordSet, SignedOut, TokenRevoked:
				return true
			}
			return false
		}) {
			k.changes.Add(1)
		}
	})
	return k
}

// Who finds the user of an API token or, without one, of a session; it is web's
// Who. A secret that no one has is unauthorised: "token_wrong" or
// "session_over". The answer is shared: no one may change it.
func (r *Roster) Who(ctx context.Context, bearer, session string) (*access.User, error) {
	kind, secret, refused := sessionKey, session, "session_over"
	if bearer != "" {
		kind, secret, refused = tokenKey, bearer, "token_wrong"
	}
	hash := hashOf(secret)
	holder, err := r.keys.holder(r.db.Read(ctx), kind, hash)
	if errors.Is(err, store.ErrNone) {
		return nil, fault.Unauthorised(refused)
	}
	if err != nil {
		return nil, err
	}
	return r.signed(ctx, holder, refused)
}

func (k *keyCache) holder(tx *store.Tx, kind keyKind, hash string) (int64, error) {
	name, after := string(kind)+hash, k.changes.Load()
	if known, ok := k.users.Get(name); ok {
		h := known.(keyHolder)
		if h.after == after && (h.until.IsZero() || tx.Now().Before(h.until)) {
			return h.user, nil
		}
	}
	key, err := keyByHash(tx, kind, hash)
	if err != nil {
		return 0, err
	}
	k.users.SetDefault(name, keyHolder{key.UserID, store.Time(key.ExpiresAt), after})
	return key.UserID, nil
}

// signed returns a user as web knows him; a dismissed one is refused.
func (r *Roster) signed(ctx context.Context, id int64, refused string) (*access.User, error) {
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	if org.User(id) == nil {
		// Another process has just added him: his key is here before the journal
		// has told us of him.
		if org, err = r.OrgIn(r.db.Read(ctx)); err != nil {
			return nil, err
		}
	}
	if u := org.User(id); u == nil || !u.Active {
		return nil, fault.Unauthorised(refused)
	}
	return org.signed[id], nil
}
