package staff

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// Session is a signed-in browser. Its secret goes into the cookie and is stored nowhere.
type Session struct {
	Secret string
	Until  time.Time
	User   *User
}

// The bounds of how long a one-time sign-in link may wait.
const (
	ShortestLink = 15 * time.Minute
	LongestLink  = 24 * time.Hour
)

// newSecret returns 256 random bits as text, and the hash that is stored. It needs no salt: random bits cannot be
// guessed.
func (r *Roster) newSecret(prefix string) (secret, hash string, err error) {
	bits := make([]byte, 32)
	if _, err := io.ReadFull(r.Random, bits); err != nil {
		return "", "", fault.Internal(err)
	}
	secret = prefix + base64.RawURLEncoding.EncodeToString(bits)
	return secret, hashOf(secret), nil
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// SetPassword sets the password of a user and ends their sessions and the passes of their pages in frames.
func (r *Roster) SetPassword(ctx context.Context, by *access.User, user int64, password string) error {
	if code := passwordFault(password); code != "" {
		return fault.Invalid("password", code)
	}
	hash, err := r.hasher.hash(ctx, r.Random, password)
	if err != nil {
		return err
	}
	return r.write(ctx, by, func(a *act) error {
		u, err := a.user(user)
		if err != nil {
			return err
		}
		return a.setPassword(u, hash, "")
	})
}

// SignIn opens a session for a login and its password. Every mismatch is the same fault unauthorised "sign_in_wrong"
// after the same work, which hides the logins that exist; too many tries are busy "too_many_sign_ins".
func (r *Roster) SignIn(ctx context.Context, login, password string, from Browser) (*Session, error) {
	address := from.Address
	login = fold(login)
	if len(login) > 400 { // longer than any that check lets in; not worth remembering
		login = ""
	}
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	u, hash := org.ByLogin(login), ""
	if err := r.limits.take(login, address); err != nil {
		r.recordRefusedSignIn(ctx, u, address)
		return nil, err
	}
	if u != nil {
		if hash, err = passwordOf(r.db.Read(ctx), u.ID); err != nil {
			return nil, err
		}
	}
	matches, err := r.hasher.matches(ctx, password, hash)
	if err != nil {
		return nil, err
	}
	if u == nil || !matches {
		if err := r.recordWrongSignIn(ctx, u, address); err != nil {
			return nil, err
		}
		return nil, fault.Unauthorised("sign_in_wrong")
	}
	r.limits.giveBack(login, address)
	r.signIns.WithLabelValues("right").Inc()
	return r.open(ctx, "password", from, func(tx *store.Tx) (int64, error) {
		still, err := passwordOf(tx, u.ID)
		if err == nil && still != hash { // changed while we were hashing
			err = fault.Unauthorised("sign_in_wrong")
		}
		return u.ID, err
	}, "sign_in_wrong")
}

// Link makes a link that signs a user in once within a time of 15 minutes to 24 hours, and returns its secret: the page
// is /signin/SECRET.
func (r *Roster) Link(ctx context.Context, by *access.User, user int64, lives time.Duration) (string, error) {
	if lives < ShortestLink || lives > LongestLink {
		return "", fault.Invalid("lives", "out_of_range")
	}
	secret, hash, err := r.newSecret("")
	if err != nil {
		return "", err
	}
	err = r.write(ctx, by, func(a *act) error {
		u, err := a.user(user)
		if err != nil {
			return err
		}
		if !u.Active {
			return fault.Conflict("user_dismissed")
		}
		until := store.MomentOf(a.Tx.Now()).Add(lives)
		if err := keys.Insert(a.Tx, &keyRow{Kind: linkKey, Hash: hash, UserID: user, ExpiresAt: until}); err != nil {
			return err
		}
		return a.record(u, LinkMade, map[string]any{"until": until})
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// FollowLink opens a session by a one-time link. One that was used, has run out or never was is unauthorised
// "link_used".
func (r *Roster) FollowLink(ctx context.Context, secret string, from Browser) (*Session, error) {
	hash := hashOf(secret)
	prove := func(tx *store.Tx) (int64, error) {
		key, err := useOnce(tx, linkKey, hash, "link_used")
		if err != nil {
			return 0, err
		}
		return key.UserID, nil
	}
	return r.open(ctx, "link", from, prove, "link_used")
}

// LinkUser returns the user of a one-time link, which stays good. Faults: see FollowLink.
func (r *Roster) LinkUser(ctx context.Context, secret string) (*User, error) {
	key, err := findKey(r.db.Read(ctx), linkKey, hashOf(secret))
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, fault.Unauthorised("link_used")
	}
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	u := org.User(key.UserID)
	if u == nil || !u.Active {
		return nil, fault.Unauthorised("link_used")
	}
	return u, nil
}

// useOnce uses up a key that serves once, and returns it. A key that was used already, has run out or never was is
// unauthorised with the code refused.
func useOnce(tx *store.Tx, kind keyKind, hash, refused string) (*keyRow, error) {
	key, err := findKey(tx, kind, hash)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, fault.Unauthorised(refused)
	}
	first, err := useKey(tx, key.ID)
	if err == nil && !first {
		err = fault.Unauthorised(refused)
	}
	if err != nil {
		return nil, err
	}
	return key, nil
}

// open opens a session for the active user that prove returns. It takes the turn of the organisation: no session slips
// in beside a dismissal or another password.
func (r *Roster) open(ctx context.Context, way string, from Browser, prove func(tx *store.Tx) (int64, error),
	refused string) (*Session, error) {
	secret, hash, err := r.newSecret("")
	if err != nil {
		return nil, err
	}
	s := &Session{Secret: secret}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		if err := takeTurn(tx, organisation); err != nil {
			return err
		}
		id, err := prove(tx)
		if err != nil {
			return err
		}
		org, err := r.OrgIn(tx)
		if err != nil {
			return err
		}
		if s.User = org.User(id); s.User == nil || !s.User.Active {
			return fault.Unauthorised(refused)
		}
		now := store.MomentOf(tx.Now())
		until := now.Add(r.Sessions.Lives)
		key := &keyRow{Kind: sessionKey, Hash: hash, UserID: id, ExpiresAt: until, SeenAt: now, Address: from.Address,
			Device: from.device()}
		if err := keys.Insert(tx, key); err != nil {
			return err
		}
		s.Until = until.Time()
		return recordUser(r.journal.Act(tx, org.signed[id]), s.User, SignedIn, map[string]any{"by": way})
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// SignOut ends a session; one that is over already is no fault.
func (r *Roster) SignOut(ctx context.Context, session string) error {
	hash := hashOf(session)
	return r.db.Write(ctx, func(tx *store.Tx) error {
		key, err := findKey(tx, sessionKey, hash)
		if err != nil || key == nil {
			return err
		}
		if err := keys.Remove(tx, key.ID); err != nil {
			return err
		}
		user := journal.Ref{Kind: "user", ID: key.UserID}
		_, err = r.journal.Record(tx, journal.Entry{Actor: key.UserID, Verb: SignedOut, Subject: user})
		return err
	})
}

// Sweep removes keys that ran out a day ago; call it now and then.
func (r *Roster) Sweep(ctx context.Context) error {
	return r.db.Write(ctx, func(tx *store.Tx) error {
		return removeOldKeys(tx, store.MomentOf(tx.Now().Add(-24*time.Hour)))
	})
}
