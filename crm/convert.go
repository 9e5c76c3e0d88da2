package crm

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/journal"
	"callhue/statuses"
)

// ConvertInput is what a lead becomes: a new company, a new contact, or both; or a contact of an existing company, made of
// the lead if none is given. Empty names and a missing owner are the lead's.
type ConvertInput struct {
	Company *NewCompany `json:"company"`
	Contact *NewContact `json:"contact"`
	Into    int64       `json:"into_company_id"`
	Version int64       `json:"version"` // of the lead; 0 is not compared
}

// Converted is what became of a lead.
type Converted struct {
	Lead     Lead     `json:"lead"`
	Company  *Company `json:"company"` // new, or the one converted into
	Contact  *Contact `json:"contact"`
	Warnings []string `json:"warnings"` // status_ignored: the user may not choose the status
}

// Convert turns a lead into the records of in. A new company gets the default
// status, an existing one keeps its own. The phones and e-mails of the lead move to
// the contact, or to the company if there is no contact; from now on the lead
// counts only through them. Numbers that led to the same company before keep their times. Faults: already_converted, stale_version, and those
// of adding the records.
func (b *Records) Convert(ctx context.Context, by *access.User, lead int64,
	in ConvertInput) (out Converted, err error) {
	err = b.write(ctx, by, func(a *act) error {
		c := &conversion{act: a, in: in, out: Converted{Warnings: []string{}}}
		err := c.run(lead)
		out = c.out
		a.Tx.Answer(out)
		return err
	})
	return out, err
}

// conversion is one lead on its way.
type conversion struct {
	*act
	in         ConvertInput
	lead       leadRow
	phoneLines []phoneLine
	phones     []Phone
	emails     []string
	keys       []int64
	out        Converted
}

func (c *conversion) run(id int64) error {
	if err := lockOne(c.Tx, KindLead, id); err != nil {
		return err
	}
	if err := c.act.lockRecord("into_company_id", KindCompany, c.in.Into); err != nil {
		return err
	}
	if c.in.Company != nil {
		if err := statuses.Lock(c.Tx, c.in.Company.Status); err != nil {
			return err
		}
	}
	var others []int64
	if c.in.Contact != nil {
		var err error
		if others, err = c.lockRecords("contact.company_ids", KindCompany, c.in.Contact.CompanyIDs); err != nil {
			return err
		}
	}
	if err := c.begin(id); err != nil {
		return err
	}
	company, err := c.company()
	if err != nil {
		return err
	}
	contact, err := c.contact(company, others)
	if err != nil {
		return err
	}
	return c.finish(company, contact)
}

// begin reads the lead and refuses what cannot be done with it.
func (c *conversion) begin(id int64) (err error) {
	if c.lead, err = leadRowOf(c.Tx, id); err != nil {
		return err
	}
	if c.in.Version != 0 && c.in.Version != c.lead.Version {
		return fault.Stale()
	}
	if c.lead.ConvertedAt != 0 {
		return fault.Conflict("already_converted")
	}
	if c.in.Company != nil && c.in.Into != 0 {
		c.Invalid("into_company_id", "company_given_too")
	}
	if c.in.Company == nil && c.in.Contact == nil && c.in.Into == 0 {
		c.Invalid("company", "nothing_to_create")
	}
	if err := c.check(); err != nil {
		return err
	}
	if c.phoneLines, err = linesAt(c.Tx, KindLead, id); err != nil {
		return err
	}
	for _, l := range c.phoneLines {
		c.phones = append(c.phones, Phone{Value: l.Raw, Kind: l.Kind})
	}
	c.emails, err = emailsAt(c.Tx, KindLead, id)
	return err
}

// withContact reports whether the lead becomes a person at all.
func (c *conversion) withContact() bool { return c.in.Contact != nil || c.in.Into != 0 }

// company adds the new company, or returns the existing one; 0 for none.
func (c *conversion) company() (int64, error) {
	if c.in.Company == nil {
		return c.in.Into, nil
	}
	in := *c.in.Company
	in.Name, in.OwnerID = cmp.Or(in.Name, c.lead.Title), cmp.Or(in.OwnerID, c.lead.OwnerID)
	if !c.withContact() {
		in.Phones, in.Emails = c.combined(in.Phones, in.Emails)
	}
	row, keys, err := c.addCompany("company.", in)
	var refused *journal.Refusal
	if errors.As(err, &refused) { // by the status alone: nothing else can be refused to a new company
		in.Status, c.Wrong = "", nil
		c.out.Warnings = append(c.out.Warnings, "status_ignored")
		row, keys, err = c.addCompany("company.", in)
	}
	c.keys = append(c.keys, keys...)
	return row.ID, err
}

