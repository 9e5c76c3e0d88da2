package sources

import (
	"context"
	"regexp"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/webhooks/dialects"
)

// Source is one connected PBX or CRM. Its secrets are never a part of it.
type Source struct {
	ID        int64        `json:"id" db:"id"`
	Name      string       `json:"name" db:"name,once"` // in URLs and in identities; never changes
	Dialect   string       `json:"dialect" db:"dialect,once"`
	Settings  store.Texts  `json:"settings" db:"settings"`
	Country   string       `json:"country" db:"country"` // ISO 3166 code for its numbers; "" as the installation
	Area      string       `json:"area" db:"area"`       // area code of its local numbers
	Rules     NumberRules  `json:"rules" db:"rules"`     // that its numbers are rewritten by
	Active    bool         `json:"active" db:"active"`
	Version   int64        `json:"version" db:"version"`
	CreatedAt store.Moment `json:"created_at" db:"created_at"`
	UpdatedAt store.Moment `json:"updated_at" db:"updated_at"`
}

// NewSource is the input for a new source.
type NewSource struct {
	Name     string            `json:"name"`
	Dialect  string            `json:"dialect"`
	Secret   string            `json:"secret,omitempty"` // "" generates one where the dialect lets us choose
	Settings map[string]string `json:"settings,omitempty"`
	Preset   string            `json:"preset,omitempty"` // the field mapping of a vendor, for the generic dialect
	Country  string            `json:"country,omitempty"`
	Area     string            `json:"area,omitempty"`
	Rules    NumberRules       `json:"rules,omitempty"`
}

// SourceChange changes a source; nil fields stay as they are.
type SourceChange struct {
	Settings *map[string]string `json:"settings,omitempty"`
	Country  *string            `json:"country,omitempty"`
	Area     *string            `json:"area,omitempty"`
	Rules    *NumberRules       `json:"rules,omitempty"`
	Active   *bool              `json:"active,omitempty"`
	Version  int64              `json:"version"`
}

// namePattern fits into a path. It reads the same in Go, in JSON Schema and in the pattern of an HTML input.
const namePattern = `^[a-z0-9][a-z0-9_\-]{0,63}$`

var nameRule = regexp.MustCompile(namePattern)

// JSONPatterns returns the rule of a name for the API's document.
func (NewSource) JSONPatterns() map[string]string { return map[string]string{"name": namePattern} }

// Add connects a source and returns its secret when it was generated here: it is shown this once. Faults: what is wrong
// with the fields; the conflict "name_taken".
func (r *Registry) Add(ctx context.Context, by *access.User, in NewSource) (s Source, secret string, err error) {
	if in.Settings, err = dialects.UsePreset(r.dialects[in.Dialect], in.Settings, in.Preset); err != nil {
		return Source{}, "", err
	}
	dialect, err := r.checkNew(in)
	if err != nil {
		return Source{}, "", err
	}
	secret, generated, err := chooseSecret(dialect.TheirSecret(in.Settings), in.Secret, r.Random)
	if err != nil {
		return Source{}, "", err
	}
	sealed, err := r.Seal.CloseRing(secrets.Ring{{Secret: secret}}, in.Name)
	if err != nil {
		return Source{}, "", err
	}
	err = r.Journal.Write(ctx, r.DB, by, func(a *journal.Act) error {
		s = Source{
			Name:     in.Name,
			Dialect:  in.Dialect,
			Settings: withoutEmpty(in.Settings),
			Country:  strings.ToUpper(in.Country),
			Area:     in.Area,
			Rules:    append(NumberRules{}, in.Rules...),
			Active:   true,
		}
		if err := r.checkOnlyOne(a.Tx, s, nil); err != nil {
			return err
		}
		if err := r.sealSettings(&s, nil); err != nil {
			return err
		}
		row := sourceRow{Source: s, Secrets: sealed}
		if err := table.Insert(a.Tx, &row); err != nil {
			return err
		}
		s = row.Source
		return record(a, SourceAdded, s, nil)
	})
	if !generated {
		secret = ""
	}
	return r.redacted(s), secret, err
}

