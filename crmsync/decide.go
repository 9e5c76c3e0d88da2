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

// Difference is what is otherwise in the CRM and stays as it is here until somebody
// decides.
type Difference struct {
	ID       int64          `json:"id"`
	Kind     rules.Kind     `json:"kind"`
	TheirID  string         `json:"their_id"`
	TheirURL string         `json:"their_url"` // "" where the CRM does not say
	Record   *Subject       `json:"record"`    // null for one that could not be taken at all
	What     DifferencePart `json:"what"`
	Code     string         `json:"code"` // why it was not applied
	Ours     string         `json:"ours"` // in words
	Theirs   string         `json:"theirs"`
	By       *UserRef       `json:"by"` // of ours, who changed it there; null where nobody knows
	At       time.Time      `json:"at"`
}

// Subject is a record of ours by name.
type Subject struct {
	Kind rules.Kind `json:"kind"`
	ID   int64      `json:"id"`
	Name string     `json:"name"`
}

// Differences gives up to limit differences of a source, newest first, below an id if
// one is given.
func (m *Syncer) Differences(ctx context.Context, source, before int64, limit int) ([]Difference, error) {
	tx := m.DB.Read(ctx)
	row, err := sourceOf(tx, source)
	if fault.Is(err, fault.KindMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := differencesBefore(tx, source, before, limit)
	if err != nil {
		return nil, err
	}
	n := naming{ctx: ctx, Syncer: m, source: row.Name, names: map[crm.Kind]map[int64]string{}}
	pages, _ := m.portalOf(source).(Pages)
	list := make([]Difference, len(rows))
	for i, d := range rows {
		if list[i], err = n.difference(tx, d); err != nil {
			return nil, err
		}
		if pages != nil {
			list[i].TheirURL = pages.PageOf(Ref{crm.Kind(d.Kind), d.TheirID})
		}
	}
	return list, nil
}

// naming puts ids into words.
type naming struct {
	*Syncer
	ctx    context.Context
	source string
	names  map[crm.Kind]map[int64]string
}

func (n naming) difference(tx *store.Tx, d differenceRow) (Difference, error) {
	kind := crm.Kind(d.Kind)
	out := Difference{ID: d.ID, Kind: rules.Kind(kind.String()), TheirID: d.TheirID, What: part(d.Part).what(), Code: d.Code, At: store.Time(d.At)}
	org, err := n.Roster.Org(n.ctx)
	if err != nil {
		return out, err
	}
	if u := org.Holder(n.source, d.ByID); d.ByID != "" && u != nil {
		out.By = &UserRef{u.ID, u.Name}
	}
	if d.OurID != 0 {
		name, err := n.name(tx, kind, d.OurID)
		if err != nil {
			return out, err
		}
		out.Record = &Subject{rules.Kind(kind.String()), d.OurID, name}
	}
	theirs, err := d.wish()
	if err != nil {
		return out, err
	}
	if out.Theirs, err = n.words(tx, theirs); err != nil || d.Ours == "" {
		return out, err
	}
	ours, err := differenceRow{Part: d.Part, Theirs: d.Ours}.wish()
	if err != nil {
		return out, err
	}
	out.Ours, err = n.words(tx, ours)
	return out, err
}

// words tells in a line what a wish is about.
func (n naming) words(tx *store.Tx, w change) (string, error) {
	switch w.Part {
	case partOwner:
		org, err := n.Roster.Org(n.ctx)
		if err != nil || org.User(w.Owner) == nil {
			return "", err
		}
		return org.User(w.Owner).Name, nil
	case partStatus:
		set, err := n.Directory.Set(n.ctx)
		if err != nil || set.ByCode(w.Status) == nil {
			return w.Status, err
		}
		return set.ByCode(w.Status).Name, nil
	case partAdd, partTake:
		var list []string
		for _, p := range w.Phones {
			list = append(list, p.Value)
		}
		return said(list), nil
	case partLink, partUnlink, partBecame:
		var list []string
		for _, id := range w.Ties {
			name, err := n.name(tx, crm.KindCompany, id)
			if err != nil {
				return "", err
			}
			list = append(list, name)
		}
		return said(list), nil
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(w.Fields)) {
		list = append(list, name+": "+w.Fields[name])
	}
	return said(append(list, append(w.Mail, w.NoMail...)...)), nil
}

func (n naming) name(tx *store.Tx, kind crm.Kind, id int64) (string, error) {
	if name, known := n.names[kind][id]; known {
		return name, nil
	}
	names, err := crm.NamesOf(tx, kind, []int64{id})
	if n.names[kind] == nil {
		n.names[kind] = map[int64]string{}
	}
	n.names[kind][id] = names[id]
	return names[id], err
}

// Dismiss keeps a record as it is here; the CRM is not asked about this part of it
// again until it changes there.
func (m *Syncer) Dismiss(ctx context.Context, by *access.User, source, id int64) error {
	return m.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := differenceByID(tx, source, id)
		if err != nil {
			return err
		}
		return m.settled(tx, by, source, d, "dismissed")
	})
}

