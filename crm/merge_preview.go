package crm

import (
	"context"
	"errors"
	"slices"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// MergeRule is why a value wins in a merge.
type MergeRule string

// The rules.
const (
	MergeKept      MergeRule = "kept"      // of the record that stays
	MergeOldest    MergeRule = "oldest"    // the owner who has owned a record longest
	MergeStrictest MergeRule = "strictest" // the status that guards most; it cannot be chosen
	MergeFirst     MergeRule = "first"     // the first that is not empty
	MergeJoined    MergeRule = "joined"    // all of them; of two equal ones the older date counts
	MergeChosen    MergeRule = "chosen"    // by the user
)

// Values lists the rules, for the API reference.
func (MergeRule) Values() []string {
	return []string{string(MergeKept), string(MergeOldest), string(MergeStrictest), string(MergeFirst),
		string(MergeJoined), string(MergeChosen)}
}

// MergePreview is what a merge will do, field by field.
type MergePreview struct {
	Version int64         `json:"version"` // of the record that stays
	Records []Found       `json:"records"` // the one that stays first
	Fields  []MergeField  `json:"fields"`
	Refused string        `json:"refused"` // the code of why the user may not merge these, "" if they may
	Faults  []fault.Field `json:"faults"`  // what else is in the way
}

// MergeField is a field of the record that stays.
type MergeField struct {
	Field   string       `json:"field"` // name, owner, status, post, team, phones, emails, companies
	Rule    MergeRule    `json:"rule"`
	Value   []string     `json:"value"`   // several for phones and the like
	From    int64        `json:"from"`    // whose value it is; 0 where all have a part in it
	Choices []MergeValue `json:"choices"` // the value of each record, in their order
	Open    bool         `json:"open"`    // the user may choose another record's value
}

// MergeValue is the value that a record has in a field.
type MergeValue struct {
	ID      int64      `json:"id"`
	Value   []string   `json:"value"`
	Since   *time.Time `json:"since"`   // since when the record has its owner
	Allowed bool       `json:"allowed"` // the user may choose it
}

// PreviewMerge returns what a merge of records of a kind will do; nothing is written and no refusal is recorded.
// Faults: not_found, from_ids, fields.
func (b *Records) PreviewMerge(ctx context.Context, by *access.User, kind Kind, id int64,
	in Merge) (out MergePreview, err error) {
	m := &merger{act: &act{Records: b, Act: b.journal.Act(b.db.Read(ctx), by)}, kind: kind, into: id,
		from: distinct(in.FromIDs)}
	if err := checkMerge(id, m.from); err != nil {
		return out, err
	}
	v, err := m.view()
	if err != nil {
		return out, err
	}
	var keys []recordKey
	for _, one := range append([]int64{id}, m.from...) {
		keys = append(keys, recordKey{kind, one})
	}
	found, err := v.found(keys)
	if err != nil {
		return out, err
	}
	for i, key := range keys {
		record, there := found[key]
		switch {
		case !there && i == 0:
			return out, withMergedInto(v.tx, kind, id, fault.Missing(kind.String()))
		case !there:
			return out, fault.Invalid("from_ids", "unknown")
		}
		out.Records = append(out.Records, record)
	}
	p := &preview{merger: m, view: v, out: &out}
	if kind == KindCompany {
		err = p.companies(in)
	} else {
		err = p.contacts(in)
	}
	out.Faults = []fault.Field{}
	if m.Wrong != nil {
		out.Faults = m.Wrong.Fields
	}
	return out, err
}

// preview is a merge that is only looked at.
type preview struct {
	*merger
	view view
	out  *MergePreview
}

func (p *preview) companies(in Merge) error {
	rows, err := readInOrder(p.merger, companyRows, func(r companyRow) int64 { return r.ID })
	if err != nil || len(rows) == 0 {
		return err
	}
	for i := range rows {
		if err := p.refused(p.authorize(mergeCompany, &rows[i], nil)); err != nil {
			return err
		}
	}
	bases := basesOf(rows, func(r companyRow) base { return r.base })
	may := func(owner int64) (bool, error) {
		err := p.authorizeOwner(rows, owner)
		var refusal *journal.Refusal
		if errors.As(err, &refusal) {
			return false, nil
		}
		return err == nil, err
	}
	if err := p.common(in.Fields, bases, may); err != nil {
		return err
	}
	status := MergeField{Field: "status", Rule: MergeStrictest}
	team := MergeField{Field: "team", Rule: MergeJoined}
	best := rows[0]
	for _, r := range rows {
		if stricter(p.view.set, r.StatusID, best.StatusID) {
			best = r
		}
		var words, names []string
		if s := p.view.set.ByID(r.StatusID); s != nil {
			words = []string{s.Name}
		}
		for _, id := range idsIn(r.TeamIDs) {
			if one := p.view.person(id); one != nil {
				names = append(names, one.Name)
			}
		}
		status.Choices = append(status.Choices, MergeValue{ID: r.ID, Value: listed(words)})
		team.Choices = append(team.Choices, MergeValue{ID: r.ID, Value: listed(names)})
	}
	status.From, status.Value = best.ID, valueOf(status.Choices, best.ID)
	team.join()
	p.out.Fields = append(p.out.Fields, status, team)
	return p.numbers()
}

func (p *preview) contacts(in Merge) error {
	rows, err := readInOrder(p.merger, contactRows, func(r contactRow) int64 { return r.ID })
	if err != nil || len(rows) == 0 {
		return err
	}
	post := MergeField{Field: "post", Rule: MergeFirst, Open: true}
	companies := MergeField{Field: "companies", Rule: MergeJoined}
	var all []int64
	ids := append([]int64{p.into}, p.from...)
	named, err := companiesNamed(p.Tx, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		var names, words []string
		for _, c := range named {
			if c.Contact == r.ID {
				all, names = append(all, c.ID), append(names, c.Name)
			}
		}
		if r.Post != "" {
			words = []string{r.Post}
		}
		if post.From == 0 && r.Post != "" {
			post.From = r.ID
		}
		post.Choices = append(post.Choices, MergeValue{ID: r.ID, Value: listed(words), Allowed: true})
		companies.Choices = append(companies.Choices, MergeValue{ID: r.ID, Value: listed(names)})
	}
	if err := p.refused(p.authorizeAll(mergeContact, all, nil)); err != nil {
		return err
	}
	bases := basesOf(rows, func(r contactRow) base { return r.base })
	if err := p.common(in.Fields, bases, func(int64) (bool, error) { return true, nil }); err != nil {
		return err
	}
	post.choose(in.Fields.Post)
	companies.join()
	if len(companies.Value) > maxCompanies {
		p.Invalid("company_ids", "too_many")
	}
	p.out.Fields = append(p.out.Fields, post, companies)
	return p.numbers()
}

// common previews name and owner. may reports whether the user may choose an owner.
func (p *preview) common(in MergeFields, rows []base, may func(owner int64) (bool, error)) error {
	p.out.Version = rows[0].Version
	name := MergeField{Field: "name", Rule: MergeKept, From: p.into, Open: true}
	owner := MergeField{Field: "owner", Rule: MergeOldest, From: p.into}
	oldest := rows[0]
	if _, err := p.oldestOwner(&oldest, rows); err != nil {
		return err
	}
	known, err := ownersSince(p.Tx, p.kind, append([]int64{p.into}, p.from...))
	if err != nil {
		return err
	}
	var first int64
	for _, r := range rows {
		name.Choices = append(name.Choices, MergeValue{ID: r.ID, Value: []string{r.Name}, Allowed: true})
		choice := MergeValue{ID: r.ID, Value: []string{}, Allowed: r.OwnerID == oldest.OwnerID}
		since := ownedSince(known, r)
		if one := p.view.person(r.OwnerID); one != nil {
			at := store.Time(since)
			choice.Value, choice.Since = []string{one.Name}, &at
		}
		if r.OwnerID == oldest.OwnerID && (first == 0 || since < first) {
			owner.From, first = r.ID, since
		}
		if !choice.Allowed {
			if choice.Allowed, err = may(r.OwnerID); err != nil {
				return err
			}
			owner.Open = owner.Open || choice.Allowed
		}
		owner.Choices = append(owner.Choices, choice)
	}
	for _, of := range []struct {
		field *MergeField
		id    int64
	}{{&name, in.Name}, {&owner, in.Owner}} {
		if of.id != 0 && !of.field.choose(of.id) {
			p.Invalid("fields."+of.field.Field, "unknown")
		}
	}
	name.choose(0)
	owner.choose(0)
	p.out.Fields = append(p.out.Fields, name, owner)
	return nil
}

// numbers previews phones and e-mails.
func (p *preview) numbers() error {
	if err := p.gather(); err != nil {
		return err
	}
	phones := MergeField{Field: "phones", Rule: MergeJoined, Value: listed(valuesOf(p.lines))}
	emails := MergeField{Field: "emails", Rule: MergeJoined, Value: listed(p.emails)}
	for _, id := range append([]int64{p.into}, p.from...) {
		lines, err := linesAt(p.Tx, p.kind, id)
		if err != nil {
			return err
		}
		addresses, err := emailsAt(p.Tx, p.kind, id)
		if err != nil {
			return err
		}
		phones.Choices = append(phones.Choices, MergeValue{ID: id, Value: listed(valuesOf(lines))})
		emails.Choices = append(emails.Choices, MergeValue{ID: id, Value: addresses})
	}
	p.out.Fields = append(p.out.Fields, phones, emails)
	return nil
}

// refused keeps the code of the first refusal; other errors are returned.
func (p *preview) refused(err error) error {
	var refusal *journal.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	if p.out.Refused == "" {
		p.out.Refused = refusal.Fault.Key
	}
	return nil
}

// choose sets the value to that of a record, or of the present one for 0; false: there is no such record.
func (f *MergeField) choose(id int64) bool {
	if id != 0 {
		if !slices.ContainsFunc(f.Choices, func(c MergeValue) bool { return c.ID == id }) {
			return false
		}
		f.From, f.Rule = id, MergeChosen
	}
	f.Value = valueOf(f.Choices, f.From)
	return true
}

// join sets the value to those of all records.
func (f *MergeField) join() {
	f.Value = []string{}
	for _, c := range f.Choices {
		for _, value := range c.Value {
			if !slices.Contains(f.Value, value) {
				f.Value = append(f.Value, value)
			}
		}
	}
}

func valueOf(choices []MergeValue, id int64) []string {
	for _, c := range choices {
		if c.ID == id {
			return c.Value
		}
	}
	return []string{}
}