func (r *Registry) checkNew(in NewSource) (*dialects.Dialect, error) {
	var wrong *fault.Error
	if !nameRule.MatchString(in.Name) {
		wrong = wrong.And("name", "malformed")
	}
	dialect := r.dialects[in.Dialect]
	if dialect == nil {
		wrong = wrong.And("dialect", "unknown_value")
	}
	wrong = checkSettings(wrong, dialect, in.Settings, nil)
	if _, err := r.plan(in.Country, in.Area, nil); err != nil {
		wrong = wrong.And(wrongPlanField(in.Country, r.Plan), "unknown_value")
	}
	wrong = checkRules(wrong, in.Rules)
	return dialect, wrong.OrNil()
}

// wrongPlanField returns which of country and area a numbering plan was refused for.
func wrongPlanField(country string, fallback *phone.Plan) string {
	if country == "" {
		country = fallback.Country()
	}
	if _, err := phone.NewPlan(country, ""); err != nil {
		return "country"
	}
	return "area"
}

// Change changes a source. Name, dialect and secret stay: identities and calls refer to a source by its name. Faults:
// what is wrong with the fields; not_found; stale_version.
func (r *Registry) Change(ctx context.Context, by *access.User, id int64, change SourceChange) (Source, error) {
	return r.change(ctx, by, id, change, func(*store.Tx, Source) error { return nil })
}

// change is Change; answer registers what the caller will answer.
func (r *Registry) change(ctx context.Context, by *access.User, id int64, change SourceChange,
	answer func(tx *store.Tx, changed Source) error) (s Source, err error) {
	if err := r.checkSameCRM(ctx, id, change); err != nil {
		return Source{}, err
	}
	err = r.Journal.Write(ctx, r.DB, by, func(a *journal.Act) error {
		row, err := table.FindVersion(a.Tx, id, change.Version)
		if err != nil {
			return err
		}
		before := row.Source
		change.apply(&row.Source)
		if err := r.checkChange(a.Tx, row.Source, before.Settings); err != nil {
			return err
		}
		if err := r.sealSettings(&row.Source, before.Settings); err != nil {
			return err
		}
		if err := table.Update(a.Tx, row); err != nil {
			return err
		}
		s = row.Source
		changes := journal.Compare(r.recordedSettings(before), r.recordedSettings(s))
		if err := record(a, SourceChanged, s, changes); err != nil {
			return err
		}
		return answer(a.Tx, r.redacted(s))
	})
	return r.redacted(s), err
}

// checkChange checks a changed source; before are the settings that it has had.
func (r *Registry) checkChange(tx *store.Tx, s Source, before map[string]string) error {
	wrong := checkSettings(nil, r.dialects[s.Dialect], s.Settings, before)
	if _, err := r.plan(s.Country, s.Area, nil); err != nil {
		wrong = wrong.And(wrongPlanField(s.Country, r.Plan), "unknown_value")
	}
	wrong = checkRules(wrong, s.Rules)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	return r.checkOnlyOne(tx, s, before)
}

func (c SourceChange) apply(s *Source) {
	if c.Settings != nil {
		s.Settings = withoutEmpty(*c.Settings)
	}
	if c.Country != nil {
		s.Country = strings.ToUpper(*c.Country)
	}
	if c.Area != nil {
		s.Area = *c.Area
	}
	if c.Rules != nil {
		s.Rules = append(NumberRules{}, *c.Rules...)
	}
	if c.Active != nil {
		s.Active = *c.Active
	}
}

// checkSameCRM refuses to point a source at another CRM once records of the first are linked: they would be taken for
// the other one's.
func (r *Registry) checkSameCRM(ctx context.Context, id int64, change SourceChange) error {
	if change.Settings == nil {
		return nil
	}
	live, err := r.Live(ctx, id)
	if err != nil || live.Dialect == nil || live.Dialect.Connection != dialects.CRMConnection {
		return err
	}
	address := live.Dialect.Required[0]
	if live.Settings[address] == (*change.Settings)[address] {
		return nil
	}
	synced, err := r.runtime.HasSynced(ctx, id)
	if err == nil && synced {
		err = fault.Invalid("settings."+address, "connected_already")
	}
	return err
}

