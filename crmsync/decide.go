package crmsync

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
)

// Conflict is a value of the CRM that was not applied here and waits for a decision.
type Conflict struct {
	ID       int64        `json:"id"`
	Kind     rules.Kind   `json:"kind"`
	TheirID  string       `json:"their_id"`
	TheirURL string       `json:"their_url"` // "" if unknown
	Record   *Subject     `json:"record"`    // null for a record that could not be imported at all
	What     ConflictPart `json:"what"`
	Code     string       `json:"code"` // why it was not applied
	Ours     string       `json:"ours"` // as text
	Theirs   string       `json:"theirs"`
	By       *UserRef     `json:"by"` // our user who changed it there; null if unknown
	At       time.Time    `json:"at"`
}

// Subject is a record of ours with its name.
type Subject struct {
	Kind rules.Kind `json:"kind"`
	ID   int64      `json:"id"`
	Name string     `json:"name"`
}

// Conflicts returns up to limit conflicts of a source, newest first, with ids below before if that is not
// 0.
func (s *Syncer) Conflicts(ctx context.Context, source, before int64, limit int) ([]Conflict, error) {
	tx := s.DB.Read(ctx)
	system, err := systemOf(tx, source)
	if err != nil {
		return nil, err
	}
	row := sourceRow{}
	if system != nil {
		row.Name = system.Name
	} else if row, err = findSource(tx, source); fault.Is(err, fault.KindMissing) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	rows, err := conflictsBefore(tx, source, before, limit)
	if err != nil {
		return nil, err
	}
	n := describer{ctx: ctx, Syncer: s, sourceID: source, source: row.Name, names: map[crm.Kind]map[int64]string{}}
	pages, _ := s.portalOf(source).(Pages)
	list := make([]Conflict, len(rows))
	for i, d := range rows {
		if list[i], err = n.conflict(tx, d); err != nil {
			return nil, err
		}
		if system != nil {
			kind := crm.Kind(d.Kind)
			known, err := crm.FindExternalIDs(tx, kind, []int64{d.OurID})
			if err != nil {
				return nil, err
			}
			list[i].TheirURL = system.linkOf(kind, d.TheirID, known[d.OurID])
		}
		if pages != nil {
			list[i].TheirURL = pages.PageOf(Ref{crm.Kind(d.Kind), d.TheirID})
		}
	}
	return list, nil
}

// describer describes ids in words.
type describer struct {
	*Syncer
	ctx      context.Context
	sourceID int64
	source   string
	names    map[crm.Kind]map[int64]string
}

func (n describer) conflict(tx *store.Tx, d conflictRow) (Conflict, error) {
	kind := crm.Kind(d.Kind)
	out := Conflict{
		ID:      d.ID,
		Kind:    rules.Kind(kind.String()),
		TheirID: d.TheirID,
		What:    part(d.Part).label(),
		Code:    d.Code,
		At:      store.Time(d.At),
	}
	org, err := n.Roster.Org(n.ctx)
	if err != nil {
		return out, err
	}
	if u := org.Holder(n.source, d.ByID); d.ByID != "" && u != nil {
		out.By = &UserRef{u.ID, u.Name}
	}
	if d.OurID != 0 {
		name, err := n.recordName(tx, kind, d.OurID)
		if err != nil {
			return out, err
		}
		out.Record = &Subject{rules.Kind(kind.String()), d.OurID, name}
	}
	theirs, err := d.change()
	if err != nil {
		return out, err
	}
	if out.Theirs, err = n.describe(tx, theirs); err != nil || d.Ours == "" {
		return out, err
	}
	ours, err := conflictRow{Part: d.Part, Theirs: d.Ours}.change()
	if err != nil {
		return out, err
	}
	out.Ours, err = n.describe(tx, ours)
	return out, err
}

// describe returns a change as one line of text.
func (n describer) describe(tx *store.Tx, c change) (string, error) {
	switch c.Part {
	case partOwner:
		if c.TheirOwner != "" {
			return n.theirUser(tx, c.TheirOwner)
		}
		org, err := n.Roster.Org(n.ctx)
		if err != nil || org.User(c.Owner) == nil {
			return "", err
		}
		return org.User(c.Owner).Name, nil
	case partStatus:
		set, err := n.Directory.Set(n.ctx)
		if err != nil || set.ByCode(c.Status) == nil {
			return c.Status, err
		}
		return set.ByCode(c.Status).Name, nil
	case partAddPhones, partRemovePhones:
		var list []string
		for _, p := range c.Phones {
			list = append(list, p.Value)
		}
		return strings.Join(list, ", "), nil
	case partLink, partUnlink, partConverted:
		var list []string
		for _, id := range c.Companies {
			name, err := n.recordName(tx, crm.KindCompany, id)
			if err != nil {
				return "", err
			}
			list = append(list, name)
		}
		return strings.Join(list, ", "), nil
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		list = append(list, name+": "+c.Fields[name])
	}
	return strings.Join(append(list, append(c.AddEmails, c.RemoveEmails...)...), ", "), nil
}

