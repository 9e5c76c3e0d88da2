package crmsync

import (
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// recordConflict adds a refused change to the conflicts, merged with an earlier refusal of the same part.
func (a *attempt) recordConflict(tx *store.Tx, i *item, c change, code string, ours state) error {
	rows, err := conflictsOf(tx, a.work.source.ID, a.kind, i.record.ID)
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(rows, func(d conflictRow) bool { return d.Part == string(c.Part) }); at >= 0 {
		previous, err := rows[at].change()
		if err != nil {
			return err
		}
		c = a.merged(previous, c)
	}
	i.hasConflicts = true
	return putConflict(
		tx,
		a.work.source.ID,
		conflictRow{Kind: int64(a.kind), TheirID: i.record.ID, Part: string(c.Part), OurID: i.ourID,
			Code: code, Ours: ours.valuesFor(c), Theirs: c.text(), ByID: c.By},
	)
}

// recordInvalid stores which values of a record had to be adapted, or that none had to be.
func (a *attempt) recordInvalid(tx *store.Tx, i *item) error {
	d := conflictRow{
		Kind:    int64(a.kind),
		TheirID: i.record.ID,
		Part:    string(partInvalid),
		OurID:   i.ourID,
		ByID:    i.record.ChangedBy,
	}
	if len(i.invalid) == 0 {
		if i.hasConflicts {
			return dropConflict(tx, a.work.source.ID, d)
		}
		return nil
	}
	c := change{Part: partInvalid, Fields: map[string]string{}}
	for _, field := range i.invalid {
		c.Fields[field.Field] = field.Code
	}
	i.hasConflicts = true
	d.Code, d.Theirs = i.invalid[0].Code, c.text()
	return putConflict(tx, a.work.source.ID, d)
}

// resolveConflicts removes the conflicts of a record that no longer exist because either side changed.
func (a *attempt) resolveConflicts(tx *store.Tx, i *item, ours state) error {
	rows, err := conflictsOf(tx, a.work.source.ID, a.kind, i.record.ID)
	if err != nil {
		return err
	}
	for _, d := range rows {
		if d.Part == string(partInvalid) {
			continue
		}
		c, err := d.change()
		if err != nil {
			return err
		}
		rest, open := a.remaining(c, i.theirs, ours)
		switch {
		case !open:
			err = dropConflict(tx, a.work.source.ID, d)
		case rest.text() != c.text() || d.OurID != i.ourID:
			d.OurID, d.Theirs = i.ourID, rest.text()
			err = putConflict(tx, a.work.source.ID, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// applyAsMaster applies what was refused while the CRM was not the master yet.
func (a *attempt) applyAsMaster(b *crm.Batch, i *item, ours state) error {
	rows, err := conflictsOf(b.Tx, a.work.source.ID, a.kind, i.record.ID)
	if err != nil {
		return err
	}
	for _, d := range rows {
		c, err := d.change()
		if err != nil {
			return err
		}
		rest, open := a.remaining(c, i.theirs, ours)
		if !open || rest.TheirOwner != "" {
			continue
		}
		as, err := a.actingAs(b, d.ByID)
		if err != nil {
			return err
		}
		if _, _, err := a.apply(as, a.kind, i.ourID, rest); err != nil {
			return err
		}
	}
	return nil
}

// remaining returns the part of a change that the CRM still has and we lack; false if there is none.
func (t translator) remaining(c change, theirs, ours state) (change, bool) {
	out := change{Part: c.Part, By: c.By}
	switch c.Part {
	case partFields:
		out.Fields = map[string]string{}
		for name, value := range c.Fields {
			if theirs.field(name) == value && ours.field(name) != value {
				out.Fields[name] = value
			}
		}
		out.AddEmails = emailsNotIn(emailsIn(c.AddEmails, theirs.Emails), ours.Emails)
		out.RemoveEmails = emailsIn(emailsNotIn(c.RemoveEmails, theirs.Emails), ours.Emails)
		return out, len(out.Fields) > 0 || len(out.AddEmails) > 0 || len(out.RemoveEmails) > 0
	case partOwner:
		if c.TheirOwner != "" {
			return c, !theirs.OwnerKnown && theirs.TheirOwner == c.TheirOwner
		}
		out.Owner = c.Owner
		return out, theirs.OwnerKnown && theirs.Owner == c.Owner && ours.Owner != c.Owner
	case partStatus:
		out.Status = c.Status
		return out, theirs.Status == c.Status && ours.Status != c.Status
	case partAddPhones:
		out.Phones = t.phonesNotIn(t.phonesIn(c.Phones, theirs.Phones), ours.Phones)
		return out, len(out.Phones) > 0
	case partRemovePhones:
		out.Phones = t.phonesIn(t.phonesNotIn(c.Phones, theirs.Phones), ours.Phones)
		return out, len(out.Phones) > 0
	case partLink:
		out.Companies = without(intersect(c.Companies, theirs.Companies), ours.Companies)
		if c.Primary != 0 && firstOf(theirs.Companies) == c.Primary && firstOf(ours.Companies) != c.Primary {
			out.Primary = c.Primary
		}
		if c.Contact != nil && theirs.Contact == *c.Contact && ours.Contact != *c.Contact {
			out.Contact = c.Contact
		}
		return out, len(out.Companies) > 0 || out.Primary != 0 || out.Contact != nil
	case partUnlink:
		out.Companies = intersect(without(c.Companies, theirs.Companies), ours.Companies)
		return out, len(out.Companies) > 0
	case partConverted:
		return c, theirs.Stage == crm.StageConverted && ours.Stage != crm.StageConverted
	}
	return out, false // a removal: the record is there again
}

// merged returns one change for two refusals of the same part; the later one wins.
func (t translator) merged(previous, c change) change {
	fields := map[string]string{}
	for name, value := range previous.Fields {
		fields[name] = value
	}
	for name, value := range c.Fields {
		fields[name] = value
	}
	if len(fields) > 0 {
		c.Fields = fields
	}
	c.AddEmails = append(emailsNotIn(previous.AddEmails, c.AddEmails), c.AddEmails...)
	c.RemoveEmails = append(emailsNotIn(previous.RemoveEmails, c.RemoveEmails), c.RemoveEmails...)
	c.Phones = append(t.phonesNotIn(previous.Phones, c.Phones), c.Phones...)
	c.Companies = append(slices.Clone(c.Companies), without(previous.Companies, c.Companies)...)
	if c.Primary == 0 {
		c.Primary = previous.Primary
	}
	if c.Contact == nil {
		c.Contact = previous.Contact
	}
	return c
}

// intersect returns the members that two lists share.
func intersect(list, other []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(list), func(id int64) bool { return !slices.Contains(other, id) })
}

func (f state) field(name string) string {
	switch name {
	case "name":
		return f.Name
	case "title":
		return f.Title
	case "post":
		return f.Post
	case "source":
		return f.Source
	case "stage":
		return f.Stage
	}
	return ""
}

// valuesFor returns, as JSON, the values of ours that a change would replace.
func (f state) valuesFor(c change) string {
	now := change{Part: c.Part}
	switch c.Part {
	case partFields:
		now.Fields = map[string]string{}
		for name := range c.Fields {
			now.Fields[name] = f.field(name)
		}
	case partOwner:
		now.Owner = f.Owner
	case partStatus:
		now.Status = f.Status
	case partAddPhones, partRemovePhones:
		now.Phones = *plainPhones(f.Phones)
	case partLink, partUnlink:
		now.Companies = f.Companies
	}
	return now.text()
}

func (c change) text() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic("crmsync: encoding a change: " + err.Error())
	}
	return string(text)
}

// change decodes the change that the CRM asks for.
func (d conflictRow) change() (change, error) {
	c := change{}
	if err := json.Unmarshal([]byte(d.Theirs), &c); err != nil {
		return c, fault.Internal(err)
	}
	c.Part, c.By = part(d.Part), d.ByID
	return c, nil
}