// checkOnlyOne refuses a second source for a CRM that is synced already: each of them would bring all of its records
// and receive all of its calls. before are the settings that a source has had; the CRM that they lead to stays allowed.
func (r *Registry) checkOnlyOne(tx *store.Tx, s Source, before map[string]string) error {
	dialect := r.dialects[s.Dialect]
	if dialect == nil || dialect.CRMAddress == nil {
		return nil
	}
	address := dialect.CRMAddress(s.Settings)
	if before != nil && dialect.CRMAddress(before) == address {
		return nil
	}
	all, err := table.List(tx, store.Equal("dialect", s.Dialect), byName())
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID != s.ID && dialect.CRMAddress(other.Settings) == address {
			return fault.Invalid("settings."+dialect.Required[0], "connected_elsewhere")
		}
	}
	return nil
}

// Rotate sets a new secret of a source; the old one is valid for another 24 hours. The new one is returned when it was
// generated here.
func (r *Registry) Rotate(ctx context.Context, by *access.User, id int64, given string) (
	s Source, secret string, err error) {
	live, err := r.Live(ctx, id)
	if err != nil {
		return Source{}, "", err
	}
	if live.Dialect == nil {
		return Source{}, "", fault.Conflict("dialect_unknown")
	}
	secret, generated, err := chooseSecret(live.Dialect.TheirSecret(live.Settings), given, r.Random)
	if err != nil {
		return Source{}, "", err
	}
	err = r.Journal.Write(ctx, r.DB, by, func(a *journal.Act) error {
		row, err := table.Find(a.Tx, id)
		if err != nil {
			return err
		}
		old, err := r.Seal.OpenRing(row.Secrets, row.Name)
		if err != nil {
			old = nil // a rotation is the way out when the key of the installation was lost
		}
		row.Secrets, err = r.Seal.CloseRing(old.Rotated(secret, a.Tx.Now()), row.Name)
		if err != nil {
			return err
		}
		if err := table.Update(a.Tx, row); err != nil {
			return err
		}
		s = row.Source
		changed := journal.Changes{}
		changed.NoteSecret("secret")
		return record(a, SourceChanged, s, changed)
	})
	if !generated {
		secret = ""
	}
	return r.redacted(s), secret, err
}

// Remove disconnects a source and deletes its log. Its calls stay.
func (r *Registry) Remove(ctx context.Context, by *access.User, id int64) error {
	return r.Journal.Write(ctx, r.DB, by, func(a *journal.Act) error {
		a.Tx.Answer(nil)
		row, err := table.Find(a.Tx, id)
		if err != nil {
			return err
		}
		if err := r.runtime.RemoveSource(a.Tx, id); err != nil {
			return err
		}
		if err := table.Remove(a.Tx, id); err != nil {
			return err
		}
		return record(a, SourceRemoved, row.Source, nil)
	})
}

// RecordConsent records in the journal that an administrator of a CRM granted a source access.
func (r *Registry) RecordConsent(ctx context.Context, by *access.User, s Source) error {
	return r.Journal.Write(ctx, r.DB, by, func(a *journal.Act) error {
		return record(a, SourceChanged, s, journal.Changes{"consent": {To: "given"}})
	})
}

// RecordClientsChanged records in the journal that clients changed at a lookup source.
func (r *Registry) RecordClientsChanged(ctx context.Context, by *access.User, s Source) error {
	return r.Journal.Write(ctx, r.DB, by, func(a *journal.Act) error { return record(a, ClientsChanged, s, nil) })
}

// recordedSettings returns what the journal keeps of a source's settings; of secret ones only whether they are set.
func (r *Registry) recordedSettings(s Source) any {
	s = r.redacted(s)
	return map[string]any{"settings": s.Settings, "country": s.Country, "area": s.Area, "rules": s.Rules,
		"active": s.Active}
}

// record appends what happened to a source to the journal; never a secret.
func record(a *journal.Act, verb journal.Verb, s Source, changed journal.Changes) error {
	details := map[string]any{"name": s.Name, "dialect": s.Dialect}
	if changed != nil {
		details["changed"] = changed
	}
	return a.Record(journal.Entry{Verb: verb, Subject: journal.Ref{Kind: "source", ID: s.ID}}, details)
}
