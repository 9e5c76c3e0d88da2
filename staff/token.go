package staff

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// Token is an API token as lists show it; its secret was shown once.
type Token struct {
	ID        int64        `json:"id"`
	UserID    int64        `json:"user_id"`
	Name      string       `json:"name"`
	Scope     access.Scope `json:"scope"` // "" for everything that the user may do
	CreatedAt store.Moment `json:"created_at"`
}

func (r *keyRow) token() *Token { return &Token{r.ID, r.UserID, r.Name, r.Scope, r.CreatedAt} }

// NewToken is the input for a token.
type NewToken struct {
	Name  string       `json:"name"`
	Scope access.Scope `json:"scope,omitempty"`
}

// AddToken adds an API token of a user and returns its secret, which begins with ch_ and is stored nowhere. Faults:
// what is wrong with the fields; not_found; the conflict "user_dismissed".
func (r *Roster) AddToken(ctx context.Context, by *access.User, user int64, in NewToken) (*Token, string, error) {
	secret, hash, err := r.newSecret("ch_")
	if err != nil {
		return nil, "", err
	}
	key := &keyRow{Kind: tokenKey, Hash: hash, UserID: user, Scope: in.Scope}
	err = r.write(ctx, by, func(a *act) error {
		u, err := a.user(user)
		if err != nil {
			return err
		}
		key.Name = a.Required("name", in.Name, 200)
		if !slices.Contains(access.Scope.Values(""), string(in.Scope)) {
			a.Invalid("scope", "unknown")
		}
		if err := a.Check(); err != nil {
			return err
		}
		if !u.Active {
			return fault.Conflict("user_dismissed")
		}
		if err := keys.Insert(a.Tx, key); err != nil {
			return err
		}
		return a.record(u, TokenAdded, tokenDetails(key))
	})
	if err != nil {
		return nil, "", err
	}
	return key.token(), secret, nil
}

func tokenDetails(key *keyRow) map[string]any {
	details := map[string]any{"token_id": key.ID, "name": key.Name}
	if key.Scope != "" {
		details["scope"] = key.Scope
	}
	return details
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
