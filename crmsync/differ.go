package crmsync

import (
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// recordConflict puts what was refused into the list of differences, together with what
// was refused of the same part before.
func (a *attempt) recordConflict(tx *store.Tx, i *item, w change, code string, ours state) error {
	rows, err := differencesOf(tx, a.work.source.ID, a.kind, i.record.ID)
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(rows, func(d differenceRow) bool { return d.Part == string(w.Part) }); at >= 0 {
		before, err := rows[at].wish()
		if err != nil {
			return err
		}
		w = a.joined(before, w)
	}
	i.differs = true
	return putDifference(tx, a.work.source.ID, differenceRow{Kind: int64(a.kind), TheirID: i.record.ID, Part: string(w.Part), OurID: i.ours,
		Code: code, Ours: ours.of(w), Theirs: w.text(), ByID: w.By})
}

// unfit notes what of a record could not be taken as it is there, or that
// everything can.
func (a *attempt) unfit(tx *store.Tx, i *item) error {
	d := differenceRow{Kind: int64(a.kind), TheirID: i.record.ID, Part: string(partInvalid), OurID: i.ours, ByID: i.record.ChangedBy}
	if len(i.wrong) == 0 {
		if i.differs {
			return dropDifference(tx, a.work.source.ID, d)
		}
		return nil
	}
	w := change{Part: partInvalid, Fields: map[string]string{}}
	for _, f := range i.wrong {
		w.Fields[f.Field] = f.Code
	}
	i.differs = true
	d.Code, d.Theirs = i.wrong[0].Code, w.text()
	return putDifference(tx, a.work.source.ID, d)
}

// resolveConflicts drops of the differences of a record what is none any more, because it was
// changed on either side.
func (a *attempt) resolveConflicts(tx *store.Tx, i *item, ours state) error {
	rows, err := differencesOf(tx, a.work.source.ID, a.kind, i.record.ID)
	if err != nil {
		return err
	}
	for _, d := range rows {
		if d.Part == string(partInvalid) {
			continue
		}
		w, err := d.wish()
		if err != nil {
			return err
		}
		left, any := a.left(w, i.theirs, ours)
		switch {
		case !any:
			err = dropDifference(tx, a.work.source.ID, d)
		case left.text() != w.text() || d.OurID != i.ours:
			d.OurID, d.Theirs = i.ours, left.text()
			err = putDifference(tx, a.work.source.ID, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// applyAsMaster applies what was refused while the CRM was not the master yet.
func (a *attempt) applyAsMaster(b *crm.Batch, i *item, ours state) error {
	rows, err := differencesOf(b.Tx, a.work.source.ID, a.kind, i.record.ID)
	if err != nil {
		return err
	}
	for _, d := range rows {
		w, err := d.wish()
		if err != nil {
			return err
		}
		left, any := a.left(w, i.theirs, ours)
		if !any {
			continue
		}
		as, err := a.as(b, d.ByID)
		if err != nil {
			return err
		}
		if _, _, err := a.do(as, a.kind, i.ours, left); err != nil {
			return err
		}
	}
	return nil
}

// left gives what of a wish is still so there and not so here.
func (t translator) left(w change, theirs, ours state) (change, bool) {
	out := change{Part: w.Part, By: w.By}
	switch w.Part {
	case partFields:
		out.Fields = map[string]string{}
		for name, value := range w.Fields {
			if theirs.field(name) == value && ours.field(name) != value {
				out.Fields[name] = value
			}
		}
		out.Mail = mailNotIn(mailIn(w.Mail, theirs.Emails), ours.Emails)
		out.NoMail = mailIn(mailNotIn(w.NoMail, theirs.Emails), ours.Emails)
		return out, len(out.Fields) > 0 || len(out.Mail) > 0 || len(out.NoMail) > 0
	case partOwner:
		out.Owner = w.Owner
		return out, theirs.OwnerKnown && theirs.Owner == w.Owner && ours.Owner != w.Owner
	case partStatus:
		out.Status = w.Status
		return out, theirs.Status == w.Status && ours.Status != w.Status
	case partAdd:
		out.Phones = t.phonesNotIn(t.phonesIn(w.Phones, theirs.Phones), ours.Phones)
		return out, len(out.Phones) > 0
	case partTake:
		out.Phones = t.phonesIn(t.phonesNotIn(w.Phones, theirs.Phones), ours.Phones)
		return out, len(out.Phones) > 0
	case partLink:
		out.Ties = without(both(w.Ties, theirs.Companies), ours.Companies)
		if w.First != 0 && firstOf(theirs.Companies) == w.First && firstOf(ours.Companies) != w.First {
			out.First = w.First
		}
		if w.Person != nil && theirs.Contact == *w.Person && ours.Contact != *w.Person {
			out.Person = w.Person
		}
		return out, len(out.Ties) > 0 || out.First != 0 || out.Person != nil
	case partUnlink:
		out.Ties = both(without(w.Ties, theirs.Companies), ours.Companies)
		return out, len(out.Ties) > 0
	case partBecame:
		return w, theirs.Stage == crm.StageConverted && ours.Stage != crm.StageConverted
	}
	return out, false // a removal: it is there again
}

// joined is what two refusals of the same part want together; the later one counts.
func (t translator) joined(before, w change) change {
	fields := map[string]string{}
	for name, value := range before.Fields {
		fields[name] = value
	}
	for name, value := range w.Fields {
		fields[name] = value
	}
	if len(fields) > 0 {
		w.Fields = fields
	}
	w.Mail = append(mailNotIn(before.Mail, w.Mail), w.Mail...)
	w.NoMail = append(mailNotIn(before.NoMail, w.NoMail), w.NoMail...)
	w.Phones = append(t.phonesNotIn(before.Phones, w.Phones), w.Phones...)
	w.Ties = append(slices.Clone(w.Ties), without(before.Ties, w.Ties)...)
	if w.First == 0 {
		w.First = before.First
	}
	if w.Person == nil {
		w.Person = before.Person
	}
	return w
}

// both gives the members that two lists have.
func both(list, other []int64) []int64 {
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

// of gives what a record of ours has where a wish wants something else.
func (f state) of(w change) string {
	now := change{Part: w.Part}
	switch w.Part {
	case partFields:
		now.Fields = map[string]string{}
		for name := range w.Fields {
			now.Fields[name] = f.field(name)
		}
	case partOwner:
		now.Owner = f.Owner
	case partStatus:
		now.Status = f.Status
	case partAdd, partTake:
		now.Phones = *bare(f.Phones)
	case partLink, partUnlink:
		now.Ties = f.Companies
	}
	return now.text()
}

func (w change) text() string {
	text, err := json.Marshal(w)
	if err != nil {
		panic("mirror: a wish that is no JSON: " + err.Error())
	}
	return string(text)
}

// wish reads what a difference wants.
func (d differenceRow) wish() (change, error) {
	w := change{}
	if err := json.Unmarshal([]byte(d.Theirs), &w); err != nil {
		return w, fault.Internal(err)
	}
	w.Part, w.By = part(d.Part), d.ByID
	return w, nil
}
