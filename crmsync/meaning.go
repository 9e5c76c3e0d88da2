package crmsync

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
	"callhue/statuses"
)

// Mapping is how the words of a CRM are understood here.
type Mapping struct {
	Version      int64           `json:"version"`
	Kinds        []string        `json:"kinds"`
	Owners       OwnersMode      `json:"owners" doc:"guarded: a change counts by the rights of the user who made it in the CRM; crm: every change counts"`
	MakeUsers    bool            `json:"make_users"`
	StatusField  string          `json:"status_field"`
	StatusFields []StatusField   `json:"status_fields"`
	Statuses     []StatusMeaning `json:"statuses"`
	Users        []UserMeaning   `json:"users"`
	Stages       []StageMeaning  `json:"stages"`
}

// StatusMeaning is a value of the chosen status field and our status for it.
type StatusMeaning struct {
	Value  string `json:"value"`
	Name   string `json:"name"`
	Status string `json:"status"` // a code; "" changes nothing here
}

// UserMeaning is a user of theirs and ours.
type UserMeaning struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Extension string    `json:"extension"`
	Active    bool      `json:"active"`
	User      *UserRef  `json:"user"`
	How       UserMatch `json:"how"`
}

// UserRef is a user of ours by name.
type UserRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// StageMeaning is a stage of theirs and ours.
type StageMeaning struct {
	Value string `json:"value"`
	Name  string `json:"name"`
	Stage string `json:"stage"`
}

// MappingChange changes what is not nil. Of the maps, what is named is changed: an
// empty status or stage takes the meaning away, and so does a user 0; a user null is
// looked for again.
type MappingChange struct {
	Version     int64              `json:"version"`
	Kinds       *[]string          `json:"kinds"`
	Owners      *OwnersMode        `json:"owners"`
	MakeUsers   *bool              `json:"make_users"`
	StatusField *string            `json:"status_field"`
	Statuses    *map[string]string `json:"statuses"`
	Users       *map[string]*int64 `json:"users"`
	Stages      *map[string]string `json:"stages"`
}

// maxMeanings bounds how many meanings of a sort are decided.
const maxMeanings = 20_000

// MappingOf gives the mapping of a source with everything that can be mapped.
func (m *Syncer) MappingOf(ctx context.Context, source int64) (out Mapping, err error) {
	tx := m.DB.Read(ctx)
	row, err := sourceOf(tx, source)
	if err != nil {
		return out, err
	}
	var k known
	if err := row.read(&k, &fullSync{}, &tally{}); err != nil {
		return out, err
	}
	is, err := mappingOf(row.Mapping)
	if err != nil {
		return out, err
	}
	out = Mapping{Version: row.MappingVersion + 1, Kinds: is.Kinds, Owners: OwnersMode(is.Owners), MakeUsers: is.MakeUsers, StatusField: is.StatusField,
		StatusFields: append([]StatusField{}, k.Fields...), Statuses: []StatusMeaning{}, Stages: []StageMeaning{}}
	for i, f := range out.StatusFields {
		out.StatusFields[i].Entries = append([]Entry{}, f.Entries...)
		if f.Code != is.StatusField {
			continue
		}
		for _, e := range f.Entries {
			out.Statuses = append(out.Statuses, StatusMeaning{e.Value, e.Name, is.Statuses[e.Value]})
		}
	}
	t := translator{mapping: is, stages: k.Stages}
	for _, s := range k.Stages {
		out.Stages = append(out.Stages, StageMeaning{s.Value, s.Name, t.stage(s.Value)})
	}
	if out.Users, err = m.usersOf(ctx, tx, row, is); err == nil && row.StaffAt == 0 {
		out.Users, err = m.usersToCome(ctx, row, is, k.Users)
	}
	return out, err
}