// settled takes a difference off the list, and says so in the journal.
func (m *Syncer) settled(tx *store.Tx, by *access.User, source int64, d differenceRow, how string) error {
	if err := dropDifference(tx, source, d); err != nil {
		return err
	}
	client := journal.Ref{}
	if d.OurID != 0 {
		client = journal.Ref{Kind: crm.Kind(d.Kind).String(), ID: d.OurID}
	}
	_, err := m.Journal.Record(tx, journal.Entry{Actor: by.ID, Verb: DifferenceDecided, Subject: journal.Ref{Kind: "source", ID: source}, Client: client,
		Details: journal.Details(map[string]any{"what": part(d.Part).what(), "how": how, "their_id": d.TheirID})})
	return err
}

// Accept makes a record as it is in the CRM, with the rights of whoever accepts it.
// Faults: not_found, nothing_to_accept (it could not be taken as it is there), and the
// refusals of the table of rights.
func (m *Syncer) Accept(ctx context.Context, by *access.User, source, id int64) error {
	tx := m.DB.Read(ctx)
	d, err := differenceByID(tx, source, id)
	if err != nil {
		return err
	}
	w, err := d.wish()
	if err != nil {
		return err
	}
	kind := crm.Kind(d.Kind)
	links, err := (&work{Syncer: m, source: Source{ID: source}}).where(tx, kind, []string{d.TheirID})
	if err != nil {
		return err
	}
	if links[d.TheirID].OurID == 0 || w.Part == partInvalid {
		return fault.Conflict("nothing_to_accept")
	}
	d.OurID = links[d.TheirID].OurID
	if w.Ties, err = presentOf(tx, crm.KindCompany, w.Ties); err != nil {
		return err
	}
	held, err := heldFor(tx, kind, d.OurID, w)
	if err != nil {
		return err
	}
	var refused error
	err = m.Records.Batch(ctx, by, held, func(b *crm.Batch) error {
		t := translator{theirs: m.Plan, ours: m.Plan}
		var fatal error
		if _, refused, fatal = t.do(b, kind, d.OurID, w); fatal != nil || refused != nil {
			return fatal
		}
		if w.Part == partRemoval {
			if err := dropLink(b.Tx, source, kind, d.TheirID); err != nil {
				return err
			}
		}
		return m.settled(b.Tx, by, source, d, "accepted")
	})
	if err != nil {
		return err
	}
	return refused
}

// heldFor lists what a wish about a record changes or links to.
func heldFor(tx *store.Tx, kind crm.Kind, id int64, w change) (held crm.Held, err error) {
	if w.Part == partRemoval {
		if held.Contacts, held.Leads, err = crm.Linked(tx, kind, id); err != nil {
			return held, err
		}
	}
	held.Companies = append(held.Companies, w.Ties...)
	if w.Person != nil && *w.Person != 0 {
		held.Contacts = append(held.Contacts, *w.Person)
	}
	if w.Status != "" {
		held.Statuses = []string{strings.TrimSpace(w.Status)}
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
