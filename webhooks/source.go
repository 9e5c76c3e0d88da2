package webhooks

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
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

// NewSource is what a source is made of.
type NewSource struct {
	Name     string            `json:"name"`
	Dialect  string            `json:"dialect"`
	Secret   string            `json:"secret,omitempty"` // "" has one made where the dialect lets us choose
	Settings map[string]string `json:"settings,omitempty"`
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

var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// liveSource is a source ready for its requests.
type liveSource struct {
	Source
	dialect *Dialect
	origin  calls.Origin
	secrets secrets.Ring // nil when they could not be opened
}

// book is every source by name, as the database has them.
type book struct {
	byName map[string]*liveSource
	byID   map[int64]*liveSource
}

// readBook reads every source. One whose secrets cannot be opened (the key of
// the installation was changed) stays in the book and refuses everything.
func (d *Receiver) readBook(ctx context.Context) (*book, error) {
	rows, err := sourceRows(d.opt.DB.Read(ctx))
	if err != nil {
		return nil, err
	}
	b := &book{map[string]*liveSource{}, map[int64]*liveSource{}}
	for _, row := range rows {
		s, err := row.source()
		if err != nil {
			return nil, err
		}
		o := &liveSource{Source: s, dialect: d.dialects[s.Dialect], origin: calls.Origin{Name: s.Name}}
		o.Settings = d.openSettings(o.dialect, s)
		if o.origin.Plan, err = d.plan(s.Country, s.Area); err != nil {
			return nil, err
		}
		o.origin.Lines = lines(o.Settings)
		if o.secrets, err = d.opt.Seal.OpenRing(row.Secrets, s.Name); err != nil {
			d.opt.Log.Error("the secret of a source cannot be read: rotate it", "source", s.Name, "error", err)
		}
		b.byName[s.Name], b.byID[s.ID] = o, o
	}
	return b, nil
}

// plan reads the numbers of a source: its own country, else the installation's.
func (d *Receiver) plan(country, area string) (*phone.Plan, error) {
	if country == "" && area == "" {
		return d.opt.Plan, nil
	}
	if country == "" {
		country = d.opt.Plan.Country()
	}
	return d.opt.Plan.Elsewhere(country, area)
}

// List gives every source by name.
func (d *Receiver) List(ctx context.Context) ([]Source, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Source, 0, len(b.byName))
	for _, name := range slices.Sorted(maps.Keys(b.byName)) {
		list = append(list, d.redacted(b.byName[name].Source))
	}
	return list, nil
}

// Find gives the source of a name, or fault.Missing.
func (d *Receiver) Find(ctx context.Context, name string) (Source, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return Source{}, err
	}
	o := b.byName[name]
	if o == nil {
		return Source{}, fault.Missing("source")
	}
	return d.redacted(o.Source), nil
}

// byID gives a source as this process knows it, or fault.Missing.
func (d *Receiver) byID(ctx context.Context, id int64) (*liveSource, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return nil, err
	}
	if o := b.byID[id]; o != nil {
		return o, nil
	}
	return nil, fault.Missing("source")
}

// Add connects a source and gives its secret when it was made here: it is shown
// this once. by is the user who does it, 0 for the command line. A name that is
// taken is the conflict "name_taken".
func (d *Receiver) Add(ctx context.Context, by int64, draft NewSource) (s Source, secret string, err error) {
	dialect, err := d.checkDraft(draft)
	if err != nil {
		return Source{}, "", err
	}
	secret, made, err := dialect.secretFor(draft.Secret, d.opt.Random)
	if err != nil {
		return Source{}, "", err
	}
	sealed, err := d.opt.Seal.CloseRing(secrets.Ring{{Secret: secret}}, draft.Name)
	if err != nil {
		return Source{}, "", err
	}
	err = d.opt.DB.Write(ctx, func(tx *store.Tx) error {
		s = Source{Name: draft.Name, Dialect: draft.Dialect, Settings: settled(draft.Settings), Country: strings.ToUpper(draft.Country),
			Area: draft.Area, Active: true, Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		if err := d.alone(tx, s, nil); err != nil {
			return err
		}
		if err := d.sealSettings(&s, nil); err != nil {
			return err
		}
		var fresh bool
		if s.ID, fresh, err = insertSource(tx, s, sealed); err != nil {
			return err
		}
		if !fresh {
			return fault.Conflict("name_taken")
		}
		return d.note(tx, by, SourceAdded, s, nil)
	})
	if !made {
		secret = ""
	}
	return d.redacted(s), secret, err
}

func (d *Receiver) checkDraft(draft NewSource) (*Dialect, error) {
	var wrong *fault.Error
	if !sourceName.MatchString(draft.Name) {
		wrong = wrong.And("name", "malformed")
	}
	dialect := d.dialects[draft.Dialect]
	if dialect == nil {
		wrong = wrong.And("dialect", "unknown_value")
	}
	wrong = d.checkSettings(wrong, dialect, draft.Settings, nil)
	if _, err := d.plan(draft.Country, draft.Area); err != nil {
		wrong = wrong.And(planField(draft.Country, d.opt.Plan), "unknown_value")
	}
	return dialect, wrong.OrNil()
}

// planField tells which of country and area a plan was refused for.
func planField(country string, fallback *phone.Plan) string {
	if country == "" {
		country = fallback.Country()
	}
	if _, err := phone.NewPlan(country, ""); err != nil {
		return "country"
	}
	return "area"
}

// settled drops settings that were set to nothing.
func settled(settings map[string]string) map[string]string {
	kept := map[string]string{}
	for name, value := range settings {
		if value != "" {
			kept[name] = value
		}
	}
	return kept
}

// Change changes a source. Name, dialect and secret stay: identities and calls
// know a source by its name.
func (d *Receiver) Change(ctx context.Context, by, id int64, edit SourceChange) (s Source, err error) {
	if err := d.stays(ctx, id, edit); err != nil {
		return Source{}, err
	}
	err = d.opt.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := sourceByID(tx, id)
		if err != nil {
			return err
		}
		if s, err = row.source(); err != nil {
			return err
		}
		before := s.Settings
		edit.apply(&s)
		wrong := d.checkSettings(nil, d.dialects[s.Dialect], s.Settings, before)
		if _, err := d.plan(s.Country, s.Area); err != nil {
			wrong = wrong.And(planField(s.Country, d.opt.Plan), "unknown_value")
		}
		if err := wrong.OrNil(); err != nil {
			return err
		}
		if err := d.alone(tx, s, before); err != nil {
			return err
		}
		if err := d.sealSettings(&s, before); err != nil {
			return err
		}
		if err := store.Changed(updateSource(tx, s, row.Secrets, edit.Version)); err != nil {
			return err
		}
		s.Version, s.UpdatedAt = edit.Version+1, tx.Now()
		return d.note(tx, by, SourceChanged, s, map[string]any{"active": s.Active})
	})
	return d.redacted(s), err
}