// usersToCome says who the users of a CRM will be here once they are brought in.
func (m *Syncer) usersToCome(ctx context.Context, row sourceRow, is mapping, users []User) ([]UserMeaning, error) {
	org, err := m.Roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	list, taken := []UserMeaning{}, map[*staff.User]bool{}
	for _, theirs := range users {
		u := UserMeaning{ID: theirs.ID, Name: theirs.Name, Email: theirs.Email, Extension: theirs.Extension, Active: theirs.Active}
		p := &bringing{work: &work{Syncer: m, source: Source{ID: row.SourceID, Name: row.Name}, mapping: is}, theirs: theirs, first: true}
		ours, how := p.expect(org)
		if taken[ours] {
			ours, how = nil, p.unmatched()
		}
		if u.How = UserMatch(how); ours != nil {
			taken[ours], u.User = true, &UserRef{ours.ID, ours.Name}
		}
		list = append(list, u)
	}
	slices.SortStableFunc(list, func(a, b UserMeaning) int { return compareFold(a.Name, b.Name) })
	return list, nil
}

func (m *Syncer) usersOf(ctx context.Context, tx *store.Tx, row sourceRow, is mapping) ([]UserMeaning, error) {
	links, err := allLinks(tx, row.SourceID, kindUser)
	if err != nil {
		return nil, err
	}
	org, err := m.Roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	list := []UserMeaning{}
	for _, l := range links {
		var p person
		if err := json.Unmarshal([]byte(l.Seen), &p); err != nil {
			return nil, fault.Internal(err)
		}
		u := UserMeaning{ID: l.TheirID, Name: p.User.Name, Email: p.User.Email, Extension: p.User.Extension, Active: p.User.Active, How: howNone}
		ours := org.Holder(row.Name, l.TheirID)
		if ours != nil {
			u.How = UserMatch(p.How)
		}
		if id, chosen := is.Users[l.TheirID]; chosen {
			ours, u.How = org.User(id), howChosen
		}
		if ours != nil {
			u.User = &UserRef{ours.ID, ours.Name}
		}
		list = append(list, u)
	}
	slices.SortStableFunc(list, func(a, b UserMeaning) int { return compareFold(a.Name, b.Name) })
	return list, nil
}

// ChangeMapping decides how the words of a CRM are understood, and brings everything
// in once more where it was brought in before. Faults: what is wrong with the fields,
// stale_version.
func (m *Syncer) ChangeMapping(ctx context.Context, by, source int64, in MappingChange) (Mapping, error) {
	org, err := m.Roster.Org(ctx)
	if err != nil {
		return Mapping{}, err
	}
	set, err := m.Directory.Set(ctx)
	if err != nil {
		return Mapping{}, err
	}
	err = m.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := sourceOf(tx, source)
		if err != nil {
			return err
		}
		var k known
		var w fullSync
		if err := row.read(&k, &w, &tally{}); err != nil {
			return err
		}
		is, err := mappingOf(row.Mapping)
		if err != nil {
			return err
		}
		if err := in.check(k, org, set).OrNil(); err != nil {
			return err
		}
		if in.Version != row.MappingVersion+1 {
			return fault.Stale()
		}
		text, err := in.apply(is).text()
		if err != nil {
			return err
		}
		if err := putMapping(tx, source, text, row.MappingVersion); err != nil {
			return err
		}
		if w.Number > 0 {
			if err := wantWhole(tx, source, w.Number+1); err != nil {
				return err
			}
		}
		_, err = m.Journal.Record(tx, journal.Entry{Actor: by, Verb: SyncMapped, Subject: journal.Ref{Kind: "source", ID: source},
			Details: journal.Details(map[string]any{"source": row.Name, "changed": in.given()})})
		return err
	})
	if err != nil {
		return Mapping{}, err
	}
	m.wake(source)
	return m.MappingOf(ctx, source)
}

// given are the fields that a change is about, for the journal.
func (in MappingChange) given() map[string]any {
	words := map[string]any{}
	for name, value := range map[string]any{"kinds": in.Kinds, "owners": in.Owners, "make_users": in.MakeUsers, "status_field": in.StatusField,
		"statuses": in.Statuses, "users": in.Users, "stages": in.Stages} {
		if text, err := json.Marshal(value); err == nil && string(text) != "null" {
			words[name] = value
		}
	}
	return words
}