// contact adds the new contact of a company, 0 for none.
func (c *conversion) contact(company int64, others []int64) (int64, error) {
	if !c.withContact() {
		return 0, nil
	}
	var in NewContact
	if c.in.Contact != nil {
		in = *c.in.Contact
	}
	in.Name, in.OwnerID = cmp.Or(in.Name, c.lead.Name), cmp.Or(in.OwnerID, c.lead.OwnerID)
	in.Phones, in.Emails = c.combined(in.Phones, in.Emails)
	companies := others
	if company != 0 {
		companies = distinct(append([]int64{company}, others...))
	}
	had, err := c.priorWith(company)
	if err != nil {
		return 0, err
	}
	row, keys, err := c.addContact("contact.", in, companies, had)
	c.keys = append(c.keys, keys...)
	return row.ID, err
}

// priorWith returns the times that the new contact of a company begins with. The
// numbers of a lead of that very company led to it before, and lead to it
// since then: a conversion is no way to become younger than a poacher's link. Nor
// is it one to become older: a lead may count for nothing (policy), so its times
// are not kept where a protected company that had the number before this contact
// would lose its precedence.
func (c *conversion) priorWith(company int64) (priorData, error) {
	if company == 0 || company != c.lead.CompanyID {
		return priorData{}, nil
	}
	for _, l := range numberRowsOf(KindContact, 0, c.phoneLines, c.lead.links()) {
		younger, err := c.outrankedBy(l)
		if err != nil {
			return priorData{}, err
		}
		companies, err := companyRows(c.Tx, younger)
		if err != nil {
			return priorData{}, err
		}
		for i := range companies {
			locked, err := c.protected(&companies[i])
			if err != nil || locked {
				return priorData{}, err
			}
		}
	}
	return priorData{c.phoneLines, c.lead.links()}, nil
}

// combined returns the lead's phones and e-mails, then the given ones.
func (c *conversion) combined(phones []Phone, emails []string) ([]Phone, []string) {
	all := slices.Clone(c.phones)
	for _, p := range phones {
		if key := c.plan.ParseTyped(p.Value).Key(); key == 0 ||
			!slices.ContainsFunc(c.phones, func(had Phone) bool { return c.plan.ParseTyped(had.Value).Key() == key }) {
			all = append(all, p)
		}
	}
	mail := slices.Clone(c.emails)
	for _, e := range emails {
		if !slices.Contains(mail, e) {
			mail = append(mail, e)
		}
	}
	return all, mail
}

// finish marks the lead as converted, removes it from the index and records the conversion.
func (c *conversion) finish(company, contact int64) error {
	t, err := c.removeFromIndex(company)
	if err != nil {
		return err
	}
	row := c.lead
	row.base = c.nextBase(row.base)
	row.Stage, row.Semantics, row.ConvertedAt = StageConverted, string(Success), c.now()
	if contact != 0 {
		row.ContactID = contact
	}
	if company != 0 && company != row.CompanyID {
		row.CompanyID, row.LinkedAt = company, c.now()
	}
	if err := update(c.Tx, leadsTable, row.ID, row.values()); err != nil {
		return err
	}
	keys := append(t.keys(), c.keys...)
	slices.Sort(keys)
	err = c.recordEntry(LeadConverted, KindLead, row.ID, row.OwnerID,
		map[string]any{"name": row.Title, "company": company,
			"contact": contact, "warnings": c.out.Warnings, "numbers": slices.Compact(keys)})
	if err != nil {
		return err
	}
	return c.report(row.ID, company, contact)
}

// leaveIndex takes the lead's numbers out of the index. A protected company
// that they led to must not lose them, unless they now lead to it through what
// the lead became; and then it is for those who work with it to convert.
func (c *conversion) removeFromIndex(company int64) (indexChange, error) {
	if company != 0 && company == c.lead.CompanyID {
		if err := c.authorizeAll(describe, []int64{company}, map[string]int64{"lead": c.lead.ID}); err != nil {
			return indexChange{}, err
		}
		return c.reindex(KindLead, c.lead.ID, nil, nil)
	}
	t, err := c.index(KindLead, c.lead.ID, nil, nil)
	if err != nil {
		return t, err
	}
	return t, c.authorizeAll(unlink, companiesIn(c.lead.links()), map[string]int64{"lead": c.lead.ID})
}

func (c *conversion) report(lead, company, contact int64) (err error) {
	if c.out.Lead, err = c.act.lead(lead); err != nil {
		return err
	}
	if company != 0 {
		found, err := c.act.company(company)
		if err != nil {
			return err
		}
		c.out.Company = &found
	}
	if contact != 0 {
		found, err := c.act.contact(contact)
		if err != nil {
			return err
		}
		c.out.Contact = &found
	}
	return nil
}
