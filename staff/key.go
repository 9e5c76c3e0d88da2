package staff

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// Session is a browser that is signed in. Its secret goes into the cookie and is
// stored nowhere.
type Session struct {
	Secret string
	Until  time.Time
	User   *User
}

const sessionLives = 30 * 24 * time.Hour

// The bounds of how long a one-time sign-in link may wait.
const (
	ShortestLink = 15 * time.Minute
	LongestLink  = 24 * time.Hour
)

// newSecret returns 256 random bits as text, and the hash that is stored. No salt:
// no one can guess what was drawn at random.
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

// SetPassword returns a user another password and ends his sessions. by is an
// admin, or 0 for the command line.
func (r *Roster) SetPassword(ctx context.Context, by, user int64, password string) error {
	if code := passwordFault(password); code != "" {
		return fault.Invalid("password", code)
	}
	hash, err := r.door.hash(ctx, r.Random, password)
	if err != nil {
		return err
	}
	return r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		u := org.User(user)
		if u == nil {
			return fault.Missing("user")
		}
		if err := updatePassword(tx, user, hash); err != nil {
			return err
		}
		if err := removeKeys(tx, user, sessionKey); err != nil {
			return err
		}
		return r.record(tx, by, u, PasswordSet, nil)
	})
}

// SignIn opens a session for a login and its password. Everything that does not
// fit is the same fault unauthorised "sign_in_wrong" after the same work, so
// that no one learns which logins exist; too many tries are busy
// "too_many_sign_ins".
func (r *Roster) SignIn(ctx context.Context, login, password, address string) (*Session, error) {
	login = fold(login)
	if len(login) > 400 { // longer than any that check lets in; not worth remembering
		login = ""
	}
	if err := r.door.knock(login, address); err != nil {
		return nil, err
	}
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	u, hash := org.ByLogin(login), ""
	if u != nil {
		if hash, err = passwordOf(r.db.Read(ctx), u.ID); err != nil {
			return nil, err
		}
	}
	fits, err := r.door.fits(ctx, password, hash)
	if err != nil {
		return nil, err
	}
	if u == nil || !fits {
		return nil, fault.Unauthorised("sign_in_wrong")
	}
	return r.open(ctx, "password", func(tx *store.Tx) (int64, error) {
		still, err := passwordOf(tx, u.ID)
		if err == nil && still != hash { // changed while we were hashing
			err = fault.Unauthorised("sign_in_wrong")
		}
		return u.ID, err
	}, "sign_in_wrong")
}

// Link makes a link that signs a user in once within a time of 15 minutes to 24
// hours, and returns its secret: the page is /signin/SECRET.
func (r *Roster) Link(ctx context.Context, by, user int64, lives time.Duration) (string, error) {
	if lives < ShortestLink || lives > LongestLink {
		return "", fault.Invalid("lives", "out_of_range")
	}
	secret, hash, err := r.newSecret("")
	if err != nil {
		return "", err
	}
	err = r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		u := org.User(user)
		if u == nil {
			return fault.Missing("user")
		}
		if !u.Active {
			return fault.Conflict("user_dismissed")
		}
		if _, err := insertKey(tx, linkKey, hash, user, "", tx.Now().Add(lives)); err != nil {
			return err
		}
		return r.record(tx, by, u, LinkMade, map[string]any{"until": tx.Now().Add(lives)})
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// FollowLink opens a session by a one-time link. One that was used, has run out
// or never was is unauthorised "link_used".
func (r *Roster) FollowLink(ctx context.Context, secret string) (*Session, error) {
	hash := hashOf(secret)
	return r.open(ctx, "link", func(tx *store.Tx) (int64, error) {
		key, err := keyByHash(tx, linkKey, hash)
		if errors.Is(err, store.ErrNone) {
			return 0, fault.Unauthorised("link_used")
		}
		if err != nil {
			return 0, err
		}
		first, err := useKey(tx, key.ID)
		if err == nil && !first {
			err = fault.Unauthorised("link_used")
		}
		return key.UserID, err
	}, "link_used")
}

// open opens a session for the active user that prove names. It waits for its
// turn: no session may slip in beside a dismissal or another password.
func (r *Roster) open(ctx context.Context, way string,
	prove func(tx *store.Tx) (int64, error), refused string) (*Session, error) {
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
		s.Until = tx.Now().Add(sessionLives)
		if _, err := insertKey(tx, sessionKey, hash, id, "", s.Until); err != nil {
			return err
		}
		return r.record(tx, id, s.User, SignedIn, map[string]any{"by": way})
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
		key, err := keyByHash(tx, sessionKey, hash)
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := removeKey(tx, key.ID); err != nil {
			return err
		}
		_, err = r.journal.Record(tx, journal.Entry{Actor: key.UserID, Verb: SignedOut,
			Subject: journal.Ref{Kind: "user", ID: key.UserID}})
		return err
	})
}

// Sweep removes keys that ran out a day ago; call it now and then.
func (r *Roster) Sweep(ctx context.Context) error {
	return r.db.Write(ctx, func(tx *store.Tx) error { return sweepKeys(tx, tx.Now().Add(-24*time.Hour)) })
}
