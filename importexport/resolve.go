package importexport

import (
	"slices"
	"strings"

	"callhue/internal/store"
)

// resolvePeople finds the users and statuses that rows name, and parses the numbers.
func (a *attempt) resolvePeople() error {
	org, err := a.roster.Org(a.ctx)
	if err != nil {
		return err
	}
	set, err := a.directory.Set(a.ctx)
	if err != nil {
		return err
	}
	for _, u := range org.Users() {
		name := store.Fold(u.Name)
		a.owners[name] = append(slices.DeleteFunc(a.owners[name], func(id int64) bool { return id == u.ID }), u.ID)
	}
	user := func(i int, f field, text string) int64 {
		if u := org.ByLogin(text); u != nil {
			return u.ID
		}
		if u := org.ByIdentity("", text); u != nil {
			return u.ID
		}
		switch ids := a.owners[store.Fold(text)]; len(ids) {
		case 0:
			a.refuse(i, f, "unknown_owner")
		case 1:
			return ids[0]
		default:
			a.refuse(i, f, "several_owners")
		}
		return 0
	}
	now := a.tx.Now()
	a.eachValid(func(i int, d *draft) {
		d.keys = d.keys[:0]
		for _, p := range d.phones {
			if key := d.readPhone(p.Value, a.numbers).Key(); key != 0 {
				d.keys = append(d.keys, key)
			}
			if p.Since.After(now) {
				a.refuse(i, fieldSince, "in_the_future")
			}
		}
		if slices.ContainsFunc(d.companySince, now.Before) {
			a.refuse(i, fieldCompanySince, "in_the_future")
		}
		if d.owner != "" {
			d.ownerID = user(i, fieldOwner, d.owner)
		}
		d.teamIDs = nil
		for _, helper := range splitList(d.team) {
			d.teamIDs = append(d.teamIDs, user(i, fieldTeam, helper))
		}
		if d.status != "" && a.kind == Companies && set.ByCode(d.status) == nil {
			for _, s := range set.All() {
				if s.Active && (strings.EqualFold(s.Code, d.status) || store.Fold(s.Name) == store.Fold(d.status)) {
					d.status = s.Code
				}
			}
		}
		if a.kind == Leads && d.stage != "" {
			d.stage = parseStage(d.stage)
		}
	})
	return nil
}

// splitList splits a cell with several names.
func splitList(text string) []string {
	var list []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("\n;,", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// parseStage maps the stage names of other systems to ours. Unknown text is returned as it is; crm
// refuses it.
func parseStage(text string) string {
	switch store.Fold(text) {
	case "new", "новый", "новая", "не обработан", "необработанный":
		return "new"
	case "in process", "in_process", "in progress", "open", "working", "в работе", "в обработке", "обрабатывается":
		return "in_process"
	case "failed", "lost", "junk", "unqualified", "некачественный", "некачественный лид", "потерян", "отказ",
		"проигран":
		return "failed"
	}
	return text
}

// resolveLinks finds the companies and contacts of the rows by code, else by name.
func (a *attempt) resolveLinks() error {
	var companies, contacts []string
	byName := false
	a.eachValid(func(_ int, d *draft) {
		companies = append(companies, d.companyCodes...)
		if d.contactCode != "" {
			contacts = append(contacts, d.contactCode)
		}
		byName = byName || len(d.companies) > 0 && a.kind != Companies
	})
	companyOf, err := a.findByCode(Companies, slices.DeleteFunc(companies,
		func(code string) bool { return code == "" }))
	if err != nil {
		return err
	}
	contactOf, err := a.findByCode(Contacts, contacts)
	if err != nil {
		return err
	}
	var names *nameIndex
	if byName {
		if names, err = a.nameIndex(Companies); err != nil {
			return err
		}
	}
	a.eachValid(func(i int, d *draft) {
		a.linkCompanies(i, d, companyOf, names)
		d.contactID = 0
		if d.contactCode != "" {
			if d.contactID = contactOf[d.contactCode]; d.contactID == 0 {
				a.refuse(i, fieldContactCode, "unknown_contact")
			}
		}
	})
	return nil
}

func (a *attempt) linkCompanies(i int, d *draft, byCode map[string]int64, names *nameIndex) {
	d.companyIDs = nil
	if a.kind == Companies {
		return
	}
	for at := range max(len(d.companies), len(d.companyCodes)) {
		if at < len(d.companyCodes) && d.companyCodes[at] != "" {
			if id := byCode[d.companyCodes[at]]; id != 0 {
				d.companyIDs = append(d.companyIDs, id)
				continue
			}
			if a.options.DryRun.has(d.companyCodes[at]) {
				continue
			}
		}
		if at >= len(d.companies) || d.companies[at] == "" {
			if at < len(d.companyCodes) && d.companyCodes[at] != "" {
				a.refuse(i, fieldCompanyCode, "unknown_company")
				return
			}
			continue
		}
		switch ids := names.find(d.companies[at]); {
		case len(ids) == 1:
			d.companyIDs = append(d.companyIDs, ids[0])
		case len(ids) > 1:
			a.refuse(i, fieldCompany, "several_companies")
		case a.options.DryRun.has(d.companies[at]):
		default:
			a.refuse(i, fieldCompany, "unknown_company")
		}
	}
}