func (n describer) recordName(tx *store.Tx, kind crm.Kind, id int64) (string, error) {
	if name, known := n.names[kind][id]; known {
		return name, nil
	}
	names, err := crm.FindNames(tx, kind, []int64{id})
	if n.names[kind] == nil {
		n.names[kind] = map[int64]string{}
	}
	n.names[kind][id] = names[id]
	return names[id], err
}

// Dismiss keeps a record as it is here; the conflict comes back only if the value changes in the CRM.
// Faults: not_found.
func (s *Syncer) Dismiss(ctx context.Context, by *access.User, source, id int64) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := conflictByID(tx, source, id)
		if err != nil {
			return err
		}
		return s.closeConflict(tx, by, source, d, "dismissed")
	})
}

// dismissAsHead is Dismiss for those who may decide about the record: admins and heads of its owner. Fault:
// dismissal_forbidden.
func (s *Syncer) dismissAsHead(ctx context.Context, by *access.User, source, id int64) error {
	tx := s.DB.Read(ctx)
	d, err := conflictByID(tx, source, id)
	if err != nil {
		return err
	}
	if by.Has(access.Admin) {
		return s.Dismiss(ctx, by, source, id)
	}
	org, err := s.Roster.Org(ctx)
	if err != nil {
		return err
	}
	owner, err := crm.FindOwner(tx, crm.Kind(d.Kind), d.OurID)
	if err != nil {
		return err
	}
	if owner == 0 || owner == by.ID || !org.IsHeadOf(by.ID, owner) {
		return fault.Forbidden("dismissal_forbidden")
	}
	return s.Dismiss(ctx, by, source, id)
}

// closeConflict removes a conflict and records the decision in the journal.
func (s *Syncer) closeConflict(tx *store.Tx, by *access.User, source int64, d conflictRow, how string) error {
	tx.Answer(nil)
	if err := dropConflict(tx, source, d); err != nil {
		return err
	}
	client := journal.Ref{}
	if d.OurID != 0 {
		client = journal.Ref{Kind: crm.Kind(d.Kind).String(), ID: d.OurID}
	}
	_, err := s.Journal.Record(
		tx,
		journal.Entry{
			Actor:   by.ID,
			Verb:    ConflictDecided,
			Subject: journal.Ref{Kind: "source", ID: source},
			Client:  client,
			Details: journal.Details(map[string]any{"what": part(d.Part).label(), "how": how, "their_id": d.TheirID}),
		},
	)
	return err
}

// Accept makes a record as it is in the CRM, with the rights of the user who accepts. Faults: not_found,
// nothing_to_accept (the record cannot be imported as it is), and the refusals of the table of rights.
func (s *Syncer) Accept(ctx context.Context, by *access.User, source, id int64) error {
	tx := s.DB.Read(ctx)
	d, err := conflictByID(tx, source, id)
	if err != nil {
		return err
	}
	c, err := d.change()
	if err != nil {
		return err
	}
	kind := crm.Kind(d.Kind)
	links, err := (&work{Syncer: s, source: Source{ID: source}}).resolveLinks(tx, kind, []string{d.TheirID})
	if err != nil {
		return err
	}
	if links[d.TheirID].OurID == 0 || c.Part == partInvalid || c.TheirOwner != "" {
		return fault.Conflict("nothing_to_accept")
	}
	d.OurID = links[d.TheirID].OurID
	if c.Part == partRemoval {
		again, err := isLinkedAgain(tx, source, kind, d)
		if err != nil {
			return err
		}
		if again {
			return s.acceptUnlinking(ctx, by, source, kind, d)
		}
	}
	if c.Companies, err = existing(tx, crm.KindCompany, c.Companies); err != nil {
		return err
	}
	held, err := heldFor(tx, kind, d.OurID, c)
	if err != nil {
		return err
	}
	var refused error
	err = s.Records.Batch(ctx, by, held, func(b *crm.Batch) error {
		t := translator{theirPlan: s.Plan, ourPlan: s.Plan}
		var fatal error
		if _, refused, fatal = t.apply(b, kind, d.OurID, c); fatal != nil || refused != nil {
			return fatal
		}
		if c.Part == partRemoval {
			if err := dropLink(b.Tx, source, kind, d.TheirID); err != nil {
				return err
			}
			if system, err := systemOf(b.Tx, source); err != nil {
				return err
			} else if system != nil {
				err = crm.RemoveExternalIDs(b.Tx, kind, system.Name, []string{d.TheirID})
				if err != nil {
					return err
				}
			}
		}
		return s.closeConflict(b.Tx, by, source, d, "accepted")
	})
	if err != nil {
		return err
	}
	return refused
}

