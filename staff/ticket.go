package staff

import (
	"context"
	"strconv"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

const ticketLives = 30 * time.Second

// Pass is what a page in a frame of another site has instead of a cookie. It ends with the session or token that asked
// for its ticket, and when its user gets another password or is dismissed.
type Pass struct {
	ID     int64
	UserID int64
	Until  time.Time
}

// AddTicket returns a ticket of a user that opens one live stream within 30 seconds, for embedded cards, which have no
// cookie.
func (r *Roster) AddTicket(ctx context.Context, user int64) (ticket string, until time.Time, err error) {
	return r.addTicket(ctx, user, "")
}

// AddTicketBy returns a ticket that is good only while the token or, without one, the session is.
func (r *Roster) AddTicketBy(ctx context.Context, user int64, bearer, session string) (string, time.Time, error) {
	kind, secret := sessionKey, session
	if bearer != "" {
		kind, secret = tokenKey, bearer
	}
	key, err := findKey(r.db.Read(ctx), kind, hashOf(secret))
	if err != nil {
		return "", time.Time{}, err
	}
	if key == nil || key.UserID != user {
		return "", time.Time{}, fault.Unauthorised("session_over")
	}
	return r.addTicket(ctx, user, nameOfParent(key.ID))
}

// AddTicketOf returns a ticket that is good only while a pass is. Traded for a pass, it is that pass again.
func (r *Roster) AddTicketOf(ctx context.Context, pass Pass) (string, error) {
	ticket, _, err := r.addTicket(ctx, pass.UserID, nameOfParent(pass.ID))
	return ticket, err
}

func nameOfParent(id int64) string { return strconv.FormatInt(id, 10) }

func (r *Roster) addTicket(ctx context.Context, user int64, parent string) (
	ticket string, until time.Time, err error) {
	ticket, hash, err := r.newSecret("")
	if err != nil {
		return "", time.Time{}, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		until = tx.Now().Add(ticketLives)
		return keys.Insert(tx, &keyRow{Kind: ticketKey, Hash: hash, UserID: user, Name: parent,
			ExpiresAt: store.MomentOf(until)})
	})
	return ticket, until, err
}

// TakeTicket returns the user of a ticket, once; then it is unauthorised "ticket_used", as it is when the key that
// asked for it has ended.
func (r *Roster) TakeTicket(ctx context.Context, ticket string) (*access.User, error) {
	hash, user := hashOf(ticket), int64(0)
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		key, _, err := takeTicket(tx, hash)
		if err == nil {
			user = key.UserID
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.signedIn(ctx, user, "ticket_used")
}

// takeTicket uses up a ticket and returns it with its parent; nil for none.
func takeTicket(tx *store.Tx, hash string) (ticket, parent *keyRow, err error) {
	if ticket, err = useOnce(tx, ticketKey, hash, "ticket_used"); err != nil {
		return nil, nil, err
	}
	parent, valid, err := findParent(tx, ticket)
	if err == nil && !valid {
		err = fault.Unauthorised("ticket_used")
	}
	return ticket, parent, err
}

// findParent returns the key that asked for a ticket or pass, nil where there was none. valid reports whether that key,
// and the one from which it came in turn, are good still.
func findParent(tx *store.Tx, key *keyRow) (parent *keyRow, valid bool, err error) {
	if key.Name == "" {
		return nil, true, nil
	}
	id, err := strconv.ParseInt(key.Name, 10, 64)
	if err != nil {
		return nil, false, fault.Internal(err)
	}
	if parent, err = findKeyByID(tx, key.UserID, id); err != nil || parent == nil {
		return nil, false, err
	}
	if parent.Kind == passKey {
		_, valid, err = findParent(tx, parent)
		return parent, valid, err
	}
	return parent, true, nil
}

// StartPass trades a ticket for a pass that ends after a time at the latest. A ticket of a pass returns that pass.
// Faults: unauthorised "ticket_used".
func (r *Roster) StartPass(ctx context.Context, ticket string, lives time.Duration) (Pass, error) {
	_, passHash, err := r.newSecret("") // a pass is found by its id: the secret is not needed
	if err != nil {
		return Pass{}, err
	}
	hash, pass := hashOf(ticket), Pass{}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		used, parent, err := takeTicket(tx, hash)
		if err != nil {
			return err
		}
		if parent != nil && parent.Kind == passKey {
			pass = parent.pass()
			return nil
		}
		until := store.MomentOf(tx.Now()).Add(lives)
		key := &keyRow{Kind: passKey, Hash: passHash, UserID: used.UserID, Name: used.Name, ExpiresAt: until}
		if err := keys.Insert(tx, key); err != nil {
			return err
		}
		pass = key.pass()
		return nil
	})
	if err != nil {
		return Pass{}, err
	}
	_, err = r.signedIn(ctx, pass.UserID, "ticket_used")
	return pass, err
}

// FindPass returns a pass of a user that has not ended; then it is unauthorised "pass_over".
func (r *Roster) FindPass(ctx context.Context, user, id int64) (Pass, error) {
	tx := r.db.Read(ctx)
	key, err := findKeyByID(tx, user, id)
	if err != nil {
		return Pass{}, err
	}
	if key == nil || key.Kind != passKey {
		return Pass{}, fault.Unauthorised("pass_over")
	}
	_, valid, err := findParent(tx, key)
	if err != nil {
		return Pass{}, err
	}
	if !valid {
		return Pass{}, fault.Unauthorised("pass_over")
	}
	_, err = r.signedIn(ctx, user, "pass_over")
	return key.pass(), err
}

func (r *keyRow) pass() Pass { return Pass{r.ID, r.UserID, r.ExpiresAt.Time()} }
