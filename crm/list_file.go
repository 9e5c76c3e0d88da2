package crm

import (
	"strings"

	"callhue/internal/web"
)

// companyTable is the list of companies as a file.
func companyTable() web.Table[Company] {
	return web.Table[Company]{Name: "companies", Header: append(recordHeader(), "status", "status_at"),
		Cells: func(c Company) []any {
			status := ""
			if c.Status != nil {
				status = c.Status.Code
			}
			return append(recordCells(c.Record), status, c.StatusAt)
		}}
}

// contactTable is the list of contacts as a file.
func contactTable() web.Table[Contact] {
	return web.Table[Contact]{Name: "contacts", Header: append(recordHeader(), "post", "companies"),
		Cells: func(c Contact) []any {
			names := make([]string, len(c.Companies))
			for i, company := range c.Companies {
				names[i] = company.Name
			}
			return append(recordCells(c.Record), c.Post, strings.Join(names, "\n"))
		}}
}

// leadTable is the list of leads as a file.
func leadTable() web.Table[Lead] {
	return web.Table[Lead]{Name: "leads", Header: append(recordHeader(), "title", "stage", "source", "company"),
		Cells: func(l Lead) []any {
			company := ""
			if l.Company != nil {
				company = l.Company.Name
			}
			return append(recordCells(l.Record), l.Title, l.Stage, l.Source, company)
		}}
}

func recordHeader() []string {
	return []string{"id", "name", "phones", "emails", "owner_id", "owner", "created_at", "updated_at"}
}

// recordCells returns the cells that the records of all kinds begin with.
func recordCells(r Record) []any {
	phones := make([]string, len(r.Phones))
	for i, p := range r.Phones {
		phones[i] = p.Value
	}
	owner := ""
	if r.Owner != nil {
		owner = r.Owner.Name
	}
	return []any{r.ID, r.Name, strings.Join(phones, "\n"), strings.Join(r.Emails, "\n"), r.OwnerID, owner, r.CreatedAt,
		r.UpdatedAt}
}

// doNotCallTable is the do-not-call list as a file.
func doNotCallTable() web.Table[*DoNotCall] {
	header := []string{"id", "number", "reason", "since", "until", "by"}
	return web.Table[*DoNotCall]{Name: "do-not-call", Header: header,
		Cells: func(d *DoNotCall) []any {
			by := ""
			if d.By != nil {
				by = d.By.Name
			}
			return []any{d.ID, d.Number.String(), d.Reason, d.Since.Time(), d.Until.Time(), by}
		}}
}
