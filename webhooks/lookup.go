package webhooks

import (
	"context"
	"strconv"
	"strings"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/rules"
)

// Found is who a number is, for a PBX that fills a template of its own.
type Found struct {
	Number   string      `json:"number"` // E.164 where it could be read
	Color    rules.Color `json:"color"`
	Why      rules.Why   `json:"why"`
	Title    string      `json:"title"`
	Contacts []FoundOne  `json:"contacts"` // the record of the verdict; empty when nobody is known
}

// FoundOne is a record, in the words of PBXs' address books.
type FoundOne struct {
	ID        string `json:"id"` // such as COMPANY-310
	First     string `json:"first"`
	Last      string `json:"last"`
	Company   string `json:"company"` // the marker first, then the company, then its owner
	Phone     string `json:"phone"`
	Owner     string `json:"owner"`
	Extension string `json:"extension"` // the owner's
	URL       string `json:"url"`       // of the record here
}

// Lookup tells a PBX who a number is. Faults: not_found (of the source),
// unauthorised.
func (d *Receiver) Lookup(ctx context.Context, name string, q *Query, wanted NameQuestion, public string, t func() trace) (Found, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return Found{}, err
	}
	source := b.byName[name]
	if source == nil || source.dialect == nil {
		d.meter.count("unknown", outcomeRefused, "unknown_source")
		return Found{}, fault.Missing("source")
	}
	q.Source = source.Source
	c := &call{q: q, source: source, trace: t}
	card, err := d.namedCard(ctx, c, wanted, false)
	if _, err := d.finish(c, Reply{Status: 200}, err); err != nil {
		return Found{}, err
	}
	return found(card, strings.TrimRight(public, "/"), d.opt.Desk.CallerName(card, q.Setting("ascii") == "true")), nil
}

func found(card calls.Card, public, line string) Found {
	f := Found{Number: card.Number.E164, Color: card.Verdict.Color, Why: card.Verdict.Why, Title: card.Verdict.Title, Contacts: []FoundOne{}}
	if f.Number == "" {
		f.Number = card.Number.Raw
	}
	s := card.Subject
	if s == nil {
		return f
	}
	one := FoundOne{ID: strings.ToUpper(string(s.Kind)) + "-" + strconv.FormatInt(s.ID, 10), Company: line, Phone: f.Number, URL: public + s.URL}
	if s.Kind != rules.KindCompany {
		one.First, one.Last, _ = strings.Cut(s.Name, " ")
	}
	owner := s.Owner
	if s.Company != nil {
		owner = s.Company.Owner
	}
	if owner != nil {
		one.Owner, one.Extension = owner.Name, owner.Extension
	}
	f.Contacts = append(f.Contacts, one)
	return f
}