// isLinkedAgain reports whether a record that is missing in the CRM has come back there under another id.
func isLinkedAgain(tx *store.Tx, source int64, kind crm.Kind, d conflictRow) (bool, error) {
	links, err := linksTo(tx, source, kind, []int64{d.OurID})
	return slices.ContainsFunc(links, func(l linkRow) bool {
		return l.TheirID != d.TheirID && l.Removed == 0
	}), err
}

// acceptUnlinking accepts that an id of the CRM is gone; the record stays, since another id is linked to it.
func (s *Syncer) acceptUnlinking(ctx context.Context, by *access.User, source int64, kind crm.Kind,
	d conflictRow) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := dropLink(tx, source, kind, d.TheirID); err != nil {
			return err
		}
		return s.closeConflict(tx, by, source, d, "accepted")
	})
}

// heldFor lists the records that a change of a record modifies or links to.
func heldFor(tx *store.Tx, kind crm.Kind, id int64, c change) (held crm.Locks, err error) {
	if c.Part == partRemoval {
		if held.Contacts, held.Leads, err = crm.FindLinked(tx, kind, id); err != nil {
			return held, err
		}
	}
	held.Companies = append(held.Companies, c.Companies...)
	if c.Contact != nil && *c.Contact != 0 {
		held.Contacts = append(held.Contacts, *c.Contact)
	}
	if c.Status != "" {
		held.Statuses = []string{strings.TrimSpace(c.Status)}
	}
	switch kind {
	case crm.KindCompany:
		held.Companies = append(held.Companies, id)
	case crm.KindContact:
		held.Contacts = append(held.Contacts, id)
	case crm.KindLead:
		held.Leads = append(held.Leads, id)
	}
	return held, nil
}

// maxDecisions is how many conflicts one request may decide.
const maxDecisions = 200

// DecisionResult is the result of one decision of many.
type DecisionResult struct {
	ID   int64          `json:"id"`
	Done bool           `json:"done"`
	Code string         `json:"code"` // why it was not done, else ""
	Args map[string]any `json:"args,omitempty"`
}

// AcceptAll accepts many conflicts in the given order, each in its own transaction, so that a refused one
// does not stop the others. Faults before anything is done: ids required, too_many (more than 200).
func (s *Syncer) AcceptAll(ctx context.Context, by *access.User, source int64, ids []int64) ([]DecisionResult, error) {
	return s.decideAll(ctx, ids, func(id int64) error { return s.Accept(ctx, by, source, id) })
}

// DismissAll dismisses many conflicts; see AcceptAll.
func (s *Syncer) DismissAll(ctx context.Context, by *access.User, source int64, ids []int64) ([]DecisionResult, error) {
	return s.decideAll(ctx, ids, func(id int64) error { return s.Dismiss(ctx, by, source, id) })
}

// decideAll decides conflicts one by one and collects the results.
func (s *Syncer) decideAll(ctx context.Context, ids []int64, decide func(id int64) error) ([]DecisionResult, error) {
	switch {
	case len(ids) == 0:
		return nil, fault.Invalid("ids", "required")
	case len(ids) > maxDecisions:
		return nil, fault.Invalid("ids", "too_many")
	}
	list := make([]DecisionResult, len(ids))
	for i, id := range ids {
		list[i] = DecisionResult{ID: id}
		if ctx.Err() != nil { // the request has run out of time
			list[i].Code = "not_reached"
			continue
		}
		switch f := fault.Of(decide(id)); {
		case f == nil:
			list[i].Done = true
		case f.Kind == fault.KindInternal:
			s.Log.Error("deciding a conflict failed", "conflict", id, "error", f)
			list[i].Code = f.Key
		default:
			list[i].Code, list[i].Args = f.Key, f.Args
		}
	}
	return list, nil
}
