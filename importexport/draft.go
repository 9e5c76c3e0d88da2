package importexport

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
)

// draft is a row of a file on its way to a record.
type draft struct {
	line  int
	cells []cell
	of    []Column // of its file
	fail  *Refusal // what is wrong with it, found before it came to crm

	code, name  string
	post, title string
	phones      []crm.Phone
	keys        []int64 // of the phones
	emails      []string
	owner, team string
	status      string
	stage       string
	source      string
	companies   []string // names
	companyCode []string
	companyFrom []time.Time
	contactCode string
	user        userDraft

	ownerID    int64
	teamIDs    []int64
	companyIDs []int64
	contactID  int64
}

type userDraft struct{ login, roles, department, language, extensions string }

// cell is a cell that is not empty and means something.
type cell struct {
	field  field
	column string
	text   string
}

// Refusal says why a row was not taken: the line of the file where it begins,
// the column and value that are wrong (empty where it is the row as a whole), a
// stable code and a sentence.
type Refusal struct {
	Line     int    `json:"line"`
	Column   string `json:"column"`
	Value    string `json:"value"`
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

// refuse keeps the first thing that is wrong with a row.
func (d *draft) refuse(f field, code string) {
	if d.fail == nil {
		d.fail = d.refusal(f, code)
	}
}

// refusal says what is wrong with a row, and where in it.
func (d *draft) refusal(f field, code string) *Refusal {
	r := &Refusal{Line: d.line, Code: code, Sentence: sentence(code)}
	if f == "" {
		return r
	}
	means := func(g string) bool { return g == string(f) || strings.HasPrefix(g, string(f)+".") }
	for _, c := range d.cells {
		if means(string(c.field)) {
			r.Column, r.Value = c.column, shortened(c.text)
			return r
		}
	}
	r.Column = string(f)
	if at := slices.IndexFunc(d.of, func(c Column) bool { return means(c.Field) }); at >= 0 {
		r.Column = d.of[at].Header
	}
	return r
}

// refusalOf is refusal for a fault of crm or staff.
func (d *draft) refusalOf(err error) *Refusal {
	f := fault.Of(err)
	if len(f.Fields) == 0 {
		return d.refusal(fieldOfDeed[f.Key], f.Key)
	}
	name, _, _ := strings.Cut(f.Fields[0].Field, ".")
	return d.refusal(fieldOfInput[name], f.Fields[0].Code)
}

// fieldOfDeed maps the refusals of the table of rights to what the row wanted.
var fieldOfDeed = map[string]field{
	"status_change_forbidden": fieldStatus, "owner_change_forbidden": fieldOwner, "team_change_forbidden": fieldTeam,
	"number_change_forbidden": fieldPhone, "login_taken": fieldLogin, "identity_taken": fieldExtension,
}

// fieldOfInput maps the names of crm's and staff's inputs to those of fields.
var fieldOfInput = map[string]field{
	"name": fieldName, "post": fieldPost, "title": fieldTitle, "stage": fieldStage, "source": fieldSource, "status": fieldStatus,
	"phones": fieldPhone, "emails": fieldEmail, "owner_id": fieldOwner, "team_ids": fieldTeam, "company_ids": fieldCompany, "company_id": fieldCompany,
	"contact_id": fieldContactCode, "login": fieldLogin, "roles": fieldRoles, "department_id": fieldDepartment, "extensions": fieldExtension, "language": fieldLanguage,
}

// shortened is a value as a report shows it.
func shortened(text string) string {
	const most = 100 // characters
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// draftOf makes a draft of a row's cells.
func draftOf(line int, cells []cell, of []Column) *draft {
	d := &draft{line: line, cells: cells, of: of}
	var last, first, middle string
	var kinds, since []string
	for _, c := range cells {
		if place := d.place(c.field); place != nil {
			*place = c.text
			continue
		}
		switch c.field {
		case fieldLastName:
			last = c.text
		case fieldFirstName:
			first = c.text
		case fieldMiddleName:
			middle = c.text
		case fieldPhone:
			d.addPhones(c.text, "")
		case fieldPhoneKinds:
			kinds = lines(c.text)
		case fieldSince:
			since = lines(c.text)
		case fieldEmail:
			d.emails = append(d.emails, strings.FieldsFunc(c.text, func(r rune) bool { return strings.ContainsRune("\n;, ", r) })...)
		case fieldCompany:
			d.companies = lines(c.text)
		case fieldCompanyCode:
			d.companyCode = lines(c.text)
		case fieldCompanySince:
			d.companyFrom = d.times(fieldCompanySince, lines(c.text))
		case fieldExtension:
			d.user.extensions += " " + c.text
		default:
			if kind, found := strings.CutPrefix(string(c.field), "phone."); found {
				d.addPhones(c.text, kind)
			}
		}
	}
	if d.name == "" {
		d.name = fault.Tidy(last + " " + first + " " + middle)
	}
	d.tellPhones(kinds, d.times(fieldSince, since))
	if len(d.code) > longestCode {
		d.refuse(fieldCode, "too_long")
	}
	return d
}

// place is where the text of a field is kept as it is; nil for the others.
func (d *draft) place(f field) *string {
	switch f {
	case fieldCode:
		return &d.code
	case fieldName:
		return &d.name
	case fieldPost:
		return &d.post
	case fieldOwner:
		return &d.owner
	case fieldTeam:
		return &d.team
	case fieldStatus:
		return &d.status
	case fieldContactCode:
		return &d.contactCode
	case fieldTitle:
		return &d.title
	case fieldStage:
		return &d.stage
	case fieldSource:
		return &d.source
	case fieldLogin:
		return &d.user.login
	case fieldRoles:
		return &d.user.roles
	case fieldDepartment:
		return &d.user.department
	case fieldLanguage:
		return &d.user.language
	}
	return nil
}

// longestCode is how many bytes a code may have: the database keeps it in an
// index.
const longestCode = 190

// cellsOf picks the cells of a row that mean something.
func (s *sheet) cellsOf(row []string) []cell {
	list := make([]cell, 0, len(row))
	for i, text := range row {
		if i >= len(s.fields) || s.fields[i] == "" {
			continue
		}
		if text = strings.TrimSpace(web.PlainCell(text)); text != "" {
			list = append(list, cell{s.fields[i], s.columns[i].Header, text})
		}
	}
	return list
}

// overflow says that a row has more cells than there are columns, and that
// something is in them: its cells stand in the wrong columns.
func (s *sheet) overflow(row []string) bool {
	for i := len(s.fields); i < len(row); i++ {
		if strings.TrimSpace(row[i]) != "" {
			return true
		}
	}
	return false
}

func lines(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		list = append(list, strings.TrimSpace(line))
	}
	return list
}

// addPhones reads the numbers of one cell.
func (d *draft) addPhones(text, kind string) {
	for _, value := range phone.Split(text) {
		d.phones = append(d.phones, crm.Phone{Value: value, Kind: kind})
	}
}

// tellPhones gives the phones the kinds and ages that other columns tell, in
// their order; one age is that of them all.
func (d *draft) tellPhones(kinds []string, since []time.Time) {
	for i := range d.phones {
		if i < len(kinds) && kinds[i] != "" {
			d.phones[i].Kind = kinds[i]
		}
		switch {
		case i < len(since):
			d.phones[i].Since = since[i]
		case len(since) == 1:
			d.phones[i].Since = since[0]
		}
	}
}

// timeForms are the dates that files have; a day without a time is its midnight,
// UTC.
var timeForms = [...]string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02", "02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006"}

// times reads dates; an empty one is the zero time.
func (d *draft) times(f field, texts []string) []time.Time {
	list := make([]time.Time, len(texts))
	for i, text := range texts {
		if text == "" {
			continue
		}
		for _, form := range timeForms {
			if at, err := time.Parse(form, text); err == nil {
				list[i] = at.UTC()
				break
			}
		}
		if list[i].IsZero() {
			d.refuse(f, "not_a_date")
		}
	}
	return list
}
