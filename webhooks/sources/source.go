package sources

import (
	"context"
	"regexp"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/webhooks/dialects"
)

// Source is one connected PBX or CRM. Its secrets are never a part of it.
type Source struct {
	ID        int64             `json:"id"`
	Name      string            `json:"name"` // in URLs and in identities; never changes
	Dialect   string            `json:"dialect"`
	Settings  map[string]string `json:"settings"`
	Country   string            `json:"country"` // ISO 3166 code for its numbers; "" as the installation
	Area      string            `json:"area"`    // area code of its local numbers
	Active    bool              `json:"active"`
	Version   int64             `json:"version"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
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
}

// SourceChange changes a source; nil fields stay as they are.
type SourceChange struct {
	Settings *map[string]string `json:"settings,omitempty"`
	Country  *string            `json:"country,omitempty"`
	Area     *string            `json:"area,omitempty"`
	Active   *bool              `json:"active,omitempty"`
	Version  int64              `json:"version"`
}

// namePattern fits into a path. It reads the same in Go, in JSON Schema and in the pattern of an HTML input.
const namePattern = `^[a-z0-9][a-z0-9_\-]{0,63}$`

var nameRule = regexp.MustCompile(namePattern)

// JSONPatterns returns the rule of a name for the API's document.
func (NewSource) JSONPatterns() map[string]string { return map[string]string{"name": namePattern} }

// Add connects a source and returns its secret when it was generated here: it is shown this once. by is the user who
// does it, 0 for the command line. A name that is taken is the conflict "name_taken".
func (r *Registry) Add(ctx context.Context, by int64, in NewSource) (s Source, secret string, err error) {
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
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		s = Source{
			Name:      in.Name,
			Dialect:   in.Dialect,
			Settings:  withoutEmpty(in.Settings),
			Country:   strings.ToUpper(in.Country),
			Area:      in.Area,
			Active:    true,
			Version:   1,
			CreatedAt: tx.Now(),
			UpdatedAt: tx.Now(),
		}
		if err := r.checkOnlyOne(tx, s, nil); err != nil {
			return err
		}
		if err := r.sealSettings(&s, nil); err != nil {
			return err
		}
		var fresh bool
		if s.ID, fresh, err = insertSource(tx, s, sealed); err != nil {
			return err
		}
		if !fresh {
			return fault.Conflict("name_taken")
		}
		return r.record(tx, by, SourceAdded, s, nil)
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
	if _, err := r.plan(in.Country, in.Area); err != nil {
		wrong = wrong.And(wrongPlanField(in.Country, r.Plan), "unknown_value")
	}
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

// Change changes a source. Name, dialect and secret stay: identities and calls refer to a source by its name.
func (r *Registry) Change(ctx context.Context, by, id int64, change SourceChange) (s Source, err error) {
	if err := r.checkSameCRM(ctx, id, change); err != nil {
		return Source{}, err
	}
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := sourceByID(tx, id)
		if err != nil {
			return err
		}
		if s, err = row.source(); err != nil {
			return err
		}
		was, before := s, s.Settings
		change.apply(&s)
		wrong := checkSettings(nil, r.dialects[s.Dialect], s.Settings, before)
		if _, err := r.plan(s.Country, s.Area); err != nil {
			wrong = wrong.And(wrongPlanField(s.Country, r.Plan), "unknown_value")
		}
		if err := wrong.OrNil(); err != nil {
			return err
		}
		if err := r.checkOnlyOne(tx, s, before); err != nil {
			return err
		}
		if err := r.sealSettings(&s, before); err != nil {
			return err
		}
		if err := store.Changed(updateSource(tx, s, row.Secrets, change.Version)); err != nil {
			return err
		}
		s.Version, s.UpdatedAt = change.Version+1, tx.Now()
		return r.record(tx, by, SourceChanged, s, journal.Compare(r.recordedSettings(was), r.recordedSettings(s)))
	})
	return r.redacted(s), err
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
	rows, err := sourceRows(tx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		other, err := row.source()
		if err != nil {
			return err
		}
		if other.ID != s.ID && other.Dialect == s.Dialect && dialect.CRMAddress(other.Settings) == address {
			return fault.Invalid("settings."+dialect.Required[0], "connected_elsewhere")
		}
	}
	return nil
}

// Rotate returns a source a new secret; the old one is valid for another 24 hours. The new one is returned when it was
// generated here.
func (r *Registry) Rotate(ctx context.Context, by, id int64, given string) (s Source, secret string, err error) {
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
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := sourceByID(tx, id)
		if err != nil {
			return err
		}
		if s, err = row.source(); err != nil {
			return err
		}
		old, err := r.Seal.OpenRing(row.Secrets, s.Name)
		if err != nil {
			old = nil // a rotation is the way out when the key of the installation was lost
		}
		sealed, err := r.Seal.CloseRing(old.Rotated(secret, tx.Now()), s.Name)
		if err != nil {
			return err
		}
		if err := store.Changed(updateSource(tx, s, sealed, s.Version)); err != nil {
			return err
		}
		s.Version, s.UpdatedAt = s.Version+1, tx.Now()
		changed := journal.Changes{}
		changed.NoteSecret("secret")
		return r.record(tx, by, SourceChanged, s, changed)
	})
	if !generated {
		secret = ""
	}
	return r.redacted(s), secret, err
}

// Remove disconnects a source and deletes its log. Its calls stay.
func (r *Registry) Remove(ctx context.Context, by, id int64) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := sourceByID(tx, id)
		if err != nil {
			return err
		}
		s, err := row.source()
		if err != nil {
			return err
		}
		if err := r.runtime.RemoveSource(tx, id); err != nil {
			return err
		}
		if err := deleteSource(tx, id); err != nil {
			return err
		}
		return r.record(tx, by, SourceRemoved, s, nil)
	})
}

// RecordConsent records in the journal that an administrator of a CRM granted a source access.
func (r *Registry) RecordConsent(ctx context.Context, by int64, s Source) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		return r.record(tx, by, SourceChanged, s, journal.Changes{"consent": {To: "given"}})
	})
}

// recordedSettings returns what the journal keeps of a source's settings; of secret ones only whether they are set.
func (r *Registry) recordedSettings(s Source) any {
	s = r.redacted(s)
	return map[string]any{"settings": s.Settings, "country": s.Country, "area": s.Area, "active": s.Active}
}

// record appends what happened to a source to the journal; never a secret.
func (r *Registry) record(tx *store.Tx, by int64, verb journal.Verb, s Source, changed journal.Changes) error {
	details := map[string]any{"name": s.Name, "dialect": s.Dialect}
	if changed != nil {
		details["changed"] = changed
	}
	_, err := r.Journal.Record(tx, journal.Entry{
		Actor:   by,
		Verb:    verb,
		Subject: journal.Ref{Kind: "source", ID: s.ID},
		Details: journal.Details(details),
	})
	return err
}
