package crm_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/rules"
)

// poacher is boris, who tries whatever comes into his head. He knows every record
// and every number of his stage.
type poacher struct {
	*stage
	rt *rapid.T

	companies, contacts, leads []int64
	numbers                    []string
	late                       []string // those of them that Vector does not have yet
}

func (p *poacher) one(ids []int64) int64 {
	return rapid.SampledFrom(append([]int64{0}, ids...)).Draw(p.rt, "one")
}

func (p *poacher) some(ids []int64) []int64 {
	if len(ids) == 0 {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, min(3, len(ids)), rapid.ID[int64]).Draw(p.rt, "some")
}

func (p *poacher) typed() []crm.Phone {
	return crm.Phones(rapid.SliceOfN(rapid.SampledFrom(p.numbers), 0, 3).Draw(p.rt, "phones")...)
}

func (p *poacher) whose() int64 {
	return rapid.SampledFrom([]int64{0, crm.Boris, crm.Boris, crm.Anna, crm.Vera}).Draw(p.rt, "whose")
}

// maybe draws a value for a field of a change, or leaves the field out.
func maybe[T any](p *poacher, draw func() T) *T {
	if !rapid.Bool().Draw(p.rt, "change it") {
		return nil
	}
	return new(draw())
}

// took notes a record that he made, and ends the check at a fault that no one
// should meet.
func (p *poacher) took(list *[]int64, id int64, err error) {
	if err == nil {
		*list = append(*list, id)
	} else {
		p.fair(err)
	}
}

func (p *poacher) fair(err error) {
	if err != nil && !refusedOrLate(err) && !invalid(err) {
		p.rt.Fatalf("%v", err)
	}
}

// actions are all actions of the Records.
func (p *poacher) actions() map[string]func(*rapid.T) {
	by := crm.As(crm.Boris)
	return map[string]func(*rapid.T){
		"add company": func(*rapid.T) {
			c, err := p.AddCompany(p.ctx, by, crm.NewCompany{Name: "New", OwnerID: p.whose(), Phones: p.typed(),
				TeamIDs: p.some([]int64{crm.Boris})})
			p.took(&p.companies, c.ID, err)
		},
		"add contact": func(*rapid.T) {
			c, err := p.AddContact(p.ctx, by, crm.NewContact{Name: "New", OwnerID: p.whose(), Phones: p.typed(),
				CompanyIDs: p.some(p.companies)})
			p.took(&p.contacts, c.ID, err)
		},
		"add lead": func(*rapid.T) {
			l, err := p.AddLead(p.ctx, by, crm.NewLead{Title: "New", OwnerID: p.whose(), Phones: p.typed(),
				CompanyID: p.one(p.companies), ContactID: p.one(p.contacts)})
			p.took(&p.leads, l.ID, err)
		},
		"change company": func(*rapid.T) {
			c, err := p.FindCompany(p.ctx, p.one(p.companies))
			if err == nil {
				_, err = p.ChangeCompany(p.ctx, by, c.ID,
					crm.CompanyChange{OwnerID: maybe(p, p.whose), Phones: maybe(p, p.typed),
						TeamIDs: maybe(p, func() []int64 { return p.some([]int64{crm.Boris}) }), Version: c.Version})
			}
			p.fair(err)
		},
		"change contact": func(*rapid.T) {
			c, err := p.FindContact(p.ctx, p.one(p.contacts))
			if err == nil {
				_, err = p.ChangeContact(p.ctx, by, c.ID,
					crm.ContactChange{OwnerID: maybe(p, p.whose), Phones: maybe(p, p.typed),
						CompanyIDs: maybe(p, func() []int64 { return p.some(p.companies) }), Version: c.Version})
			}
			p.fair(err)
		},
		"change lead": func(*rapid.T) {
			l, err := p.FindLead(p.ctx, p.one(p.leads))
			if err == nil {
				_, err = p.ChangeLead(p.ctx, by, l.ID,
					crm.LeadChange{OwnerID: maybe(p, p.whose), Phones: maybe(p, p.typed),
						CompanyID: maybe(p, func() int64 { return p.one(p.companies) }),
						ContactID: maybe(p, func() int64 { return p.one(p.contacts) }), Version: l.Version})
			}
			p.fair(err)
		},
		"convert": func(*rapid.T) {
			in := crm.ConvertInput{Into: p.one(p.companies)}
			if in.Into == 0 {
				in.Company = maybe(p, func() crm.NewCompany {
					return crm.NewCompany{OwnerID: p.whose(), Phones: p.typed()}
				})
			}
			in.Contact = maybe(p, func() crm.NewContact {
				return crm.NewContact{OwnerID: p.whose(), Phones: p.typed(), CompanyIDs: p.some(p.companies)}
			})
			out, err := p.Convert(p.ctx, by, p.one(p.leads), in)
			if p.fair(err); err == nil && out.Contact != nil {
				p.contacts = append(p.contacts, out.Contact.ID)
			}
			if err == nil && in.Company != nil {
				p.companies = append(p.companies, out.Company.ID)
			}
		},
		"status": func(*rapid.T) {
			c, err := p.FindCompany(p.ctx, p.one(p.companies))
			if err == nil {
				_, err = p.SetStatus(p.ctx, by, c.ID,
					rapid.SampledFrom([]string{"WAITING", "IN_WORK"}).Draw(p.rt, "status"), "", c.Version)
			}
			p.fair(err)
		},
		"merge companies": func(*rapid.T) {
			c, err := p.FindCompany(p.ctx, p.one(p.companies))
			if err == nil {
				_, err = p.MergeCompanies(p.ctx, by, c.ID, crm.Merge{FromIDs: p.some(p.companies), Version: c.Version})
			}
			p.fair(err)
		},
		"merge contacts": func(*rapid.T) {
			c, err := p.FindContact(p.ctx, p.one(p.contacts))
			if err == nil {
				_, err = p.MergeContacts(p.ctx, by, c.ID, crm.Merge{FromIDs: p.some(p.contacts), Version: c.Version})
			}
			p.fair(err)
		},
		"undo a merge": func(*rapid.T) {
			page, err := p.ListMerges(p.ctx, crm.MergeFilter{})
			if p.fair(err); err == nil && len(page.Items) > 0 {
				of := rapid.IntRange(0, min(len(page.Items), 4)-1).Draw(p.rt, "merge")
				_, err = p.UndoMerge(p.ctx, by, page.Items[of].ID, "")
				p.fair(err)
			}
		},
		"remove company": func(*rapid.T) { p.fair(p.RemoveCompany(p.ctx, by, p.one(p.companies), 0)) },
		"remove contact": func(*rapid.T) { p.fair(p.RemoveContact(p.ctx, by, p.one(p.contacts), 0)) },
		"remove lead":    func(*rapid.T) { p.fair(p.RemoveLead(p.ctx, by, p.one(p.leads), 0)) },
	}
}

