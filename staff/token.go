package staff

import (
	"context"
	"errors"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// Token is an API token as lists show it; its secret was shown once.
type Token struct {
	ID        int64     `json:"id"`
	UserID    int64     `json:"user_id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// AddToken makes an API token of a user and returns its secret, which begins with
// ch_ and is stored nowhere.
func (r *Roster) AddToken(ctx context.Context, by, user int64, name string) (*Token, string, error) {
	secret, hash, err := r.newSecret("ch_")
	if err != nil {
		return nil, "", err
	}
	token := &Token{UserID: user, Name: text.Tidy(name)}
	err = r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		u := org.User(user)
		if u == nil {
			return fault.Missing("user")
		}
		if code := text.CheckRequired(token.Name, 200); code != "" {
			return fault.Invalid("name", code)
		}
		if !u.Active {
			return fault.Conflict("user_dismissed")
		}
		var err error
		if token.ID, err = insertKey(tx, tokenKey, hash, user, token.Name, time.Time{}); err != nil {
			return err
		}
		token.CreatedAt = tx.Now()
		return r.record(tx, by, u, TokenAdded, map[string]any{"token_id": token.ID, "name": token.Name})
	})
	if err != nil {
		return nil, "", err
	}
	return token, secret, nil
}

// Tokens lists the API tokens of a user.
func (r *Roster) Tokens(ctx context.Context, user int64) ([]Token, error) {
	if _, err := r.Find(ctx, user); err != nil {
		return nil, err
	}
	rows, err := tokensOf(r.db.Read(ctx), user)
	list := make([]Token, len(rows))
	for i, row := range rows {
		list[i] = Token{row.ID, row.UserID, row.Name, store.Time(row.CreatedAt)}
	}
	return list, err
}

// RevokeToken ends an API token of a user at once.
func (r *Roster) RevokeToken(ctx context.Context, by, user, token int64) error {
	return r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		tx.Answer(nil)
		key, err := keyByID(tx, tokenKey, token)
		if err != nil {
			return err
		}
		if key.UserID != user {
			return fault.Missing("token")
		}
		if err := removeKey(tx, key.ID); err != nil {
			return err
		}
		return r.record(tx, by, org.User(key.UserID), TokenRevoked,
			map[string]any{"token_id": key.ID, "name": key.Name})
	})
}

const ticketLives = 30 * time.Second

// AddTicket returns a user a ticket that opens one live stream within 30 seconds,
// for embedded cards that have no cookie.
func (r *Roster) AddTicket(ctx context.Context, user int64) (ticket string, until time.Time, err error) {
	ticket, hash, err := r.newSecret("")
	if err != nil {
		return "", time.Time{}, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		until = tx.Now().Add(ticketLives)
		_, err := insertKey(tx, ticketKey, hash, user, "", until)
		return err
	})
	return ticket, until, err
}

// TakeTicket returns the user of a ticket, once; else unauthorised "ticket_used".
func (r *Roster) TakeTicket(ctx context.Context, ticket string) (*access.User, error) {
	hash, owner := hashOf(ticket), int64(0)
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		key, err := keyByHash(tx, ticketKey, hash)
		if errors.Is(err, store.ErrNone) {
			return fault.Unauthorised("ticket_used")
		}
		if err != nil {
			return err
		}
		owner = key.UserID
		first, err := useKey(tx, key.ID)
		if err == nil && !first {
			err = fault.Unauthorised("ticket_used")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.signed(ctx, owner, "ticket_used")
}
