package staff

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// Token is an API token as lists show it; its secret was shown once.
type Token struct {
	ID        int64        `json:"id"`
	UserID    int64        `json:"user_id"`
	Name      string       `json:"name"`
	CreatedAt store.Moment `json:"created_at"`
}

func (r *keyRow) token() *Token { return &Token{r.ID, r.UserID, r.Name, r.CreatedAt} }

// AddToken adds an API token of a user and returns its secret, which begins with ch_ and is stored nowhere. Faults:
// what is wrong with the name; not_found; the conflict "user_dismissed".
func (r *Roster) AddToken(ctx context.Context, by *access.User, user int64, name string) (*Token, string, error) {
	secret, hash, err := r.newSecret("ch_")
	if err != nil {
		return nil, "", err
	}
	key := &keyRow{Kind: tokenKey, Hash: hash, UserID: user}
	err = r.write(ctx, by, func(a *act) error {
		u, err := a.user(user)
		if err != nil {
			return err
		}
		key.Name = a.Required("name", name, 200)
		if err := a.Check(); err != nil {
			return err
		}
		if !u.Active {
			return fault.Conflict("user_dismissed")
		}
		if err := keys.Insert(a.Tx, key); err != nil {
			return err
		}
		return a.record(u, TokenAdded, map[string]any{"token_id": key.ID, "name": key.Name})
	})
	if err != nil {
		return nil, "", err
	}
	return key.token(), secret, nil
}

// Tokens lists the API tokens of a user.
func (r *Roster) Tokens(ctx context.Context, user int64) ([]*Token, error) {
	if _, err := r.Find(ctx, user); err != nil {
		return nil, err
	}
	rows, err := keys.List(r.db.Read(ctx), tokensOf(user), byID())
	list := make([]*Token, len(rows))
	for i, row := range rows {
		list[i] = row.token()
	}
	return list, err
}

// RevokeToken ends an API token of a user at once.
func (r *Roster) RevokeToken(ctx context.Context, by *access.User, user, token int64) error {
	return r.write(ctx, by, func(a *act) error {
		a.Tx.Answer(nil)
		key, err := keys.First(a.Tx, tokensOf(user).And(store.Equal("id", token)))
		if err != nil {
			return err
		}
		if key == nil {
			return fault.Missing("token")
		}
		if err := keys.Remove(a.Tx, key.ID); err != nil {
			return err
		}
		return a.record(a.org.User(user), TokenRevoked, map[string]any{"token_id": key.ID, "name": key.Name})
	})
}
