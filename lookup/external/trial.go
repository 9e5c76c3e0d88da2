package external

import (
	"cmp"
	"context"
	"strings"

	"callhue/internal/text"
	"callhue/lookup"
	"callhue/lookup/query"
	"callhue/rules"
	"callhue/staff"
)

// Trial is what became of a question that an administrator asked by hand.
type Trial struct {
	Sent    []SentValue `json:"sent"`
	Columns []string    `json:"columns"` // of a database's answer
	Rows    [][]string  `json:"rows"`    // as they came, the first ones
	Total   int         `json:"rows_total"`
	Answer  string      `json:"answer"` // of an endpoint: the status, and the beginning of the body
	Mapped  []Mapped    `json:"mapped"` // what was understood
	Unknown Unknown     `json:"unknown"`
	Error   string      `json:"error"`  // a code; "" when it was answered
	Detail  string      `json:"detail"` // what the system itself said
	TookMS  float64     `json:"took_ms"`
	InTime  bool        `json:"in_time"` // within the time to answer
}

// SentValue is a spelling of the number that could be sent.
type SentValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Mapped is a record as it was understood.
type Mapped struct {
	Kind        rules.Kind        `json:"kind"`
	ID          string            `json:"external_id"`
	Name        string            `json:"name"`
	Owner       *staff.Person     `json:"owner"`         // null: none, or one who is no user here
	OwnerThere  string            `json:"owner_unknown"` // the name of an owner who is no user here
	Status      string            `json:"status"`        // code of our directory
	StatusThere string            `json:"status_unknown"`
	StatusState rules.StatusState `json:"status_state"`
	Protected   bool              `json:"protected"` // the card is red for agents who are foreign to the owner
	URL         string            `json:"url"`
}

// Bounds of what a trial shows.
const (
	maxShownRows = 20
	maxShownText = 200
	maxShownBody = 4 << 10
)

// Watch notes what came. A nil Watch notes nothing.
type Watch struct{ trial *Trial }

func (w *Watch) columns(names []string) {
	if w != nil {
		w.trial.Columns = names
	}
}

func (w *Watch) row(texts []string) {
	if w == nil {
		return
	}
	if w.trial.Total++; w.trial.Total > maxShownRows {
		return
	}
	shown := make([]string, len(texts))
	for i := range texts {
		shown[i] = text.Cut(text.OneLine(texts[i]), maxShownText)
	}
	w.trial.Rows = append(w.trial.Rows, shown)
}

func (w *Watch) answer(status string, body []byte) {
	if w != nil {
		shown := text.Cut(strings.ToValidUTF8(string(body[:min(len(body), maxShownBody)]), "\uFFFD"), maxShownBody)
		w.trial.Answer = status + "\n" + shown
	}
}

// Try asks for a number, whatever was found before and however often the system has failed, and returns what became of
// it. The error concerns this server alone.
func (s *Source) Try(ctx context.Context, key int64) (Trial, error) {
	spell := query.SpellingsOf(s.cfg.Plan, key, s.cfg.Form)
	trial := Trial{Sent: sent(spell), Columns: []string{}, Rows: [][]string{}, Mapped: []Mapped{}}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Budget+patience)
	defer cancel()
	start, age := s.cfg.Now(), s.cache.turn()
	rows, err := s.asker.Ask(ctx, spell, &Watch{&trial})
	took := s.cfg.Now().Sub(start)
	trial.TookMS, trial.InTime = milliseconds(took), took <= s.cfg.Budget
	s.stats.asked(took, err)
	s.breaker.done(false, err == nil)
	if err != nil {
		trial.Error, trial.Detail = CodeOf(err), detailOf(err)
		trial.Unknown = trial.Unknown.lists()
		return trial, nil
	}
	s.cache.add(key, rows, start, age)
	m, unknown, err := s.matchOf(ctx, rows)
	if err != nil {
		return trial, err
	}
	trial.Unknown = unknown.lists()
	org, err := s.cfg.Roster.Org(ctx)
	if err != nil {
		return trial, err
	}
	trial.Mapped = mapped(m, org)
	return trial, nil
}

// lists returns the lists, none of them nil.
func (u Unknown) lists() Unknown {
	return Unknown{append([]string{}, u.Owners...), append([]string{}, u.Statuses...), append([]string{}, u.Times...)}
}

func sent(spell query.Spellings) []SentValue {
	return []SentValue{{"number", spell.Number}, {"e164", spell.E164}, {"digits", spell.Digits},
		{"national", spell.National}, {"local10", spell.Local}, {"last10", spell.Last10},
		{"numbers", strings.Join(spell.All(), ", ")}}
}

// mapped returns the records of a match.
func mapped(m *lookup.Match, org *staff.Org) []Mapped {
	list := []Mapped{}
	add := func(kind rules.Kind, name string, owner int64, o *lookup.Origin) *Mapped {
		one := Mapped{Kind: kind, ID: o.ID, Name: name, OwnerThere: o.Owner, URL: o.URL}
		if owner != 0 {
			one.Owner = org.Person(owner)
		}
		list = append(list, one)
		return &list[len(list)-1]
	}
	for i := range m.Companies {
		c := &m.Companies[i]
		one := add(rules.KindCompany, c.Name, c.Owner, c.Origin)
		one.Status, one.StatusState = c.Status.Code, c.Status.State
		if c.Status.State == rules.StatusUnknown {
			one.StatusThere = cmp.Or(c.Status.Name, c.Status.Code)
		}
		one.Protected = c.Status.Effect == rules.EffectRed
	}
	for i := range m.Contacts {
		add(rules.KindContact, m.Contacts[i].Name, m.Contacts[i].Owner, m.Contacts[i].Origin)
	}
	for i := range m.Leads {
		add(rules.KindLead, m.Leads[i].Name, m.Leads[i].Owner, m.Leads[i].Origin)
	}
	return list
}
