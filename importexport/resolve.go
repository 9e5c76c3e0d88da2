package importexport

import (
	"slices"
	"strings"
	"time"

	"callhue/internal/store"
	"callhue/statuses"
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
	owners := a.ownersOf(org)
	now := a.tx.Now()
	a.eachValid(func(i int, d *draft) {
		d.keys = d.keys[:0]
		for _, p := range d.phones {
			if key := d.readPhone(p.Value, a.numbers).Key(); key != 0 {
				d.keys = append(d.keys, key)
			}
		}
		d.dropFuture(now)
		a.findOwner(owners, d)
		if d.status != "" && a.kind == Companies {
			d.findStatus(set)
		}
		if a.kind == Leads && d.stage != "" {
			d.findStage()
		}
	})
	return nil
}

// dropFuture drops dates that have not come yet.
func (d *draft) dropFuture(now time.Time) {
	for i := range d.phones {
		if d.phones[i].Since.After(now) {
			d.phones[i].Since = time.Time{}
			d.noteField(fieldSince, "", "in_the_future")
		}
	}
	for i, at := range d.companySince {
		if at.After(now) {
			d.companySince[i] = time.Time{}
			d.noteField(fieldCompanySince, "", "in_the_future")
		}
	}
}

// findStatus replaces the status of a row by its code. One that the directory does not have is dropped.
func (d *draft) findStatus(set *statuses.Set) {
	if set.ByCode(d.status) != nil {
		return
	}
	for _, s := range set.All() {
		if s.Active && (strings.EqualFold(s.Code, d.status) || store.Fold(s.Name) == store.Fold(d.status)) {
			d.status = s.Code
			return
		}
	}
	d.noteField(fieldStatus, d.status, "unknown_status")
	d.status = ""
}

// findStage replaces the stage of a lead by ours. One that is not known is dropped, unless it means that the lead was
// converted: crm refuses it then.
func (d *draft) findStage() {
	stage := parseStage(d.stage)
	if !slices.Contains(stages, stage) {
		d.noteField(fieldStage, d.stage, "unknown_stage")
		stage = ""
	}
	d.stage = stage
}

// findOwner finds the owner and the team of a row. A row whose owner is not found has none.
func (a *attempt) findOwner(owners *ownerIndex, d *draft) {
	d.ownerID, d.teamIDs = 0, nil
	if d.owner != "" {
		id, code := owners.find(d.owner)
		if d.ownerID = id; code != "" {
			a.unknown = append(a.unknown, d.owner)
		}
	}
	for _, helper := range splitList(d.team) {
		if id, code := owners.find(helper); code != "" {
			a.unknown = append(a.unknown, helper)
		} else if id != 0 {
			d.teamIDs = append(d.teamIDs, id)
		}
	}
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

// stages are those of a lead.
var stages = []string{"new", "in_process", "failed", "converted"}

// parseStage maps the stage names of other systems to ours. Unknown text is returned as it is.
func parseStage(text string) string {
	switch store.Fold(text) {
	case "new", "новый", "новая", "не обработан", "необработанный":
		return "new"
	case "in process", "in_process", "in progress", "open", "working", "в работе", "в обработке", "обрабатывается":
		return "in_process"
	case "failed", "lost", "junk", "unqualified", "некачественный", "некачественный лид", "потерян", "отказ",
		"проигран":
		return "failed"
	case "converted", "qualified", "won", "сконвертирован", "качественный", "качественный лид", "успешно реализовано":
		return "converted"
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
			a.notes[i] = append(a.notes[i], d.newNote(fieldCompany, d.companies[at], "several_companies"))
		case a.options.DryRun.has(d.companies[at]):
		default:
			a.notes[i] = append(a.notes[i], d.newNote(fieldCompany, d.companies[at], "unknown_company"))
		}
	}
}
