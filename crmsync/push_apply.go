package crmsync

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// add adds the pushed record.
func (p *push) add(b *crm.Batch, external crm.ExternalID) error {
	taken, err := p.addTo(b, external)
	if err != nil {
		return err
	}
	if taken[0].Err != nil {
		return taken[0].Err
	}
	p.result.RecordID, p.result.Created = taken[0].ID, true
	return nil
}

func (p *push) addTo(b *crm.Batch, external crm.ExternalID) ([]crm.AddResult, error) {
	in, ids := p.in, []crm.ExternalID{external}
	owner, phones := int64(0), *plainPhones(in.Phones.Value)
	if p.owner != nil {
		owner = *p.owner
	}
	companies := []int64{}
	if p.companies != nil {
		companies = *p.companies
	}
	switch p.place.Kind {
	case crm.KindCompany:
		return b.AddCompanies([]crm.NewCompany{{Name: in.Name.Value, OwnerID: owner, Phones: phones,
			Emails: in.Emails.Value, TeamIDs: in.TeamIDs.Value, Status: text.Tidy(in.Status.Value), ExternalIDs: ids}})
	case crm.KindContact:
		return b.AddContacts([]crm.NewContact{{Name: in.Name.Value, Post: in.Post.Value, OwnerID: owner, Phones: phones,
			Emails: in.Emails.Value, CompanyIDs: companies, ExternalIDs: ids}})
	}
	lead := crm.NewLead{Title: in.Title.Value, Name: in.Name.Value, OwnerID: owner, Phones: phones,
		Emails: in.Emails.Value, Stage: in.Stage.Value, Source: in.Source.Value, CompanyID: firstOf(companies),
		ExternalIDs: ids}
	if p.contact != nil {
		lead.ContactID = *p.contact
	}
	return b.AddLeads([]crm.NewLead{lead})
}

// change changes what the push names of a record; what the system may not change becomes a conflict.
func (p *push) change(ctx context.Context, b *crm.Batch, external crm.ExternalID) error {
	ours, err := p.check(b)
	if err != nil {
		return err
	}
	refused := map[part]string{}
	list := p.changes(p.place.Kind, &ours, p.wanted(ours), ours)
	slices.SortStableFunc(list, statusLast)
	for _, c := range list {
		if err := p.applyOne(b, c, ours, refused); err != nil {
			return err
		}
	}
	if err := p.changeTeam(b); err != nil {
		return err
	}
	if p.in.URL.Set {
		if err := b.SetExternalID(p.place.Kind, p.ourID, external); err != nil {
			return err
		}
	}
	if p.place.Kind == crm.KindLead && ours.Stage == crm.StageConverted {
		p.warn("stage", "already_converted")
	}
	if err := p.close(b.Tx, refused); err != nil {
		return err
	}
	return p.listConflicts(ctx, b.Tx, refused)
}

// statusLast puts the status behind the other parts: a company that becomes protected is complete by then.
func statusLast(a, b change) int {
	last := func(c change) int {
		if c.Part == partStatus {
			return 1
		}
		return 0
	}
	return cmp.Compare(last(a), last(b))
}

// check compares a given version and returns the record as it is.
func (p *push) check(b *crm.Batch) (state, error) {
	version := int64(0)
	ours, err := state{}, error(nil)
	switch p.place.Kind {
	case crm.KindCompany:
		c, failed := b.Company(p.ourID)
		ours, version, err = stateOfCompany(c), c.Version, failed
	case crm.KindContact:
		c, failed := b.Contact(p.ourID)
		ours, version, err = stateOfContact(c), c.Version, failed
	default:
		l, failed := b.Lead(p.ourID)
		ours, version, err = stateOfLead(l), l.Version, failed
	}
	if err == nil && p.in.Version != 0 && p.in.Version != version {
		err = fault.Stale()
	}
	return ours, err
}

// wanted returns the record as the push wants it.
func (p *push) wanted(ours state) state {
	out := ours
	out.Name, out.Title = p.in.Name.Or(ours.Name), p.in.Title.Or(ours.Title)
	if p.place.Kind == crm.KindLead { // of the two names an empty one is the other one
		out.Name, out.Title = cmp.Or(out.Name, out.Title), cmp.Or(out.Title, out.Name)
	}
	out.Post, out.Source = p.in.Post.Or(ours.Post), p.in.Source.Or(ours.Source)
	out.Stage = cmp.Or(p.in.Stage.Value, ours.Stage)
	out.Status = cmp.Or(text.Tidy(p.in.Status.Value), ours.Status)
	out.Emails = p.in.Emails.Or(ours.Emails)
	if p.in.Phones.Set {
		out.Phones = *plainPhones(p.in.Phones.Value)
	}
	if p.owner != nil {
		out.Owner = *p.owner
	}
	if p.companies != nil {
		out.Companies = *p.companies
	}
	if p.contact != nil {
		out.Contact = *p.contact
	}
	return out
}

