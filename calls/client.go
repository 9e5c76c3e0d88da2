package calls

import (
	"context"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
	"callhue/staff"
)

// aroundClient is how many linked records and past calls of a kind are shown.
const aroundClient = 10

// historyOfClient is how many entries of the journal the client page shows.
const historyOfClient = 50

// ClientPage is the client page: the record, everything linked to it, and its history, the latest first. Every
// colleague sees the record, whose it is and how it changed. Its calls, notes, requests and permits are for those whose
// client it is (relates), and for the people who made them and their heads. Cards are left out, because each is for its
// agent, and the call is listed. Incidents are for the owner and the heads.
type ClientPage struct {
	Client  Record          `json:"client"`
	Related Related         `json:"related"`
	History []journal.Entry `json:"history"`
}

// ClientInput names a client.
type ClientInput struct {
	Kind string `path:"kind" json:"-"`
	ID   int64  `path:"id" json:"-"`
}

// Relate adds the wider CRM around the client to a card, as far as a user sees it. It is asked for after the verdict; a
// card without a client gets empty lists.
func (d *Tracker) Relate(ctx context.Context, user *access.User, card *Card) error {
	card.Related = &Related{Companies: []RelatedRecord{}, Contacts: []RelatedRecord{}, Leads: []RelatedRecord{}, Calls: []RelatedCall{}}
	if card.Subject == nil || card.Subject.ID == 0 {
		return nil
	}
	kind, err := crm.KindOf(string(card.Subject.Kind))
	if err != nil {
		return err
	}
	_, scope, err := d.scopeOf(ctx, user)
	if err != nil {
		return err
	}
	theirs, err := d.relates(ctx, scope, user.ID, kind, card.Subject.ID)
	if fault.Is(err, fault.KindMissing) {
		return nil // it was removed meanwhile
	}
	if err != nil {
		return err
	}
	related, err := d.around(ctx, kind, card.Subject.ID, callsOfClient(scope, theirs))
	if err == nil {
		card.Related = &related
	}
	return err
}

// recordOf returns a client as a card shows it.
func (d *Tracker) recordOf(ctx context.Context, kind crm.Kind, id int64) (Record, error) {
	r := Record{Kind: rules.Kind(kind.String()), ID: id, Via: rules.ViaDirect, URL: recordURL(kind.String(), id)}
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return r, err
	}
	switch kind {
	case crm.KindCompany:
		c, err := d.Records.FindCompany(ctx, id)
		if err != nil {
			return r, err
		}
		r.Name, r.Owner, r.Status, r.Since = c.Name, org.Person(c.OwnerID), c.Status, c.CreatedAt
	case crm.KindContact:
		c, err := d.Records.FindContact(ctx, id)
		if err != nil {
			return r, err
		}
		r.Name, r.Owner, r.Since = c.Name, org.Person(c.OwnerID), c.CreatedAt
		if len(c.CompanyIDs) > 0 {
			r.Company, err = d.companyBeside(ctx, c.CompanyIDs[0])
		}
		return r, err
	case crm.KindLead:
		l, err := d.Records.FindLead(ctx, id)
		if err != nil {
			return r, err
		}
		r.Name, r.Owner, r.Since = l.Title, org.Person(l.OwnerID), l.CreatedAt
		if l.CompanyID != 0 {
			r.Company, err = d.companyBeside(ctx, l.CompanyID)
		}
		return r, err
	}
	return r, nil
}

func (d *Tracker) companyBeside(ctx context.Context, id int64) (*CompanyPart, error) {
	c, err := d.Records.FindCompany(ctx, id)
	if fault.Is(err, fault.KindMissing) {
		return nil, nil // it was removed
	}
	if err != nil {
		return nil, err
	}
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	return &CompanyPart{ID: c.ID, Name: c.Name, Owner: org.Person(c.OwnerID), Status: c.Status}, nil
}

// callsOfClient returns which of a client's calls a user sees, with {} for the agent: all of those of their own client,
// and otherwise those in their scope.
func callsOfClient(scope staff.Scope, theirs bool) store.Where {
	if theirs {
		return store.Where{}
	}
	return scope.Where()
}

