package lookup

import (
	"context"
	"slices"
	"time"

	"callhue/internal/fault"
	"callhue/rules"
)

// Source is another place where the clients of numbers are known: the customer's own CRM, which is asked and not
// copied.
type Source interface {
	// Find returns what a number reaches there; key is phone.Number.Key. It answers before the context ends, and must
	// return an error rather than an empty match when it does not know. The ids of its records are its own choice, each
	// different from every id here; their order is the order of the records where nothing else decides.
	Find(ctx context.Context, key int64) (*Match, error)
}

// Sources lists the sources that are in use.
type Sources interface {
	// LookupSources returns the sources in the order of their priority. Without any it costs nothing.
	LookupSources(ctx context.Context) ([]Source, error)
}

// Origin is where a record stands that is not in our tables.
type Origin struct {
	Source string // the name of the source
	ID     string // what the source calls the record
	URL    string // its page there; "" for none
	Owner  string // the owner's name where they are no user here; the record has an owner of 0, and is foreign to all
	Local  int64  // the id of our own record of it; 0 for none
}

// local returns the id of our own record: that of a record from elsewhere is 0 as long as we have none.
func (o *Origin) local(id int64) int64 {
	if o == nil {
		return id
	}
	return o.Local
}

// IsUnassigned reports whether an owner of 0 is no owner, and not one who is no user here.
func (o *Origin) IsUnassigned(owner int64) bool { return owner == 0 && (o == nil || o.Owner == "") }

// LocalID returns the id of the company in our tables; 0 when it is only known elsewhere.
func (c *Company) LocalID() int64 { return c.Origin.local(c.ID) }

// LocalID returns the id of the contact in our tables; 0 when it is only known elsewhere.
func (c *Contact) LocalID() int64 { return c.Origin.local(c.ID) }

// LocalID returns the id of the lead in our tables; 0 when it is only known elsewhere.
func (l *Lead) LocalID() int64 { return l.Origin.local(l.ID) }

// Attach adds sources that are asked beside our own tables. It is called once, before the finder is used.
func (f *Finder) Attach(sources Sources) { f.sources = sources }

// found is the answer of one source.
type found struct {
	at    int // of the source in the list
	match *Match
	err   error
}

// findEverywhere asks our tables and the sources at the same time. All of them must answer: without one of them it is
// not known whose the number is, whatever the others say (row 28 of the decision table goes before red).
func (f *Finder) findEverywhere(ctx context.Context, key int64, within time.Duration,
	sources []Source) (*Match, error) {
	ctx, cancel := context.WithTimeout(ctx, f.allowed(within))
	defer cancel()
	answers := make(chan found, len(sources))
	for i, s := range sources {
		go func() {
			m, err := s.Find(ctx, key)
			answers <- found{i, m, err}
		}()
	}
	own, err := f.findOwn(ctx, key, within)
	if err != nil {
		return nil, err
	}
	all := make([]*Match, len(sources))
	for range sources {
		select {
		case a := <-answers:
			if a.err != nil {
				f.failed.Inc()
				return nil, fault.Unavailable("lookup_failed", time.Second).Because(a.err)
			}
			all[a.at] = a.match
		case <-ctx.Done():
			f.failed.Inc()
			return nil, fault.Unavailable("lookup_timeout", time.Second).Because(ctx.Err())
		}
	}
	return merge(own, all), nil
}

// merge joins the matches of several places; own is shared and stays as it is, the others become a part of the result.
// Every record counts, so that a company that is protected anywhere is protected. A company that two places have under
// the same owner is one company, with the stricter of its statuses.
func merge(own *Match, others []*Match) *Match {
	joined := *own
	joined.Companies = slices.Clone(own.Companies)
	joined.Contacts = slices.Clone(own.Contacts)
	joined.Leads = slices.Clone(own.Leads)
	for _, m := range others {
		joined.add(m)
	}
	return &joined
}

// add adds the records of another place.
func (m *Match) add(other *Match) {
	same := map[int64]int64{} // the ids of companies that are here already
	for _, c := range other.Companies {
		at := slices.IndexFunc(m.Companies, func(here Company) bool { return here.isSame(&c) })
		if at < 0 {
			m.Companies = append(m.Companies, c)
			continue
		}
		here := &m.Companies[at]
		same[c.ID] = here.ID
		here.Links = append(slices.Clip(here.Links), c.Links...)
		if c.Status.isStricter(here.Status) {
			here.Status = c.Status
		}
	}
	for _, c := range other.Contacts {
		for i, link := range c.Companies {
			if id := same[link.ID]; id != 0 {
				c.Companies[i].ID = id
			}
		}
		m.Contacts = append(m.Contacts, c)
	}
	for _, l := range other.Leads {
		if id := same[l.Company]; id != 0 {
			l.Company = id
		}
		m.Leads = append(m.Leads, l)
	}
}

// isSame reports whether two companies are one record of ours with one owner.
func (c *Company) isSame(other *Company) bool {
	local := other.LocalID()
	sameOwner := c.Owner == other.Owner && other.Origin.ownerName() == c.Origin.ownerName()
	return local != 0 && c.LocalID() == local && sameOwner
}

func (o *Origin) ownerName() string {
	if o == nil {
		return ""
	}
	return o.Owner
}

// isStricter reports whether a status protects a company more than another one does.
func (s Status) isStricter(than Status) bool { return strictness(s.Effect) > strictness(than.Effect) }

func strictness(e rules.Effect) int {
	return slices.Index([]rules.Effect{rules.EffectNone, rules.EffectBanner, rules.EffectYellow, rules.EffectRed}, e)
}