// work is anna's: Vector gets a number, or a contact with one, that boris may have had first.
func (p *poacher) work() {
	number := rapid.SampledFrom(p.late).Draw(p.rt, "hers")
	c, err := p.FindCompany(p.ctx, p.vector.ID)
	if err == nil && rapid.Bool().Draw(p.rt, "directly") {
		phones := append(slices.Clone(c.Phones), crm.Phones(number)...)
		_, err = p.ChangeCompany(p.ctx, crm.As(crm.Anna), c.ID, crm.CompanyChange{Phones: &phones, Version: c.Version})
	} else if err == nil {
		_, err = p.AddContact(p.ctx, crm.As(crm.Anna),
			crm.NewContact{Name: "Ivanov", OwnerID: crm.Anna, CompanyIDs: []int64{c.ID}, Phones: crm.Phones(number)})
	}
	p.fair(err)
}

// headMerges is what the head of both does: a company, perhaps one of boris's, goes into Vector, which stays anna's.
func (p *poacher) headMerges() {
	c, err := p.FindCompany(p.ctx, p.vector.ID)
	if err == nil {
		_, err = p.MergeCompanies(p.ctx, crm.As(crm.Rita), c.ID, crm.Merge{FromIDs: p.some(p.companies),
			Version: c.Version, Fields: crm.MergeFields{Owner: c.ID}})
	}
	p.fair(err)
}

// reds are the numbers that are red for someone, with leads that count and
// without.
func (p *poacher) reds(agent int64) (list []string) {
	for _, leads := range []bool{false, true} {
		p.policy.InheritLeadCompany = leads
		for _, number := range p.numbers {
			if p.color(agent, number) == rules.Red {
				list = append(list, fmt.Sprint(number, " leads ", leads))
			}
		}
	}
	p.policy.InheritLeadCompany = true
	return list
}

// TestNothingThatAPoacherDoesTakesRedAway lets boris do forty things in a row,
// in all ways that rapid can think of: whatever was red for him stays red, and
// anna never sees red at a number that was not.
func TestNothingThatAPoacherDoesTakesRedAway(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		c := newCourt(t, db)
		if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
			c.must(flag.Set("rapid.checks", "25"))
			defer func() { c.must(flag.Set("rapid.checks", checks.DefValue)) }()
		}
		rapid.Check(t, func(rt *rapid.T) {
			s := c.stage()
			p := &poacher{stage: s, rt: rt, companies: []int64{s.elder.ID, s.delta.ID, s.vector.ID},
				contacts: []int64{s.stranger.ID, s.his.ID, s.petrov.ID}, leads: []int64{s.request.ID},
				late: []string{fmt.Sprintf("+7499%05d01", c.cases), fmt.Sprintf("+7499%05d02", c.cases)}}
			p.numbers = append([]string{s.first, s.second, s.direct, s.via, s.lead}, p.late...)
			his, hers := p.reds(crm.Boris), p.reds(crm.Anna)
			actions := p.actions()
			actions[""] = func(rt *rapid.T) {
				now := p.reds(crm.Boris)
				for _, red := range his {
					if !slices.Contains(now, red) {
						rt.Fatalf("%s is not red for boris any more", red)
					}
				}
				for _, red := range p.reds(crm.Anna) {
					if !slices.Contains(hers, red) {
						rt.Fatalf("%s became red for anna", red)
					}
				}
			}
			actions["anna works"] = func(rt *rapid.T) {
				p.work()
				his = p.reds(crm.Boris)
			}
			actions["a head merges"] = func(rt *rapid.T) {
				p.headMerges()
				his, hers = p.reds(crm.Boris), p.reds(crm.Anna)
			}
			rt.Repeat(actions)
		})
		c.CheckIndex()
	})
}