// applyOne applies one change. A refusal for lack of rights becomes a conflict; other faults end the push.
func (p *push) applyOne(b *crm.Batch, c change, ours state, refused map[part]string) error {
	again := p.refused[c.Part] == c.text()
	if again {
		b = b.Quietly() // the journal has it
	}
	_, why, fatal := p.apply(b, p.place.Kind, p.ourID, c)
	switch {
	case fatal != nil:
		return fatal
	case why == nil:
		return nil
	case !fault.Is(why, fault.KindForbidden):
		return why
	}
	refused[c.Part] = c.text()
	if again { // it waits for a decision, or was dismissed
		return nil
	}
	return p.recordRefusal(b.Tx, c, fault.Of(why).Key, ours.valuesFor(c))
}

func (p *push) recordRefusal(tx *store.Tx, c change, code, ours string) error {
	return putConflict(tx, p.system.source(), conflictRow{Kind: int64(p.place.Kind), TheirID: p.place.ID,
		Part: string(c.Part), OurID: p.ourID, Code: code, Ours: ours, Theirs: c.text()})
}

// changeTeam changes the team of a company, or warns that the system may not.
func (p *push) changeTeam(b *crm.Batch) error {
	if p.place.Kind != crm.KindCompany || !p.in.TeamIDs.Set {
		return nil
	}
	in := crm.CompanyChange{TeamIDs: p.in.TeamIDs.Pointer(), Reason: reason}
	_, why, fatal := b.Quietly().ChangeCompany(p.ourID, in)
	switch {
	case fatal != nil:
		return fatal
	case fault.Is(why, fault.KindForbidden):
		p.warn("team_ids", fault.Of(why).Key)
		return nil
	}
	return why
}

// close removes the conflicts of parts that the push names and that are not refused any more, and remembers what is.
func (p *push) close(tx *store.Tx, refused map[part]string) error {
	for was, wanted := range p.refused {
		if _, still := refused[was]; !still && !p.in.names(was) {
			refused[was] = wanted
		}
	}
	if len(refused) == 0 && !p.hasLink {
		return nil
	}
	for was := range p.refused {
		if _, still := refused[was]; !still {
			d := conflictRow{Kind: int64(p.place.Kind), TheirID: p.place.ID, Part: string(was)}
			if err := dropConflict(tx, p.system.source(), d); err != nil {
				return err
			}
		}
	}
	return putLink(tx, p.system.source(), linkRow{Kind: int64(p.place.Kind), TheirID: p.place.ID, OurID: p.ourID,
		Snapshot: refusedText(refused)})
}

// refusedSnapshot is what the table of links keeps of a pushed record.
type refusedSnapshot struct {
	Refused map[part]string `json:"refused"` // the changes that were refused last
}

func refusedText(refused map[part]string) string {
	raw, err := json.Marshal(refusedSnapshot{refused})
	if err != nil {
		panic("crmsync: encoding refused changes: " + err.Error())
	}
	return string(raw)
}

func refusedIn(snapshot string) map[part]string {
	var s refusedSnapshot
	if json.Unmarshal([]byte(snapshot), &s) != nil || s.Refused == nil {
		return map[part]string{}
	}
	return s.Refused
}

// listConflicts adds the refused parts of this push to its result: as conflicts, or as warnings where they were
// dismissed.
func (p *push) listConflicts(ctx context.Context, tx *store.Tx, refused map[part]string) error {
	if len(refused) == 0 {
		return nil
	}
	rows, err := conflictsOf(tx, p.system.source(), p.place.Kind, p.place.ID)
	if err != nil {
		return err
	}
	n := describer{ctx: ctx, Syncer: p.Syncer, source: p.system.Name, names: map[crm.Kind]map[int64]string{}}
	for _, name := range slices.Sorted(maps.Keys(refused)) {
		at := slices.IndexFunc(rows, func(d conflictRow) bool { return d.Part == string(name) })
		switch {
		case !p.in.names(name):
		case at < 0:
			p.warn(string(name.label()), "dismissed")
		default:
			one, err := n.conflict(tx, rows[at])
			if err != nil {
				return err
			}
			p.result.Conflicts = append(p.result.Conflicts, one)
		}
	}
	return nil
}

// warnOfPhones warns of phones that are no numbers: no call will find them.
func (p *push) warnOfPhones() {
	for i, phone := range p.in.typed {
		isNumber := func(value string) bool { return p.Plan.Parse(value).Key() != 0 }
		if !isNumber(phone.Value) && !slices.ContainsFunc(p.Plan.Split(phone.Value), isNumber) {
			p.warn(fmt.Sprintf("phones.%d", i), "not_a_number")
		}
	}
}
