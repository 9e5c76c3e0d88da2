package crmsync

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"callhue/crm"
)

// model is the expected state of one record: in the CRM, as last read, and here. Sets are compared as sets;
// the order of phones is not predicted.
type model struct {
	theirs, base, ours *plain // nil if absent
	linked             bool
}

// plain holds the values of a company or contact.
type plain struct {
	name, owner    string
	phones, emails map[string]bool
	companies      map[string]int // of a contact: their company -> generation of ours
	generation     int            // of a company: how often it was added here
}

func (p *plain) clone() *plain {
	if p == nil {
		return nil
	}
	c := *p
	c.phones, c.emails, c.companies = maps.Clone(p.phones), maps.Clone(p.emails), maps.Clone(p.companies)
	return &c
}

// history predicts the sync of a CRM by an independent three-way merge.
type history struct {
	*world
	rt        *rapid.T
	companies map[string]*model
	contacts  map[string]*model
	missing   map[string]map[string]bool // company -> contacts
	reported  map[Ref]bool
	born      int
}

func (h *history) set(of []string, what string) map[string]bool {
	set := map[string]bool{}
	for _, one := range rapid.SliceOfDistinct(rapid.SampledFrom(of), rapid.ID[string]).Draw(h.rt, what) {
		set[one] = true
	}
	return set
}

func (h *history) any(of map[string]*model) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(of))).Draw(h.rt, "which")
}

// mergeSet merges sets: what was added in the CRM is added, what was removed there is removed.
func mergeSet(base, theirs, ours map[string]bool) map[string]bool {
	out := maps.Clone(ours)
	for one := range base {
		if !theirs[one] {
			delete(out, one)
		}
	}
	for one := range theirs {
		if !base[one] {
			out[one] = true
		}
	}
	return out
}

func mergeValue(base, theirs, ours string) string {
	if theirs != base {
		return theirs
	}
	return ours
}

// sync predicts one read of a company.
func (h *history) sync(id string) {
	t := h.companies[id]
	switch {
	case t.theirs == nil:
		h.removeCompany(id)
		t.linked, t.base = false, nil
	case !t.linked:
		t.linked = true
		t.ours = t.theirs.clone()
		h.born++
		t.ours.generation = h.born
		t.base = t.theirs.clone()
		for contact := range h.missing[id] {
			h.reported[Ref{crm.KindContact, contact}] = true
		}
		delete(h.missing, id)
	default:
		if t.ours != nil && t.base != nil {
			t.ours.name, t.ours.owner = mergeValue(
				t.base.name,
				t.theirs.name,
				t.ours.name,
			), mergeValue(
				t.base.owner,
				t.theirs.owner,
				t.ours.owner,
			)
			t.ours.phones, t.ours.emails = mergeSet(
				t.base.phones,
				t.theirs.phones,
				t.ours.phones,
			), mergeSet(
				t.base.emails,
				t.theirs.emails,
				t.ours.emails,
			)
		}
		t.base = t.theirs.clone()
	}
}

// removeCompany predicts the removal of a company of ours: its contacts stay without it.
func (h *history) removeCompany(id string) {
	t := h.companies[id]
	if t.ours == nil {
		return
	}
	t.ours = nil
	for _, c := range h.contacts {
		if c.ours != nil {
			delete(c.ours.companies, id)
		}
	}
}

// syncContact predicts one read of a contact.
func (h *history) syncContact(id string) {
	t := h.contacts[id]
	if t.theirs == nil {
		t.ours, t.base, t.linked = nil, nil, false
		return
	}
	is := t.theirs.clone()
	for _, company := range slices.Sorted(maps.Keys(is.companies)) {
		c := h.companies[company]
		if !c.linked && c.theirs != nil {
			h.sync(company)
		}
		switch {
		case !c.linked:
			if h.missing[company] == nil {
				h.missing[company] = map[string]bool{}
			}
			h.missing[company][id] = true
			delete(is.companies, company)
		case c.ours == nil:
			is.companies[company] = 0
		default:
			is.companies[company] = c.ours.generation
		}
	}
	if !t.linked {
		t.linked, t.ours = true, is.clone()
		maps.DeleteFunc(t.ours.companies, func(_ string, at int) bool { return at == 0 })
		t.base = is
		return
	}
	if t.ours != nil {
		t.ours.name, t.ours.owner = mergeValue(t.base.name, is.name, t.ours.name), mergeValue(
			t.base.owner, is.owner, t.ours.owner,
		)
		t.ours.phones, t.ours.emails = mergeSet(
			t.base.phones,
			is.phones,
			t.ours.phones,
		), mergeSet(
			t.base.emails,
			is.emails,
			t.ours.emails,
		)
		for company := range t.base.companies {
			if _, still := is.companies[company]; !still {
				delete(t.ours.companies, company)
			}
		}
		for company, at := range is.companies {
			if at != 0 && t.base.companies[company] != at {
				t.ours.companies[company] = at
			}
		}
	}
	t.base = is
}

// deliver predicts the reads of everything that was reported, companies first.
func (h *history) deliver() {
	for len(h.reported) > 0 {
		reported := h.reported
		h.reported = map[Ref]bool{}
		for _, id := range slices.Sorted(maps.Keys(h.companies)) {
			if reported[Ref{crm.KindCompany, id}] {
				h.sync(id)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(h.contacts)) {
			if reported[Ref{crm.KindContact, id}] {
				h.syncContact(id)
			}
		}
	}
}

func (h *history) readAll() {
	for id := range h.companies {
		h.reported[Ref{crm.KindCompany, id}] = true
	}
	for id := range h.contacts {
		h.reported[Ref{crm.KindContact, id}] = true
	}
	h.deliver()
}