// stays refuses to lead a source to another CRM once the records of the first are
// linked: they would be taken for the other one's.
func (d *Receiver) stays(ctx context.Context, id int64, edit SourceChange) error {
	if edit.Settings == nil || d.opt.Syncer == nil {
		return nil
	}
	known, err := d.byID(ctx, id)
	if err != nil || known.dialect == nil || known.dialect.portal == nil {
		return err
	}
	where := known.dialect.needs[0]
	if was := known.Settings[where]; was == (*edit.Settings)[where] {
		return nil
	}
	sync, err := d.opt.Syncer.Sync(ctx, id)
	if err == nil && sync.Portal != nil {
		err = fault.Invalid("settings."+where, "connected_already")
	}
	return err
}

func (e SourceChange) apply(s *Source) {
	if e.Settings != nil {
		s.Settings = settled(*e.Settings)
	}
	if e.Country != nil {
		s.Country = strings.ToUpper(*e.Country)
	}
	if e.Area != nil {
		s.Area = *e.Area
	}
	if e.Active != nil {
		s.Active = *e.Active
	}
}

// Rotate gives a source a new secret; the old one holds for another 24 hours.
// The new one is answered when it was made here.
func (d *Receiver) Rotate(ctx context.Context, by, id int64, given string) (s Source, secret string, err error) {
	known, err := d.byID(ctx, id)
	if err != nil {
		return Source{}, "", err
	}
	if known.dialect == nil {
		return Source{}, "", fault.Conflict("dialect_unknown")
	}
	secret, made, err := known.dialect.secretFor(given, d.opt.Random)
	if err != nil {
		return Source{}, "", err
	}
	err = d.opt.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := sourceByID(tx, id)
		if err != nil {
			return err
		}
		if s, err = row.source(); err != nil {
			return err
		}
		old, err := d.opt.Seal.OpenRing(row.Secrets, s.Name)
		if err != nil {
			old = nil // the way out when the key of the installation was lost
		}
		sealed, err := d.opt.Seal.CloseRing(old.Rotated(secret, tx.Now()), s.Name)
		if err != nil {
			return err
		}
		if err := store.Changed(updateSource(tx, s, sealed, s.Version)); err != nil {
			return err
		}
		s.Version, s.UpdatedAt = s.Version+1, tx.Now()
		return d.note(tx, by, SourceChanged, s, map[string]any{"secret": "rotated"})
	})
	if !made {
		secret = ""
	}
	return d.redacted(s), secret, err
}

// Remove disconnects a source and forgets its log. Its calls stay.
func (d *Receiver) Remove(ctx context.Context, by, id int64) error {
	return d.opt.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := sourceByID(tx, id)
		if err != nil {
			return err
		}
		s, err := row.source()
		if err != nil {
			return err
		}
		if err := deleteSource(tx, id); err != nil {
			return err
		}
		if d.opt.Syncer != nil {
			if err := errors.Join(d.opt.Syncer.RemoveSource(tx, id), d.opt.Notifier.RemoveSource(tx, id)); err != nil {
				return err
			}
		}
		return d.note(tx, by, SourceRemoved, s, nil)
	})
}

// note writes into the journal what happened to a source; never a secret.
func (d *Receiver) note(tx *store.Tx, by int64, verb journal.Verb, s Source, more map[string]any) error {
	words := map[string]any{"name": s.Name, "dialect": s.Dialect}
	maps.Copy(words, more)
	_, err := d.opt.Journal.Record(tx, journal.Entry{Actor: by, Verb: verb, Subject: journal.Ref{Kind: "source", ID: s.ID}, Details: journal.Details(words)})
	return err
}
