package crmsync

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// System is another system that writes its records here under its own ids. It comes into being with its first record.
type System struct {
	ID        int64        `json:"id" db:"id"`
	Name      string       `json:"name" db:"name"`
	Link      string       `json:"link" db:"link"`     // of a record's page, with {kind} and {external_id}
	Kinds     store.Texts  `json:"kinds" db:"kinds"`   // its words for company, contact and lead in Link
	Master    bool         `json:"master" db:"master"` // it decides about owners and statuses; nothing is refused
	Conflicts int64        `json:"conflicts" db:"-"`   // how many wait for a decision
	Version   int64        `json:"version" db:"version"`
	CreatedAt store.Moment `json:"created_at" db:"created_at"`
	UpdatedAt store.Moment `json:"updated_at" db:"updated_at"`
}

// SystemChange adds or changes a system; nil fields stay as they are.
type SystemChange struct {
	Link    *string            `json:"link"`
	Kinds   *map[string]string `json:"kinds"`
	Master  *bool              `json:"master"`
	Version int64              `json:"version,omitempty"` // 0 for a new one
}

// source is what the tables of the sync call a system: sources have positive ids.
func (s *System) source() int64 { return -s.ID }

// link returns the page of a record in the system: its own address, else one by the pattern; "" for none.
func (s *System) link(kind crm.Kind, e crm.ExternalID) string {
	if e.URL != "" || s == nil || s.Link == "" {
		return e.URL
	}
	word := s.Kinds[kind.String()]
	if word == "" {
		word = kind.String()
	}
	return strings.NewReplacer("{kind}", url.PathEscape(word), "{external_id}", url.PathEscape(e.ID)).Replace(s.Link)
}

// linkOf returns the page of the record that the system knows by an id, among all that is known of the record.
func (s *System) linkOf(kind crm.Kind, id string, known []crm.ExternalID) string {
	for _, e := range known {
		if e.System == s.Name && e.ID == id {
			return s.link(kind, e)
		}
	}
	return s.link(kind, crm.ExternalID{System: s.Name, ID: id})
}

// ensureSystem returns the system of a name, adding it at its first record.
func (s *Syncer) ensureSystem(ctx context.Context, name string) (*System, error) {
	name = strings.ToLower(name)
	if code := crm.CheckSystem(name); code != "" {
		return nil, fault.Invalid("system", code)
	}
	if name == crm.ImportSystem {
		return nil, fault.Invalid("system", "reserved")
	}
	found, err := systemNamed(s.DB.Read(ctx), name)
	if err != nil || found != nil {
		return found, err
	}
	err = s.DB.Write(store.Apart(ctx), func(tx *store.Tx) error { // an Idempotency-Key stands for the record alone
		found = &System{Name: name}
		tx.After(s.links.forget)
		return systems.Insert(tx, found)
	})
	if fault.Is(err, fault.KindConflict) { // another process has just added it
		return systemNamed(s.DB.Read(ctx), name)
	}
	return found, err
}

// findSystem returns the system of a name. Fault: not_found.
func (s *Syncer) findSystem(ctx context.Context, name string) (*System, error) {
	one, err := systemNamed(s.DB.Read(ctx), strings.ToLower(name))
	if err == nil && one == nil {
		err = fault.Missing("external_system")
	}
	return one, err
}

// Systems lists the systems that write records here, by name.
func (s *Syncer) Systems(ctx context.Context) ([]*System, error) {
	tx := s.DB.Read(ctx)
	list, err := systems.List(tx, store.Where{}, store.By("name"))
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		if one.Conflicts, err = countConflicts(tx, one.source()); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ChangeSystem changes how the records of a system are linked to, and who decides; it adds an unknown one. Faults: what
// is wrong with the fields; stale_version.
func (s *Syncer) ChangeSystem(ctx context.Context, by *access.User, name string, in SystemChange) (*System, error) {
	one, err := s.ensureSystem(ctx, name)
	if err != nil {
		return nil, err
	}
	err = s.Journal.Write(ctx, s.DB, by, func(a *journal.Act) error {
		if one, err = systemNamed(a.Tx, one.Name); err != nil {
			return err
		}
		if in.Version != 0 && in.Version != one.Version {
			return fault.Stale()
		}
		changes := in.apply(a, one)
		if err := a.Check(); err != nil {
			return err
		}
		a.Tx.Answer(one)
		if len(changes) == 0 {
			return nil
		}
		if err := systems.Update(a.Tx, one); err != nil {
			return err
		}
		return a.Record(journal.Entry{Verb: SystemChanged, Subject: journal.Ref{Kind: "external_system", ID: one.ID}},
			map[string]any{"name": one.Name, "changed": changes})
	})
	return one, err
}

func (in SystemChange) apply(a *journal.Act, one *System) journal.Changes {
	changes := journal.Changes{}
	if in.Link != nil {
		link := a.Text("link", *in.Link, 500)
		if link != "" && (!crm.SafeURL(strings.NewReplacer("{kind}", "k", "{external_id}", "1").Replace(link)) ||
			!strings.Contains(link, "{external_id}")) {
			a.Invalid("link", "not_a_link")
		}
		journal.Set(changes, "link", &one.Link, link)
	}
	if in.Kinds != nil {
		kinds := store.Texts{}
		for kind, word := range *in.Kinds {
			if _, err := crm.KindOf(kind); err != nil {
				a.Invalid("kinds", "unknown")
			}
			kinds[kind] = a.Required("kinds."+kind, word, 60)
		}
		if had, has := kindTexts(one.Kinds), kindTexts(kinds); !slices.Equal(had, has) {
			changes["kinds"] = journal.Change{From: had, To: has}
			one.Kinds = kinds
		}
	}
	if in.Master != nil {
		journal.Set(changes, "master", &one.Master, *in.Master)
	}
	return changes
}

func kindTexts(kinds store.Texts) []string {
	list := []string{}
	for _, kind := range recordKinds {
		if word := kinds[kind.String()]; word != "" {
			list = append(list, fmt.Sprintf("%s: %s", kind, word))
		}
	}
	return list
}
