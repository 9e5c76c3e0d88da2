package staff

import (
	"context"
	"slices"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// Identity is what a PBX or CRM calls a user: login, extension, user id, SIP
// user, display name.
type Identity struct {
	ID        int64     `json:"id"`
	Source    string    `json:"source"` // the source's name; "" is an extension, which counts in every source
	Value     string    `json:"value"`  // lower case, without blanks around
	UserID    int64     `json:"user_id"`
	CreatedAt time.Time `json:"created_at"`
}

// Identities lists what a user is called, extensions included.
func (r *Roster) Identities(ctx context.Context, user int64) ([]Identity, error) {
	if _, err := r.Find(ctx, user); err != nil {
		return nil, err
	}
	return identitiesOf(r.db.Read(ctx), user)
}

// AddIdentity reports that a source calls a user by this value; with an empty
// source the value is an extension. A value that another active user has in the
// same source is the conflict "identity_taken"; a dismissed user gives it up.
func (r *Roster) AddIdentity(ctx context.Context, by, user int64, source, value string) (*Identity, error) {
	var added *Identity
	err := r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		u := org.User(user)
		if u == nil {
			return fault.Missing("user")
		}
		i := Identity{Source: strings.TrimSpace(source), Value: fold(value), UserID: user}
		var wrong *fault.Error
		if code := text.CheckRequired(i.Source, 100); code != "" && i.Source != "" {
			wrong = wrong.And("source", code)
		}
		if code := text.CheckRequired(i.Value, 200); code != "" {
			wrong = wrong.And("value", code)
		}
		if err := wrong.OrNil(); err != nil {
			return err
		}
		if holder := org.identity[identityKey{i.Source, i.Value}]; holder == u {
			return identityTaken(u, i.Value)
		}
		var err error
		added, err = r.give(tx, org, by, u, i)
		tx.Answer(added)
		return err
	})
	return added, err
}

// RemoveIdentity takes an identity away from a user.
func (r *Roster) RemoveIdentity(ctx context.Context, by, user, identity int64) error {
	return r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		tx.Answer(nil)
		u := org.User(user)
		if u == nil {
			return fault.Missing("user")
		}
		list, err := identitiesOf(tx, user)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(i Identity) bool { return i.ID == identity })
		if at < 0 {
			return fault.Missing("identity")
		}
		return r.take(tx, by, u, list[at].Source, list[at].Value)
	})
}

// give returns a user an identity that he does not have (any more); org was read in
// this very transaction.
func (r *Roster) give(tx *store.Tx, org *Org, by int64, u *User, i Identity) (*Identity, error) {
	if holder := org.identity[identityKey{i.Source, i.Value}]; holder != nil && holder.ID != u.ID {
		if holder.Active {
			return nil, identityTaken(holder, i.Value)
		}
		if err := r.take(tx, by, holder, i.Source, i.Value); err != nil {
			return nil, err
		}
	}
	i.CreatedAt = tx.Now()
	id, err := insertIdentity(tx, i)
	if err != nil {
		return nil, err
	}
	i.ID = id
	return &i, r.record(tx, by, u, IdentityAdded, map[string]any{"source": i.Source, "value": i.Value})
}

func identityTaken(holder *User, value string) error {
	return fault.Taken("value", "identity_taken").With("user", holder.Login).With("value", value)
}

func (r *Roster) take(tx *store.Tx, by int64, u *User, source, value string) error {
	if err := removeIdentity(tx, source, value); err != nil {
		return err
	}
	return r.record(tx, by, u, IdentityRemoved, map[string]any{"source": source, "value": value})
}

// giveExtensions makes the extensions of a user those of a list, in its order.
func (r *Roster) giveExtensions(tx *store.Tx, org *Org, by int64, u *User, before, after []string) error {
	same := 0 // a common beginning stays as it is; the order is that of the ids
	for same < len(before) && same < len(after) && before[same] == after[same] {
		same++
	}
	for _, extension := range before[same:] {
		if err := r.take(tx, by, u, "", extension); err != nil {
			return err
		}
	}
	for _, extension := range after[same:] {
		if _, err := r.give(tx, org, by, u, Identity{Value: extension, UserID: u.ID}); err != nil {
			return err
		}
	}
	return nil
}
