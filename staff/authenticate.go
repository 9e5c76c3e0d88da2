package staff

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/patrickmn/go-cache"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

const (
	keyFresh = 10 * time.Second // within it the database is not asked again
	keyKept  = 5 * time.Minute  // within it a key counts on while the database does not answer
	// rememberedAfter is how long the database is waited for when it is known whose a key was.
	rememberedAfter = 100 * time.Millisecond
)

// keyCache remembers for some seconds whose a session or token is, and longer while the database does not answer. What
// was remembered before the last change of keys does not count.
type keyCache struct {
	users   *cache.Cache // kind and hash -> keyHolder; of real keys alone, which bounds it
	changes atomic.Uint64
}

type keyHolder struct {
	key   int64 // its id
	user  int64
	seen  store.Moment // of a session: the last use that is stored
	scope access.Scope
	until store.Moment // 0: for good
	after uint64       // how many changes there had been when it was read
	fresh time.Time    // until then the database need not be asked
}

func newKeyCache(j *journal.Journal) *keyCache {
	k := &keyCache{users: cache.New(keyKept, time.Minute)}
	j.Listen(func(list []journal.Entry) {
		if slices.ContainsFunc(list, endsKeys) {
			k.changes.Add(1)
		}
	})
	return k
}

// endsKeys reports whether a session or token may have ended by an entry.
func endsKeys(e journal.Entry) bool {
	switch e.Verb {
	case UserChanged, PasswordSet, SignedOut, SessionsEnded, TokenRevoked:
		return true
	}
	return false
}

// Authenticate returns the user of an API token or, without one, of a session. An unknown secret is unauthorised:
// "token_wrong" or "session_over". The user is shared and must not be changed.
func (r *Roster) Authenticate(ctx context.Context, bearer, session string) (*access.User, error) {
	kind, secret, refused := sessionKey, session, "session_over"
	if bearer != "" {
		kind, secret, refused = tokenKey, bearer, "token_wrong"
	}
	holder, err := r.keys.holder(ctx, r.db, kind, hashOf(secret))
	if err != nil {
		return nil, err
	}
	if holder.user == 0 {
		return nil, fault.Unauthorised(refused)
	}
	user, err := r.signedIn(ctx, holder.user, refused)
	if err != nil {
		return nil, err
	}
	if kind == sessionKey && r.isIdle(holder, user) {
		return nil, fault.Unauthorised(refused)
	}
	return user.Scoped(holder.scope), nil
}

// holder returns whose a key is; the user 0 when there is no such key.
func (k *keyCache) holder(ctx context.Context, db *store.DB, kind keyKind, hash string) (keyHolder, error) {
	name, after := string(kind)+hash, k.changes.Load()
	if h, ok := k.lastKnown(name, after, db.Clock()); ok && db.Clock().Before(h.fresh) {
		return h, nil
	}
	last, remembered := k.lastKnown(name, after, db.Clock())
	asking := ctx // ctx itself stays off the heap
	if remembered {
		var cancel context.CancelFunc
		asking, cancel = context.WithTimeout(ctx, rememberedAfter)
		defer cancel()
	}
	key, err := findKey(db.Read(asking), kind, hash)
	if remembered && fault.Is(err, fault.KindUnavailable) {
		return last, nil
	}
	if err != nil {
		return keyHolder{}, err
	}
	if key == nil {
		k.users.Delete(name)
		return keyHolder{}, nil
	}
	holder := keyHolder{key.ID, key.UserID, key.SeenAt, key.Scope, key.ExpiresAt, after, db.Clock().Add(keyFresh)}
	k.users.SetDefault(name, holder)
	return holder, nil
}

// lastKnown returns whose a key was when the database last said it, for the time in which it does not answer.
func (k *keyCache) lastKnown(name string, after uint64, now time.Time) (keyHolder, bool) {
	known, ok := k.users.Get(name)
	if !ok {
		return keyHolder{}, false
	}
	h := known.(keyHolder)
	return h, h.after == after && (h.until == 0 || store.MomentOf(now) < h.until)
}

// signedIn returns an active user as package web knows them. A missing or dismissed one is unauthorised with the code
// refused.
func (r *Roster) signedIn(ctx context.Context, id int64, refused string) (*access.User, error) {
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	if org.User(id) == nil {
		// Another process has just added them: their key is here before the journal mentions them.
		if org, err = r.OrgIn(r.db.Read(ctx)); err != nil {
			return nil, err
		}
	}
	if u := org.User(id); u == nil || !u.Active {
		return nil, fault.Unauthorised(refused)
	}
	return org.signed[id], nil
}
