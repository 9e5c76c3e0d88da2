package crmsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/staff"
)

// Place is where a system keeps a record.
type Place struct {
	System string
	Kind   crm.Kind
	ID     string
}

// push is one attempt to write a pushed record. What it resolves is read before the transaction, which has to lock the
// records before it reads anything.
type push struct {
	*Syncer
	by     *access.User
	system *System
	place  Place
	in     pushed

	translator
	ourID     int64 // 0 for a new record
	refused   map[part]string
	hasLink   bool
	owner     *int64   // nil: stays
	companies *[]int64 // nil: stay
	contact   *int64   // nil: stays
	result    PushResult
	warned    int // how many warnings the result had before the transaction, which may run again
}

// answerPush reads the answer inside the transaction that writes the record.
type answerPush func(b *crm.Batch, r PushResult) error

// maxPushTries is how often a push is tried when other writers change the same records.
const maxPushTries = 8

// push writes a pushed record: a new one, or what the system names of an existing one. Faults: invalid_input,
// stale_version (of a version that was given), removed_here (the record was removed here; remove it by its external id
// first, then it can be added again).
func (s *Syncer) push(ctx context.Context, by *access.User, at Place, in pushed,
	answer answerPush) (PushResult, error) {
	system, err := s.ensureSystem(ctx, at.System)
	if err != nil {
		return PushResult{}, err
	}
	at.System, at.ID = system.Name, text.Tidy(at.ID)
	if code := text.CheckRequired(at.ID, longestID); code != "" {
		return PushResult{}, fault.Invalid("external_id", code)
	}
	phones, wrong := s.Records.CheckContactData(in.Phones.Value, in.Emails.Value)
	in.typed, in.Phones.Value = in.Phones.Value, phones
	if err := in.check(at.Kind, wrong); err != nil {
		return PushResult{}, err
	}
	for try := 1; ; try++ {
		p := &push{Syncer: s, by: by, system: system, place: at, in: in}
		err := p.resolve(ctx)
		if err == nil {
			err = s.Records.Batch(ctx, by, p.locks(), func(b *crm.Batch) error { return p.write(ctx, b, answer) })
		}
		again := fault.Is(err, fault.KindConflict) && (fault.Of(err).Key == "stale_version" ||
			fault.Of(err).Key == "record_exists")
		if !again || try == maxPushTries || p.versionRefused() {
			return p.result, err
		}
	}
}

// versionRefused reports whether a given version is why the push was refused: to try again would change nothing.
func (p *push) versionRefused() bool { return p.in.Version != 0 && p.ourID != 0 }

// resolve finds the record and everything that the push refers to.
func (p *push) resolve(ctx context.Context) error {
	p.result.Warnings = []fault.Field{}
	tx := p.DB.Read(ctx)
	p.translator = translator{theirPlan: p.Plan, ourPlan: p.Plan}
	var err error
	if p.ourID, err = p.find(tx); err != nil {
		return err
	}
	present, err := existing(tx, p.place.Kind, []int64{p.ourID})
	if err != nil {
		return err
	}
	if p.ourID != 0 && len(present) == 0 {
		return fault.Conflict("removed_here").With("record", p.ourID)
	}
	links, err := linksOf(tx, p.system.source(), p.place.Kind, []string{p.place.ID})
	if err != nil {
		return err
	}
	link, found := links[p.place.ID]
	p.hasLink, p.refused = found, refusedIn(link.Snapshot)
	org, err := p.Roster.Org(ctx)
	if err != nil {
		return err
	}
	p.resolveOwner(org)
	p.warned = len(p.result.Warnings)
	return p.resolveLinked(tx)
}

// find returns our record of the pushed one, 0 if there is none. A removed record is found too.
func (p *push) find(tx *store.Tx) (int64, error) {
	found, err := crm.FindByExternalIDs(tx, p.place.Kind, p.place.System, []string{p.place.ID})
	return found[p.place.ID], err
}

// resolveOwner finds the owner. An unknown one is a warning: the client is worth more than its owner's name.
func (p *push) resolveOwner(org *staff.Org) {
	none := int64(0)
	switch {
	case p.in.OwnerID.Set:
		p.owner = &p.in.OwnerID.Value
	case p.in.Owner.Set && p.in.Owner.Value == nil:
		p.owner = &none
	case p.in.Owner.Set:
		if u := p.userOf(org, *p.in.Owner.Value); u != nil {
			p.owner = &u.ID
		} else {
			p.warn("owner", "unknown_owner")
		}
	}
}

func (p *push) userOf(org *staff.Org, key PushedUser) *staff.User {
	if key.Login != "" {
		return org.ByLogin(key.Login)
	}
	if key.External != "" {
		return org.Holder(p.place.System, key.External)
	}
	if key.Extension != "" {
		return org.ByIdentity("", key.Extension)
	}
	return org.ByIdentity(p.place.System, key.Email)
}

