package webhooks

import (
	"context"
	"strconv"
	"strings"

	"callhue/calls"
	"callhue/rules"
	"callhue/webhooks/dialects"
)

// Found is whose a number is, for a PBX that fills a template of its own.
type Found struct {
	Number   string         `json:"number"` // E.164 where it could be read
	Color    rules.Color    `json:"color"`
	Why      rules.Why      `json:"why"`
	Title    string         `json:"title"`
	Contacts []FoundContact `json:"contacts"` // the record of the verdict; empty when the number is unknown
}

// FoundContact is a record, in the words of PBXs' address books.
type FoundContact struct {
	ID        string `json:"id"` // such as COMPANY-310
	First     string `json:"first"`
	Last      string `json:"last"`
	Company   string `json:"company"` // the marker first, then the owner, then the company
	Phone     string `json:"phone"`
	Owner     string `json:"owner"`
	Extension string `json:"extension"` // the owner's
	URL       string `json:"url"`       // of the record here
}

// Lookup answers a PBX with the client of a number. Faults: not_found (of the source), unauthorised.
func (rc *Receiver) Lookup(ctx context.Context, name string, req *dialects.Request, question NameQuestion, publicURL string,
	head func() requestHead) (Found, error) {
	in, err := rc.accept(ctx, name, req, head)
	if err != nil {
		return Found{}, err
	}
	card, err := rc.cardOf(ctx, in, question, false)
	if _, err := rc.finish(in, dialects.Reply{Status: 200}, err); err != nil {
		return Found{}, err
	}
	line := rc.opt.Tracker.CallerName(card, 0, req.ASCIIOnly())
	return found(card, strings.TrimRight(publicURL, "/"), line), nil
}

// foundID returns the id of a record, such as COMPANY-310; for one that only a lookup source knows its id there.
func foundID(r *calls.Record) string {
	id := strconv.FormatInt(r.ID, 10)
	if r.ID == 0 {
		id = r.ExternalID
	}
	return strings.ToUpper(string(r.Kind)) + "-" + id
}

func found(card calls.Card, publicURL, line string) Found {
	f := Found{
		Number:   card.Number.E164,
		Color:    card.Verdict.Color,
		Why:      card.Verdict.Why,
		Title:    card.Verdict.Title,
		Contacts: []FoundContact{},
	}
	if f.Number == "" {
		f.Number = card.Number.Raw
	}
	subject := card.Subject
	if subject == nil {
		return f
	}
	contact := FoundContact{
		ID:      foundID(subject),
		Company: line,
		Phone:   f.Number,
		URL:     publicURL + subject.URL,
	}
	if !strings.HasPrefix(subject.URL, "/") { // it is elsewhere, or has no page
		contact.URL = subject.URL
	}
	if subject.Kind != rules.KindCompany {
		contact.First, contact.Last, _ = strings.Cut(subject.Name, " ")
	}
	owner := subject.Owner
	if subject.Company != nil {
		owner = subject.Company.Owner
	}
	if owner != nil {
		contact.Owner, contact.Extension = owner.Name, owner.Extension
	}
	f.Contacts = append(f.Contacts, contact)
	return f
}