// check gathers what is wrong with a change.
func (in MappingChange) check(k known, org *staff.Org, set *statuses.Set) (wrong *fault.Error) {
	if in.Version == 0 {
		wrong = wrong.And("version", "required")
	}
	if in.Kinds != nil {
		for i, word := range *in.Kinds {
			if kind, err := crm.KindOf(word); err != nil || slices.Contains((*in.Kinds)[:i], kind.String()) {
				wrong = wrong.And("kinds", "unknown_value")
			}
		}
	}
	if in.Owners != nil && *in.Owners != ownersGuarded && *in.Owners != ownersCRM {
		wrong = wrong.And("owners", "unknown_value")
	}
	if in.StatusField != nil && *in.StatusField != "" && !slices.ContainsFunc(k.Fields, func(f StatusField) bool { return f.Code == *in.StatusField }) {
		wrong = wrong.And("status_field", "unknown_value")
	}
	for value, code := range deref(in.Statuses) {
		if s := set.ByCode(code); code != "" && (s == nil || !s.Active) {
			wrong = wrong.And("statuses."+value, "unknown_status")
		}
	}
	for id, ours := range deref(in.Users) {
		if ours != nil && *ours != 0 && org.User(*ours) == nil {
			wrong = wrong.And("users."+id, "unknown")
		}
	}
	for value, stage := range deref(in.Stages) {
		if !slices.Contains([]string{"", crm.StageNew, crm.StageInProcess, crm.StageFailed, crm.StageConverted}, stage) {
			wrong = wrong.And("stages."+value, "unknown_value")
		}
	}
	for name, n := range map[string]int{"statuses": len(deref(in.Statuses)), "users": len(deref(in.Users)), "stages": len(deref(in.Stages))} {
		if n > maxMeanings {
			wrong = wrong.And(name, "too_many")
		}
	}
	return wrong
}

// apply gives a mapping with a change.
func (in MappingChange) apply(m mapping) mapping {
	if in.Kinds != nil {
		m.Kinds = *in.Kinds
	}
	if in.Owners != nil {
		m.Owners = string(*in.Owners)
	}
	if in.MakeUsers != nil {
		m.MakeUsers = *in.MakeUsers
	}
	if in.StatusField != nil && *in.StatusField != m.StatusField {
		m.StatusField, m.Statuses = *in.StatusField, map[string]string{} // values of another field mean nothing
	}
	meanings(m.Statuses, deref(in.Statuses))
	meanings(m.Stages, deref(in.Stages))
	for id, ours := range deref(in.Users) {
		if ours == nil {
			delete(m.Users, id)
		} else {
			m.Users[id] = *ours
		}
	}
	return m
}

func meanings(of, change map[string]string) {
	maps.Copy(of, change)
	maps.DeleteFunc(of, func(_, meaning string) bool { return meaning == "" })
}

func deref[T any](value *T) (zero T) {
	if value == nil {
		return zero
	}
	return *value
}

// ImportAgain asks for a whole import: anew, or the one that runs goes on at once.
func (m *Syncer) ImportAgain(ctx context.Context, source int64) (Sync, error) {
	err := m.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := sourceOf(tx, source)
		if err != nil {
			return err
		}
		var w fullSync
		if err := row.read(&known{}, &w, &tally{}); err != nil {
			return err
		}
		number := w.Number
		if !w.running() {
			number++
		}
		return wantWhole(tx, source, number)
	})
	if err != nil {
		return Sync{}, err
	}
	m.wake(source)
	return m.Sync(ctx, source)
}

func compareFold(a, b string) int {
	return slices.Compare([]rune(store.Fold(a)), []rune(store.Fold(b)))
}

// said is a list of words as a line.
func said[T any](list []T) string {
	line := ""
	for i, one := range list {
		if i > 0 {
			line += ", "
		}
		line += fmt.Sprint(one)
	}
	return line
}
