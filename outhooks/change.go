package outhooks

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
)

// AddHook adds a subscription and returns its secret, which is shown this once. It receives what happens from now on.
// Faults: what is wrong with the fields; the conflicts "name_taken" and "too_many_hooks".
func (c *Dispatcher) AddHook(ctx context.Context, by *access.User, in NewHookOut) (
	h HookOut, secret string, err error) {
	if secret, err = secrets.New(c.opt.Random); err != nil {
		return HookOut{}, "", err
	}
	err = c.write(ctx, by, func(a *journal.Act) error {
		now := store.MomentOf(a.Tx.Now())
		row := hookRow{StartsAt: now, TakenAt: now}
		row.HookOut = HookOut{
			Name:   text.Tidy(in.Name),
			URL:    in.URL,
			Verbs:  in.verbs(),
			Active: in.Active == nil || *in.Active,
		}
		c.check(a, &row.HookOut)
		if err := a.Check(); err != nil {
			return err
		}
		count, err := hooks.Count(a.Tx, store.Where{})
		if err != nil {
			return err
		}
		if count >= maxHooks {
			return fault.Conflict("too_many_hooks").With("most", maxHooks)
		}
		if err := hooks.Insert(a.Tx, &row); err != nil {
			return err
		}
		sealed, err := c.opt.Seal.CloseRing(secrets.Ring{{Secret: secret}}, sealContext(row.ID))
		if err != nil {
			return err
		}
		if err := setFirstSecret(a.Tx, row.ID, sealed); err != nil {
			return err
		}
		h = row.HookOut
		return record(a, HookOutAdded, h, recordedHook(h))
	})
	if err != nil {
		return HookOut{}, "", err
	}
	return h, secret, nil
}

// write runs a write of subscriptions: the user must be an administrator at that moment.
func (c *Dispatcher) write(ctx context.Context, by *access.User, f func(a *journal.Act) error) error {
	return c.opt.Journal.Write(ctx, c.opt.DB, by, func(a *journal.Act) error {
		org, err := c.opt.Roster.OrgIn(a.Tx)
		if err != nil {
			return err
		}
		if !org.Administers(by) {
			return fault.Forbidden("role_missing").With("roles", access.Admins)
		}
		return f(a)
	})
}

// ChangeHook changes a subscription. One that is switched on again receives what happens from then on; what was under
// way before goes on. Faults: what is wrong with the fields; not_found; stale_version; the conflict "name_taken".
func (c *Dispatcher) ChangeHook(ctx context.Context, by *access.User, id int64, in HookOutChange) (
	h HookOut, err error) {
	err = c.write(ctx, by, func(a *journal.Act) error {
		row, err := hooks.Find(a.Tx, id)
		if err != nil {
			return err
		}
		before := row.HookOut
		in.apply(&row.HookOut)
		c.check(a, &row.HookOut)
		if err := a.Check(); err != nil {
			return err
		}
		if err := store.Seen(in.Version, before.Version); err != nil {
			return err
		}
		if err := hooks.Update(a.Tx, row); err != nil {
			return err
		}
		if row.Active && !before.Active {
			if err := startHook(a.Tx, id); err != nil {
				return err
			}
		}
		h = row.HookOut
		a.Tx.Answer(h)
		return recordChange(a, h, journal.Compare(recordedHook(before), recordedHook(h)))
	})
	return h, err
}

func (in NewHookOut) verbs() store.Strings { return append(store.Strings{}, in.Verbs...) }

func (in HookOutChange) apply(h *HookOut) {
	if in.Name != nil {
		h.Name = text.Tidy(*in.Name)
	}
	if in.URL != nil {
		h.URL = *in.URL
	}
	if in.Verbs != nil {
		h.Verbs = append(store.Strings{}, *in.Verbs...)
	}
	if in.Active != nil {
		h.Active, h.DisabledReason = *in.Active, ""
	}
}

// RotateHook sets a new secret of a subscription, shown this once. For 24 hours deliveries are signed with both.
func (c *Dispatcher) RotateHook(ctx context.Context, by *access.User, id int64) (h HookOut, secret string, err error) {
	if secret, err = secrets.New(c.opt.Random); err != nil {
		return HookOut{}, "", err
	}
	err = c.write(ctx, by, func(a *journal.Act) error {
		row, err := hooks.Find(a.Tx, id)
		if err != nil {
			return err
		}
		old, err := c.opt.Seal.OpenRing(row.Secrets, sealContext(id))
		if err != nil {
			old = nil // the way out when the key of the installation was lost
		}
		row.Secrets, err = c.opt.Seal.CloseRing(old.Rotated(secret, a.Tx.Now()), sealContext(id))
		if err != nil {
			return err
		}
		if err := hooks.Update(a.Tx, row); err != nil {
			return err
		}
		h = row.HookOut
		changed := journal.Changes{}
		changed.NoteSecret("secret")
		return recordChange(a, h, changed)
	})
	if err != nil {
		return HookOut{}, "", err
	}
	return h, secret, nil
}

// RemoveHook removes a subscription and its deliveries.
func (c *Dispatcher) RemoveHook(ctx context.Context, by *access.User, id int64) error {
	return c.write(ctx, by, func(a *journal.Act) error {
		a.Tx.Answer(nil)
		row, err := hooks.Take(a.Tx, id)
		if err != nil {
			return err
		}
		if err := removeDeliveries(a.Tx, id); err != nil {
			return err
		}
		return record(a, HookOutRemoved, row.HookOut, recordedHook(row.HookOut))
	})
}

// switchOff ends a subscription whose receiver answered that it is gone for good.
func (c *Dispatcher) switchOff(tx *store.Tx, hook int64) error {
	row, err := hooks.Find(tx, hook)
	if err != nil || !row.Active {
		return err
	}
	row.Active, row.DisabledReason = false, "gone"
	if err := hooks.Update(tx, row); err != nil {
		return err
	}
	return recordChange(c.opt.Journal.Act(tx, access.System()), row.HookOut,
		journal.Changes{"active": {From: true, To: false}, "disabled_reason": {From: "", To: row.DisabledReason}})
}

// record appends what happened to a subscription to the journal.
func record(a *journal.Act, verb journal.Verb, h HookOut, details map[string]any) error {
	return a.Record(journal.Entry{Verb: verb, Subject: journal.Ref{Kind: "hook_out", ID: h.ID}}, details)
}

func recordChange(a *journal.Act, h HookOut, changed journal.Changes) error {
	return record(a, HookOutChanged, h, map[string]any{"name": h.Name, "changed": changed})
}