func (p *push) warn(field, code string) {
	p.result.Warnings = append(p.result.Warnings, fault.Field{Field: field, Code: code})
}

// resolveLinked finds the companies and the contact of the push. Fault: invalid_input, unknown, for one that is not
// here.
func (p *push) resolveLinked(tx *store.Tx) error {
	var wrong *fault.Error
	refs, field := p.in.Companies.Value, "companies"
	if p.in.Company.Set {
		refs, field = nil, "company"
		if p.in.Company.Value != nil {
			refs = []PushedRef{*p.in.Company.Value}
		}
	}
	if p.in.Company.Set || p.in.Companies.Set {
		ids := []int64{}
		for i, ref := range refs {
			at := field
			if p.in.Companies.Set {
				at = fmt.Sprintf("%s.%d", field, i)
			}
			id, err := p.findRef(tx, crm.KindCompany, ref)
			if err != nil {
				return err
			}
			if id == 0 {
				wrong = wrong.And(at+".external_id", "unknown")
			}
			ids = append(ids, id)
		}
		p.companies = &ids
	}
	if p.in.CompanyIDs.Set {
		present, err := existing(tx, crm.KindCompany, p.in.CompanyIDs.Value)
		if err != nil {
			return err
		}
		if len(without(p.in.CompanyIDs.Value, present)) > 0 {
			field = "company_ids"
			if p.place.Kind == crm.KindLead {
				field = "company_id"
			}
			wrong = wrong.And(field, "unknown")
		}
		p.companies = &p.in.CompanyIDs.Value
	}
	if p.companies != nil {
		ids := distinctIDs(*p.companies)
		p.companies = &ids
	}
	if err := p.resolveContact(tx, &wrong); err != nil {
		return err
	}
	return wrong.OrNil()
}

func (p *push) resolveContact(tx *store.Tx, wrong **fault.Error) error {
	none := int64(0)
	switch {
	case p.in.ContactID.Set:
		present, err := existing(tx, crm.KindContact, []int64{p.in.ContactID.Value})
		if err != nil {
			return err
		}
		if p.in.ContactID.Value != 0 && len(present) == 0 {
			*wrong = (*wrong).And("contact_id", "unknown")
		}
		p.contact = &p.in.ContactID.Value
	case p.in.Contact.Set && p.in.Contact.Value == nil:
		p.contact = &none
	case p.in.Contact.Set:
		id, err := p.findRef(tx, crm.KindContact, *p.in.Contact.Value)
		if err != nil {
			return err
		}
		if id == 0 {
			*wrong = (*wrong).And("contact.external_id", "unknown")
		}
		p.contact = &id
	}
	return nil
}

// findRef returns the record of a reference, 0 if it is not here.
func (p *push) findRef(tx *store.Tx, kind crm.Kind, ref PushedRef) (int64, error) {
	id := text.Tidy(ref.ID)
	found, err := crm.FindByExternalIDs(tx, kind, cmp.Or(ref.System, p.place.System), []string{id})
	if err != nil {
		return 0, err
	}
	present, err := existing(tx, kind, []int64{found[id]})
	if err != nil || len(present) == 0 {
		return 0, err
	}
	return found[id], nil
}

func distinctIDs(ids []int64) []int64 {
	out := []int64{}
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// locks lists what the push changes or links to.
func (p *push) locks() (held crm.Locks) {
	if p.companies != nil {
		held.Companies = slices.Clone(*p.companies)
	}
	if p.contact != nil && *p.contact != 0 {
		held.Contacts = []int64{*p.contact}
	}
	if p.in.Status.Value != "" {
		held.Statuses = []string{text.Tidy(p.in.Status.Value)}
	}
	if p.ourID != 0 {
		switch p.place.Kind {
		case crm.KindCompany:
			held.Companies = append(held.Companies, p.ourID)
		case crm.KindContact:
			held.Contacts = append(held.Contacts, p.ourID)
		case crm.KindLead:
			held.Leads = []int64{p.ourID}
		}
	}
	return held
}

// orStale returns an error, or that the record is another one by now: the push is tried again.
func orStale(err error) error { return cmp.Or(err, error(fault.Stale())) }

// write is the attempt inside the transaction.
func (p *push) write(ctx context.Context, all *crm.Batch, answer answerPush) error {
	if found, err := p.find(all.Tx); err != nil || found != p.ourID {
		return orStale(err)
	}
	p.result = PushResult{p.ourID, PushOutcome{Conflicts: []Conflict{}, Warnings: p.result.Warnings[:p.warned]}}
	external := crm.ExternalID{System: p.place.System, ID: p.place.ID, URL: text.Tidy(p.in.URL.Value)}
	b := all.For(external, p.system.Master)
	var err error
	if p.ourID == 0 {
		err = p.add(b, external)
	} else {
		err = p.change(ctx, b, external)
	}
	if err != nil {
		return err
	}
	p.warnOfPhones()
	if answer == nil {
		return nil
	}
	return answer(b, p.result)
}
