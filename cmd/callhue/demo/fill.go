package demo

import (
	"context"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/web"
	"callhue/staff"
)

// clients are the ids of the records that are in the database, in the order in
// which they were added.
type clients struct{ companies, contacts, leads []int64 }

func (c clients) none() bool { return len(c.companies)+len(c.contacts)+len(c.leads) == 0 }

func (l *loader) clients(ctx context.Context) (there clients, err error) {
	if there.companies, err = idsOf(ctx, l.Records.ListCompanies,
		func(c crm.Company) int64 { return c.ID }); err != nil {
		return there, err
	}
	if there.contacts, err = idsOf(ctx, l.Records.ListContacts, func(c crm.Contact) int64 { return c.ID }); err != nil {
		return there, err
	}
	there.leads, err = idsOf(ctx, l.Records.ListLeads, func(one crm.Lead) int64 { return one.ID })
	return there, err
}

// idsOf walks through a list, which begins with the newest.
func idsOf[T any](ctx context.Context, list func(context.Context, crm.Filter) (web.List[T], error),
	id func(T) int64) ([]int64, error) {
	var ids []int64
	filter := crm.Filter{Paging: web.Paging{Limit: 200}}
	for {
		page, err := list(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, one := range page.Items {
			ids = append(ids, id(one))
		}
		if page.NextPageToken == "" {
			slices.Reverse(ids)
			return ids, nil
		}
		filter.Paging.PageToken = page.NextPageToken
	}
}

// addRecords adds the records wave by wave, each as of its time. A wave of one kind is
// one transaction: it is there as a whole or not at all, and an interrupted
// start goes on where it ended.
func (l *loader) addRecords(ctx context.Context) error {
	org, err := l.Roster.Org(ctx)
	if err != nil {
		return err
	}
	there, err := l.clients(ctx)
	if err != nil {
		return err
	}
	all, now := allRecords(), l.DB.Clock()
	f := inputs{org: org, records: all, ids: make([]int64, len(all.companies))}
	for wave, age := range ages() {
		if err := l.addWave(ctx, &f, &there, wave, now.Add(-age)); err != nil {
			return err
		}
	}
	return nil
}

// addWave adds one wave as of a time: companies, an hour later their contacts, an
// hour later the leads.
func (l *loader) addWave(ctx context.Context, f *inputs, there *clients, wave int, at time.Time) error {
	records := func() *crm.Records {
		db := l.DB.At(func() time.Time { return at })
		at = at.Add(time.Hour)
		return crm.New(db, l.Journal, l.Roster, l.Directory, l.Plan)
	}
	companies, places := f.companiesOf(wave)
	ids, err := add(ctx, records().AddCompanies, companies, &there.companies)
	if err != nil {
		return err
	}
	for i, place := range places {
		f.ids[place] = ids[i]
	}
	if _, err := add(ctx, records().AddContacts, f.contactsOf(wave), &there.contacts); err != nil {
		return err
	}
	_, err = add(ctx, records().AddLeads, f.leadsOf(wave), &there.leads)
	return err
}

// add adds a list, unless an earlier start did. there has the ids of records that are not assigned to a list yet.
func add[In any](ctx context.Context, fill func(context.Context, *access.User, []In) ([]int64, error), list []In,
	there *[]int64) ([]int64, error) {
	if n := len(list); len(*there) >= n {
		ids := (*there)[:n]
		*there = (*there)[n:]
		return ids, nil
	}
	return fill(ctx, commandLine(), list)
}

// commandLine is the actor of all records: no user, with every right.
func commandLine() *access.User { return &access.User{Roles: access.Roles{access.Admin}} }

// inputs converts records into the inputs of crm.
type inputs struct {
	records
	org *staff.Org
	ids []int64 // of the companies that are in the database, by their place in the list
}

// companiesOf returns the companies of a wave and their places in the list.
func (f *inputs) companiesOf(wave int) (list []crm.NewCompany, places []int) {
	for i, c := range f.companies {
		if c.wave == wave {
			places = append(places, i)
			list = append(list, crm.NewCompany{Name: c.name, OwnerID: f.user(c.owner), Status: c.status,
				Phones: phones(c.numbers...), TeamIDs: f.users(c.team)})
		}
	}
	return list, places
}

func (f *inputs) contactsOf(wave int) (list []crm.NewContact) {
	for _, c := range f.contacts {
		if c.wave == wave {
			in := crm.NewContact{Name: c.name, Post: c.post, OwnerID: f.user(c.owner), Phones: phones(c.numbers...)}
			for _, place := range c.companies {
				in.CompanyIDs = append(in.CompanyIDs, f.ids[place])
			}
			list = append(list, in)
		}
	}
	return list
}

func (f *inputs) leadsOf(wave int) (list []crm.NewLead) {
	for _, one := range f.leads {
		if one.wave == wave {
			in := crm.NewLead{Title: one.title, Name: one.name, OwnerID: f.user(one.owner), Phones: phones(one.number),
				Stage: one.stage()}
			if one.company != noCompany {
				in.CompanyID = f.ids[one.company]
			}
			list = append(list, in)
		}
	}
	return list
}

func (one lead) stage() string {
	switch {
	case one.lost:
		return crm.StageFailed
	case one.wave < lately:
		return crm.StageInProcess
	}
	return crm.StageNew
}

// user returns the id of a login; 0 for "".
func (f *inputs) user(login string) int64 {
	if u := f.org.ByLogin(login); u != nil {
		return u.ID
	}
	return 0
}

func (f *inputs) users(logins []string) []int64 {
	ids := make([]int64, len(logins))
	for i, login := range logins {
		ids[i] = f.user(login)
	}
	return ids
}

func phones(numbers ...string) []crm.Phone {
	list := make([]crm.Phone, len(numbers))
	for i, n := range numbers {
		list[i].Value = n
	}
	return list
}
