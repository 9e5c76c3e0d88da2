package outhooks

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/journal"
)

// HookOut is a subscription: an address that is told what happens. Its secrets
// are never a part of it.
type HookOut struct {
	ID     int64    `json:"id"`
	Name   string   `json:"name"`
	URL    string   `json:"url"`
	Verbs  []string `json:"verbs"` // verbs of the journal, incident.* for all of a kind, * for everything; none: whatever concerns a client
	Active bool     `json:"active"`
	// OffWhy says why it was switched off by itself: "gone" (the receiver answered
	// 410); "" otherwise.
	OffWhy    string    `json:"disabled_reason"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// NewHookOut is what a subscription is made of.
type NewHookOut struct {
	Name   string   `json:"name"`
	URL    string   `json:"url"`
	Verbs  []string `json:"verbs,omitempty"`
	Active *bool    `json:"active,omitempty"` // true unless told otherwise
}

// HookOutChange changes a subscription; nil fields stay as they are.
type HookOutChange struct {
	Name    *string   `json:"name,omitempty"`
	URL     *string   `json:"url,omitempty"`
	Verbs   *[]string `json:"verbs,omitempty"`
	Active  *bool     `json:"active,omitempty"`
	Version int64     `json:"version"`
}

// Bounds of a subscription.
const (
	maxHookName = 100
	maxHookURL  = 2000
	maxVerbs    = 50
	maxHooks    = 50 // each one reads the journal for itself
)

// wants reports whether an entry concerns a subscription.
func (h *HookOut) wants(e journal.Entry) bool {
	if len(h.Verbs) == 0 {
		return e.Client.Kind != ""
	}
	return slices.ContainsFunc(h.Verbs, func(wanted string) bool {
		prefix, every := strings.CutSuffix(wanted, "*")
		return wanted == string(e.Verb) || every && strings.HasPrefix(string(e.Verb), prefix)
	})
}

// place is what the secrets of a subscription are sealed for.
func (h *HookOut) place() string { return "hook_out:" + strconv.FormatInt(h.ID, 10) }

func (h *HookOut) check(known []journal.Verb, private bool) (wrong *fault.Error) {
	if code := text.CheckRequired(h.Name, maxHookName); code != "" {
		wrong = wrong.And("name", code)
	}
	if code := hookURLFault(h.URL, private); code != "" {
		wrong = wrong.And("url", code)
	}
	if len(h.Verbs) > maxVerbs {
		wrong = wrong.And("verbs", "too_many")
	}
	for i, verb := range h.Verbs {
		if !knownVerbs(known, verb) {
			wrong = wrong.And("verbs."+strconv.Itoa(i), "unknown_value")
		}
	}
	return wrong
}

// knownVerbs reports whether something can happen that a wanted verb means: an exact
// one, all of a kind (incident.*), or everything (*).
func knownVerbs(known []journal.Verb, wanted string) bool {
	kind, every := strings.CutSuffix(wanted, ".*")
	return wanted == "*" || slices.ContainsFunc(known, func(v journal.Verb) bool {
		return string(v) == wanted || every && strings.HasPrefix(string(v), kind+".")
	})
}

// hookURLFault returns the code of what is wrong with an address. A name is judged
// when it is dialled: only then is known where it leads.
func hookURLFault(address string, private bool) string {
	if code := text.CheckRequired(address, maxHookURL); code != "" {
		return code
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
		return "malformed"
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !private && !web.MayDial(ip) {
		return "private_address"
	}
	return ""
}

// AddHook makes a subscription and gives its secret, which is shown this once. It
// hears of what happens from now on. by is the user who does it, 0 for the command
// line. Faults: the fields, "name_taken", "too_many_hooks".
func (c *Dispatcher) AddHook(ctx context.Context, by int64, draft NewHookOut) (h HookOut, secret string, err error) {
	if secret, err = secrets.New(c.opt.Random); err != nil {
		return HookOut{}, "", err
	}
	err = c.change(ctx, by, func(tx *store.Tx) error {
		h = HookOut{Name: text.Tidy(draft.Name), URL: draft.URL, Verbs: orNone(draft.Verbs), Active: draft.Active == nil || *draft.Active,
			Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		if err := h.check(c.opt.Journal.Verbs(), c.opt.AllowPrivate).OrNil(); err != nil {
			return err
		}
		hooks, err := hookRows(tx)
		if err != nil {
			return err
		}
		if len(hooks) >= maxHooks {
			return fault.Conflict("too_many_hooks").With("most", maxHooks)
		}
		var fresh bool
		if h.ID, fresh, err = insertHook(tx, h); err != nil {
			return err
		}
		if !fresh {
			return fault.Taken("name", "name_taken")
		}
		sealed, err := c.opt.Seal.CloseRing(secrets.Ring{{Secret: secret}}, h.place())
		if err != nil {
			return err
		}
		if err := setHookSecrets(tx, h.ID, sealed); err != nil {
			return err
		}
		return c.note(tx, by, HookOutAdded, h, nil)
	})
	if err != nil {
		return HookOut{}, "", err
	}
	return h, secret, nil
}

// change runs a change of subscriptions: the one who makes it must be an admin at that
// moment.
func (c *Dispatcher) change(ctx context.Context, by int64, f func(tx *store.Tx) error) error {
	return c.opt.DB.Write(ctx, func(tx *store.Tx) error {
		if by != 0 {
			org, err := c.opt.Roster.OrgIn(tx)
			if err != nil {
				return err
			}
			if !org.IsAdmin(by) {
				return fault.Forbidden("role_missing").With("roles", access.Admins)
			}
		}
		return f(tx)
	})
}

// ChangeHook changes a subscription. One that is switched on again hears of what
// happens from then on; what was under way before goes on.
func (c *Dispatcher) ChangeHook(ctx context.Context, by, id int64, edit HookOutChange) (h HookOut, err error) {
	err = c.change(ctx, by, func(tx *store.Tx) error {
		row, err := hookByID(tx, id)
		if err != nil {
			return err
		}
		if h, err = row.hook(); err != nil {
			return err
		}
		if edit.Version == 0 {
			return fault.Invalid("version", "required")
		}
		was := h
		on := edit.apply(&h)
		if err := h.check(c.opt.Journal.Verbs(), c.opt.AllowPrivate).OrNil(); err != nil {
			return err
		}
		err = store.Changed(updateHook(tx, h, edit.Version))
		switch {
		case tx.Duplicate(err):
			return fault.Taken("name", "name_taken")
		case err != nil:
			return err
		}
		if on {
			if err := startHook(tx, id); err != nil {
				return err
			}
		}
		h.Version, h.UpdatedAt = edit.Version+1, tx.Now()
		return c.note(tx, by, HookOutChanged, h, journal.Compare(was.told(), h.told()))
	})
	return h, err
}

// apply takes the edit over and says whether it switches the subscription on.
func (e HookOutChange) apply(h *HookOut) (on bool) {
	if e.Name != nil {
		h.Name = text.Tidy(*e.Name)
	}
	if e.URL != nil {
		h.URL = *e.URL
	}
	if e.Verbs != nil {
		h.Verbs = orNone(*e.Verbs)
	}
	if e.Active != nil {
		on = *e.Active && !h.Active
		h.Active, h.OffWhy = *e.Active, ""
	}
	return on
}

// RotateHook returns a subscription a new secret, shown this once. For 24 hours
// deliveries are signed with both.
func (c *Dispatcher) RotateHook(ctx context.Context, by, id int64) (h HookOut, secret string, err error) {
	if secret, err = secrets.New(c.opt.Random); err != nil {
		return HookOut{}, "", err
	}
	err = c.change(ctx, by, func(tx *store.Tx) error {
		row, err := hookByID(tx, id)
		if err != nil {
			return err
		}
		if h, err = row.hook(); err != nil {
			return err
		}
		old, err := c.opt.Seal.OpenRing(row.Secrets, h.place())
		if err != nil {
			old = nil // the way out when the key of the installation was lost
		}
		sealed, err := c.opt.Seal.CloseRing(old.Rotated(secret, tx.Now()), h.place())
		if err != nil {
			return err
		}
		if err := store.Changed(updateHook(tx, h, h.Version)); err != nil {
			return err
		}
		if err := setHookSecrets(tx, id, sealed); err != nil {
			return err
		}
		h.Version, h.UpdatedAt = h.Version+1, tx.Now()
		changed := journal.Changes{}
		changed.NoteSecret("secret")
		return c.note(tx, by, HookOutChanged, h, changed)
	})
	if err != nil {
		return HookOut{}, "", err
	}
	return h, secret, nil
}

// RemoveHook ends a subscription and forgets its deliveries.
func (c *Dispatcher) RemoveHook(ctx context.Context, by, id int64) error {
	return c.change(ctx, by, func(tx *store.Tx) error {
		tx.Answer(nil)
		row, err := hookByID(tx, id)
		if err != nil {
			return err
		}
		h, err := row.hook()
		if err != nil {
			return err
		}
		if err := deleteHook(tx, id); err != nil {
			return err
		}
		return c.note(tx, by, HookOutRemoved, h, nil)
	})
}

// told returns what the journal tells of a subscription: never a secret, and of the
// address the host alone, for a path may be a secret of the receiver's.
func (h HookOut) told() map[string]any {
	return map[string]any{"name": h.Name, "host": hostOf(h.URL), "verbs": h.Verbs, "active": h.Active}
}

// note writes into the journal what happened to a subscription.
func (c *Dispatcher) note(tx *store.Tx, by int64, verb journal.Verb, h HookOut, changed journal.Changes) error {
	words := h.told()
	if changed != nil {
		words = map[string]any{"name": h.Name, "changed": changed}
	}
	_, err := c.opt.Journal.Record(tx, journal.Entry{Actor: by, Verb: verb, Subject: journal.Ref{Kind: "hook_out", ID: h.ID}, Details: journal.Details(words)})
	return err
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// readHooks reads every subscription by name.
func (c *Dispatcher) readHooks(ctx context.Context) (*[]HookOut, error) {
	rows, err := hookRows(c.opt.DB.Read(ctx))
	if err != nil {
		return nil, err
	}
	list := make([]HookOut, len(rows))
	for i, row := range rows {
		if list[i], err = row.hook(); err != nil {
			return nil, err
		}
	}
	return &list, nil
}

// orNone returns a list that is never null.
func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
