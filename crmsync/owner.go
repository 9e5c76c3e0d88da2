package crmsync

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// Why a record's owner in the CRM is no user here. The owner here stays.
const (
	ownerUnknown = "owner_unknown" // not among the users that the CRM returns: dismissed, hidden from us
	ownerOutside = "owner_outside" // no employee there: an extranet or e-mail user, a bot
)

// recordUnknownOwner adds a conflict if the owner that a record has in the CRM is no user here: nothing is known of
// whose client it is there, and the owner here stays.
func (a *attempt) recordUnknownOwner(tx *store.Tx, i *item, ours state) error {
	id := i.record.OwnerID
	known := i.theirs.OwnerKnown || id == "" || i.record.Unknown.Has(UnknownOwner)
	if known || i.previous != nil && i.previous.OwnerID == id {
		return nil
	}
	code := ownerUnknown
	if slices.Contains(a.outsiders, id) {
		code = ownerOutside
	}
	c := change{Part: partOwner, TheirOwner: id, By: i.record.ChangedBy}
	return a.recordConflict(tx, i, c, code, ours)
}

// findOutsiders finds the owners who are no agents.
func (a *attempt) findOutsiders(_ context.Context, tx *store.Tx) error {
	var unknown []string
	for _, i := range a.items {
		if !i.theirs.OwnerKnown && i.record.OwnerID != "" {
			unknown = append(unknown, i.record.OwnerID)
		}
	}
	links, err := linksOf(tx, a.work.source.ID, kindUser, distinct(unknown))
	if err != nil {
		return err
	}
	for id, link := range links {
		user, err := parseUser(link.Snapshot)
		if err != nil {
			return err
		}
		if user.User.Outside {
			a.outsiders = append(a.outsiders, id)
		}
	}
	return nil
}

func parseUser(text string) (u userSnapshot, err error) {
	if text == "" {
		return u, nil // the person's data was erased
	}
	if err := json.Unmarshal([]byte(text), &u); err != nil {
		return u, fault.Internal(err)
	}
	return u, nil
}

// theirUser returns the name of a user of theirs with the id there; the id alone if they were never returned.
func (n describer) theirUser(tx *store.Tx, id string) (string, error) {
	links, err := linksOf(tx, n.sourceID, kindUser, []string{id})
	if err != nil {
		return "", err
	}
	user, err := parseUser(links[id].Snapshot)
	if err != nil || user.User.Name == "" {
		return "#" + id, err
	}
	return cmp.Or(user.User.Name, user.User.Email) + " (#" + id + ")", nil
}