// around returns what is linked to a client, newest first; of is on its calls.
func (d *Tracker) around(ctx context.Context, kind crm.Kind, id int64, of store.Where) (Related, error) {
	var (
		rel       Related
		companies []crm.Company
		contacts  []crm.Contact
		leads     []crm.Lead
	)
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return rel, err
	}
	switch kind {
	case crm.KindCompany:
		if contacts, err = d.Records.ContactsOf(ctx, id); err == nil {
			leads, err = d.Records.LeadsOf(ctx, crm.KindCompany, id)
		}
	case crm.KindContact:
		if companies, err = d.Records.CompaniesOf(ctx, id); err == nil {
			leads, err = d.Records.LeadsOf(ctx, crm.KindContact, id)
		}
	case crm.KindLead:
		companies, contacts, err = d.besideLead(ctx, id)
	}
	if err != nil {
		return rel, err
	}
	rel.Companies = make([]RelatedRecord, len(companies))
	for i, c := range companies {
		rel.Companies[i] = RelatedRecord{ID: c.ID, Name: c.Name, Owner: org.Person(c.OwnerID), Status: c.Status, URL: recordURL("company", c.ID)}
	}
	rel.Contacts = make([]RelatedRecord, len(contacts))
	for i, c := range contacts {
		rel.Contacts[i] = RelatedRecord{ID: c.ID, Name: c.Name, Owner: org.Person(c.OwnerID), URL: recordURL("contact", c.ID)}
	}
	rel.Leads = make([]RelatedRecord, len(leads))
	for i, l := range leads {
		rel.Leads[i] = RelatedRecord{ID: l.ID, Name: l.Title, Owner: org.Person(l.OwnerID), Stage: l.Stage, URL: recordURL("lead", l.ID)}
	}
	past, err := d.Records.FindMerged(ctx, kind, id)
	if err != nil {
		return rel, err
	}
	rel.Calls, err = d.pastCalls(ctx, kind, id, past, of)
	return rel, err
}

func (d *Tracker) besideLead(ctx context.Context, id int64) (companies []crm.Company, contacts []crm.Contact, err error) {
	lead, err := d.Records.FindLead(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if lead.CompanyID != 0 {
		c, err := d.Records.FindCompany(ctx, lead.CompanyID)
		if err == nil {
			companies = append(companies, c)
		} else if !fault.Is(err, fault.KindMissing) {
			return nil, nil, err
		}
	}
	if lead.ContactID != 0 {
		c, err := d.Records.FindContact(ctx, lead.ContactID)
		if err == nil {
			contacts = append(contacts, c)
		} else if !fault.Is(err, fault.KindMissing) {
			return nil, nil, err
		}
	}
	return companies, contacts, nil
}

// pastCalls returns the last calls of a client, of the records that were merged into it, and those of its numbers from
// before they were on a record.
func (d *Tracker) pastCalls(ctx context.Context, kind crm.Kind, id int64, merged []int64,
	of store.Where) ([]RelatedCall, error) {
	tx := d.DB.Read(ctx)
	rows, err := listCalls(tx, filter{Client: clientRef{kind.String(), id}, Merged: merged, Of: of,
		Limit: aroundClient})
	if err != nil {
		return nil, err
	}
	keys, err := crm.FindNumberKeys(tx, kind, id)
	if err != nil {
		return nil, err
	}
	strangers, err := callsWithoutClient(tx, keys, of, aroundClient)
	if err != nil {
		return nil, err
	}
	rows = append(rows, strangers...)
	slices.SortFunc(rows, latestFirst)
	rows = rows[:min(len(rows), aroundClient)]
	ids := make([]int64, len(rows))
	for i, c := range rows {
		ids[i] = c.ID
	}
	cards, err := cardsOfAll(tx, ids)
	if err != nil {
		return nil, err
	}
	past := make([]RelatedCall, len(rows))
	for i, c := range rows {
		past[i] = RelatedCall{ID: c.ID, Direction: c.direction(), Result: Result(c.Result), Number: c.number().String(),
			StartedAt: store.Time(c.StartedAt), Duration: c.Duration}
		for _, card := range cards { // the agent who talked, else the one who was called first
			if card.CallID == c.ID && (past[i].Agent == "" || card.AnsweredAt != 0) {
				past[i].Agent, past[i].Color = card.AgentName, rules.Color(card.Color)
				if a := card.shown().Agent; a != nil {
					past[i].Agent = a.Name
				}
			}
		}
	}
	return past, nil
}
