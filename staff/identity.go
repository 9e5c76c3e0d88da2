package staff

import (
	"context"
	"slices"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// Identity is what a PBX or CRM calls a user: login, extension, user id, SIP user, display name.
type Identity struct {
	ID        int64        `json:"id" db:"id"`
	Source    string       `json:"source" db:"source"` // "" is an extension, which counts in every source
	Value     string       `json:"value" db:"value"`   // lower case, without blanks around
	UserID    int64        `json:"user_id" db:"user_id"`
	CreatedAt store.Moment `json:"created_at" db:"created_at"`
}

// NewIdentity is the input for an identity; without a source it is an extension.
type NewIdentity struct {
	Source string `json:"source"`
	Value  string `json:"value"`
}

// Identities lists what a user is called, extensions included.
func (r *Roster) Identities(ctx context.Context, user int64) ([]*Identity, error) {
	if _, err := r.Find(ctx, user); err != nil {
		return nil, err
	}
	return identitiesOf(r.db.Read(ctx), user)
}

// AddIdentity adds what a source calls a user. A value that another active user has in the same source is the conflict
// "identity_taken"; a dismissed user loses it.
func (r *Roster) AddIdentity(ctx context.Context, by *access.User, user int64, in NewIdentity) (
	added *Identity, err error) {
	err = r.write(ctx, by, func(a *act) error {
		u, err := a.user(user)
		if err != nil {
			return err
		}
		added = &Identity{Source: strings.TrimSpace(in.Source), Value: fold(in.Value), UserID: user}
		if added.Source != "" {
			a.Invalid("source", text.CheckRequired(added.Source, 100))
		}
		a.Invalid("value", text.CheckRequired(added.Value, 200))
		if err := a.Check(); err != nil {
			return err
		}
		if a.org.Holder(added.Source, added.Value) == u {
			return identityTaken(u, added.Value)
		}
		a.Tx.Answer(added)
		return a.addIdentity(u, added)
	})
	return added, err
}

// RemoveIdentity removes an identity of a user.
func (r *Roster) RemoveIdentity(ctx context.Context, by *access.User, user, identity int64) error {
	return r.write(ctx, by, func(a *act) error {
		a.Tx.Answer(nil)
		u, err := a.user(user)
		if err != nil {
			return err
		}
		list, err := identitiesOf(a.Tx, user)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(i *Identity) bool { return i.ID == identity })
		if at < 0 {
			return fault.Missing("identity")
		}
		return a.removeIdentity(u, list[at].Source, list[at].Value)
	})
}

// addIdentity adds an identity that a user does not have (any more).
func (a *act) addIdentity(u *User, i *Identity) error {
	if holder := a.org.Holder(i.Source, i.Value); holder != nil && holder.ID != u.ID {
		if holder.Active {
			return identityTaken(holder, i.Value)
		}
		if err := a.removeIdentity(holder, i.Source, i.Value); err != nil {
			return err
		}
	}
	err := identities.Insert(a.Tx, i)
	if fault.Is(err, fault.KindConflict) {
		return fault.Of(err).With("value", i.Value)
	}
	if err != nil {
		return err
	}
	return a.record(u, IdentityAdded, map[string]any{"source": i.Source, "value": i.Value})
}

func identityTaken(holder *User, value string) error {
	return fault.Taken("value", "identity_taken").With("user", holder.Login).With("value", value)
}

func (a *act) removeIdentity(u *User, source, value string) error {
	held := store.Equal("source", source).And(store.Equal("value", value))
	if _, err := identities.RemoveAll(a.Tx, held); err != nil {
		return err
	}
	return a.record(u, IdentityRemoved, map[string]any{"source": source, "value": value})
}

// setExtensions makes the extensions of a user those of a list, in its order.
func (a *act) setExtensions(u *User, before, after []string) error {
	same := 0 // a common beginning stays as it is; the order is that of the ids
	for same < len(before) && same < len(after) && before[same] == after[same] {
		same++
	}
	for _, extension := range before[same:] {
		if err := a.removeIdentity(u, "", extension); err != nil {
			return err
		}
	}
	for _, extension := range after[same:] {
		if err := a.addIdentity(u, &Identity{Value: extension, UserID: u.ID}); err != nil {
			return err
		}
	}
	return nil
}
