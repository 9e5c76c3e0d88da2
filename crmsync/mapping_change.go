package crmsync

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
	"callhue/statuses"
)

// Mapping shows how values of a CRM are translated to ours.
type Mapping struct {
	Version      int64           `json:"version"`
	Kinds        []string        `json:"kinds"`
	Owners       OwnersMode      `json:"owners" doc:"guarded: by the author's rights here; crm: all changes"`
	MakeUsers    bool            `json:"make_users"`
	StatusField  string          `json:"status_field"`
	StatusFields []StatusField   `json:"status_fields"`
	Statuses     []StatusMapping `json:"statuses"`
	Users        []UserMapping   `json:"users"`
	Stages       []StageMapping  `json:"stages"`
}

// StatusMapping is a value of the chosen status field and our status for it.
type StatusMapping struct {
	Value  string `json:"value"`
	Name   string `json:"name"`
	Status string `json:"status"` // a code; "" changes nothing here
}

// UserMapping is a user of the CRM and ours.
type UserMapping struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Extension string    `json:"extension"`
	Active    bool      `json:"active"`
	User      *UserRef  `json:"user"`
	How       UserMatch `json:"how"`
}

// UserRef is a user of ours with their name.
type UserRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// StageMapping is a stage of the CRM and ours.
type StageMapping struct {
	Value string `json:"value"`
	Name  string `json:"name"`
	Stage string `json:"stage"`
}

// MappingChange changes the fields that are not nil. Maps change the entries that they name: an empty
// status or stage removes the entry, a user 0 maps to no user, and a null user is matched again.
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

// maxEntries limits the entries of each map.
const maxEntries = 20_000

// MappingOf returns the mapping of a source with everything that can be mapped. Faults: not_found.
func (s *Syncer) MappingOf(ctx context.Context, source int64) (out Mapping, err error) {
	org, err := s.Roster.Org(ctx)
	if err != nil {
		return out, err
	}
	return s.mappingIn(s.DB.Read(ctx), org, source)
}

func (s *Syncer) mappingIn(tx *store.Tx, org *staff.Org, source int64) (out Mapping, err error) {
	row, err := findSource(tx, source)
	if err != nil {
		return out, err
	}
	var info portalInfo
	if err := row.decode(&info, &fullSync{}, &tally{}); err != nil {
		return out, err
	}
	current, err := mappingOf(row.Mapping)
	if err != nil {
		return out, err
	}
	out = Mapping{
		Version:      row.MappingVersion + 1,
		Kinds:        current.Kinds,
		Owners:       OwnersMode(current.Owners),
		MakeUsers:    current.MakeUsers,
		StatusField:  current.StatusField,
		StatusFields: append([]StatusField{}, info.Fields...),
		Statuses:     []StatusMapping{},
		Stages:       []StageMapping{},
	}
	for i, f := range out.StatusFields {
		out.StatusFields[i].Entries = append([]Entry{}, f.Entries...)
		if f.Code != current.StatusField {
			continue
		}
		for _, e := range f.Entries {
			out.Statuses = append(out.Statuses, StatusMapping{e.Value, e.Name, current.Statuses[e.Value]})
		}
	}
	t := translator{mapping: current, stages: info.Stages}
	for _, s := range info.Stages {
		out.Stages = append(out.Stages, StageMapping{s.Value, s.Name, t.stage(s.Value)})
	}
	if out.Users, err = s.linkedUsers(tx, org, row, current); err == nil && row.StaffAt == 0 {
		out.Users, err = s.predictUsers(org, row, current, info.Users), nil
	}
	return out, err
}

// predictUsers returns how the users of a CRM will be matched when they are imported.
func (s *Syncer) predictUsers(
	org *staff.Org,
	row sourceRow,
	current mapping,
	users []User,
) []UserMapping {
	list, taken := []UserMapping{}, map[*staff.User]bool{}
	for _, theirs := range users {
		u := UserMapping{
			ID:        theirs.ID,
			Name:      theirs.Name,
			Email:     theirs.Email,
			Extension: theirs.Extension,
			Active:    theirs.Active,
		}
		sync := &userSync{
			work:   &work{Syncer: s, source: Source{ID: row.SourceID, Name: row.Name}, mapping: current},
			theirs: theirs,
			first:  true,
		}
		ours, how := sync.candidate(org)
		if taken[ours] {
			ours, how = nil, sync.defaultHow()
		}
		if u.How = UserMatch(how); ours != nil {
			taken[ours], u.User = true, &UserRef{ours.ID, ours.Name}
		}
		list = append(list, u)
	}
	slices.SortStableFunc(list, func(a, b UserMapping) int { return compareFold(a.Name, b.Name) })
	return list
}

// linkedUsers returns the imported users and how they were matched.
func (s *Syncer) linkedUsers(tx *store.Tx, org *staff.Org, row sourceRow, current mapping) ([]UserMapping, error) {
	links, err := allLinks(tx, row.SourceID, kindUser)
	if err != nil {
		return nil, err
	}
	list := []UserMapping{}
	for _, l := range links {
		var p userSnapshot
		if err := json.Unmarshal([]byte(l.Snapshot), &p); err != nil {
			return nil, fault.Internal(err)
		}
		u := UserMapping{
			ID:        l.TheirID,
			Name:      p.User.Name,
			Email:     p.User.Email,
			Extension: p.User.Extension,
			Active:    p.User.Active,
			How:       howNone,
		}
		if p.User.Outside {
			u.How = howOutside
		}
		ours := org.Holder(row.Name, l.TheirID)
		if ours != nil {
			u.How = UserMatch(p.How)
		}
		if id, chosen := current.Users[l.TheirID]; chosen {
			ours, u.How = org.User(id), howChosen
		}
		if ours != nil {
			u.User = &UserRef{ours.ID, ours.Name}
		}
		list = append(list, u)
	}
	slices.SortStableFunc(list, func(a, b UserMapping) int { return compareFold(a.Name, b.Name) })
	return list, nil
}

// ChangeMapping changes a mapping and requests a full sync if one has run before. Faults: invalid fields,
// stale_version.
func (s *Syncer) ChangeMapping(ctx context.Context, by, source int64, in MappingChange) (
	changed Mapping, err error) {
	org, err := s.Roster.Org(ctx)
	if err != nil {
		return Mapping{}, err
	}
	set, err := s.Directory.Set(ctx)
	if err != nil {
		return Mapping{}, err
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := findSource(tx, source)
		if err != nil {
			return err
		}
		var info portalInfo
		var full fullSync
		if err := row.decode(&info, &full, &tally{}); err != nil {
			return err
		}
		current, err := mappingOf(row.Mapping)
		if err != nil {
			return err
		}
		before, err := mappingOf(row.Mapping) // once more, because apply changes the maps of current
		if err != nil {
			return err
		}
		if err := in.check(info, org, set).OrNil(); err != nil {
			return err
		}
		if in.Version != row.MappingVersion+1 {
			return fault.Stale()
		}
		after := in.apply(current)
		text, err := after.text()
		if err != nil {
			return err
		}
		if err := putMapping(tx, source, text, row.MappingVersion); err != nil {
			return err
		}
		if full.Number > 0 {
			if err := requestFullSync(tx, source, full.Number+1); err != nil {
				return err
			}
		}
		if _, err = s.Journal.Record(
			tx,
			journal.Entry{Actor: by, Verb: SyncMapped, Subject: journal.Ref{Kind: "source", ID: source},
				Details: journal.Details(map[string]any{"source": row.Name,
					"changed": journal.Compare(before, after)})},
		); err != nil {
			return err
		}
		if changed, err = s.mappingIn(tx, org, source); err == nil {
			tx.Answer(changed)
		}
		return err
	})
	if err != nil {
		return Mapping{}, err
	}
	s.wake(source)
	return changed, nil
}

// check validates a change.
func (in MappingChange) check(info portalInfo, org *staff.Org, set *statuses.Set) (wrong *fault.Error) {
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
	// Before the CRM has named its fields, it may have any: what is chosen then is checked when it has.
	if in.StatusField != nil && *in.StatusField != "" && info.Fields != nil &&
		!slices.ContainsFunc(info.Fields, func(f StatusField) bool { return f.Code == *in.StatusField }) {
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
	stages := []string{"", crm.StageNew, crm.StageInProcess, crm.StageFailed, crm.StageConverted}
	for value, stage := range deref(in.Stages) {
		if !slices.Contains(stages, stage) {
			wrong = wrong.And("stages."+value, "unknown_value")
		}
	}
	entries := map[string]int{
		"statuses": len(deref(in.Statuses)), "users": len(deref(in.Users)), "stages": len(deref(in.Stages)),
	}
	for name, n := range entries {
		if n > maxEntries {
			wrong = wrong.And(name, "too_many")
		}
	}
	return wrong
}

// apply returns a mapping with the change applied.
func (in MappingChange) apply(s mapping) mapping {
	if in.Kinds != nil {
		s.Kinds = *in.Kinds
	}
	if in.Owners != nil {
		s.Owners = string(*in.Owners)
	}
	if in.MakeUsers != nil {
		s.MakeUsers = *in.MakeUsers
	}
	if in.StatusField != nil && *in.StatusField != s.StatusField {
		s.StatusField, s.Statuses = *in.StatusField, map[string]string{} // the values belonged to the other field
	}
	mergeEntries(s.Statuses, deref(in.Statuses))
	mergeEntries(s.Stages, deref(in.Stages))
	for id, ours := range deref(in.Users) {
		if ours == nil {
			delete(s.Users, id)
		} else {
			s.Users[id] = *ours
		}
	}
	return s
}

func mergeEntries(entries, change map[string]string) {
	maps.Copy(entries, change)
	maps.DeleteFunc(entries, func(_, meaning string) bool { return meaning == "" })
}

func deref[T any](value *T) (zero T) {
	if value == nil {
		return zero
	}
	return *value
}

// RequestFullSync starts a full sync, or retries the running one at once.
func (s *Syncer) RequestFullSync(ctx context.Context, source int64) (requested Sync, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := findSource(tx, source)
		if err != nil {
			return err
		}
		var full fullSync
		if err := row.decode(&portalInfo{}, &full, &tally{}); err != nil {
			return err
		}
		number := full.Number
		if !full.running() {
			number++
		}
		if err := requestFullSync(tx, source, number); err != nil {
			return err
		}
		if requested, err = syncIn(tx, source); err == nil {
			tx.Answer(requested)
		}
		return err
	})
	if err != nil {
		return Sync{}, err
	}
	s.wake(source)
	return requested, nil
}

func compareFold(a, b string) int {
	return slices.Compare([]rune(store.Fold(a)), []rune(store.Fold(b)))
}
