package external

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"callhue/internal/text"
	"callhue/rules"
)

// Row is one row or object of an answer: the texts of our fields.
type Row map[Field]string

// Field is what a row says of a record.
type Field string

// The fields.
const (
	Kind          Field = "kind"  // company, contact or lead; "" is a company
	ID            Field = "id"    // of the record there
	Name          Field = "name"  //
	Owner         Field = "owner" // as staff knows them here, or as the system calls them
	Status        Field = "status"
	CompanyID     Field = "company_id" // of a contact or lead
	CompanyName   Field = "company_name"
	CompanyOwner  Field = "company_owner"
	CompanyStatus Field = "company_status"
	Team          Field = "team"  // of the company: names of co-workers with commas between them
	Since         Field = "since" // since when the record has the number
	URL           Field = "url"   // of its page there
	CompanyURL    Field = "company_url"
)

// Fields returns all fields.
func Fields() []Field {
	return []Field{Kind, ID, Name, Owner, Status, CompanyID, CompanyName, CompanyOwner, CompanyStatus, Team, Since, URL,
		CompanyURL}
}

// Mapping is where each field stands: the name of a column or a path of JSON, or "=text" for the same text in every
// row. A field that is not in it stands under its own name, where there is such a column or member.
type Mapping map[Field]string

// constant returns the text that a field always has.
func (m Mapping) constant(f Field) (value string, is bool) { return strings.CutPrefix(m[f], "=") }

// place returns where a field stands, and whether that was chosen: it must be there then.
func (m Mapping) place(f Field) (at string, chosen bool) {
	if at = m[f]; at != "" {
		return at, true
	}
	return string(f), false
}

// Bounds of an answer.
const (
	maxRows = 200 // more are no client's number
	maxText = 500 // bytes of one text
	maxTeam = 50
)

// set stores a text; "" and what stands for nothing in a database or in JSON is left out.
func (r Row) set(f Field, value string) {
	value = text.Cut(text.OneLine(value), maxText)
	switch strings.ToLower(value) {
	case "", "null", "<nil>":
		return
	}
	r[f] = value
}

// isEmpty reports whether a row names no record: the outer join of a number that is not there.
func (r Row) isEmpty() bool {
	return r[ID] == "" && r[Name] == "" && r[CompanyID] == "" && r[CompanyName] == ""
}

// usable returns the rows that name a record. A row whose kind is none is a fault: it may be the one that makes a card
// red.
func usable(rows []Row) ([]Row, error) {
	kept := rows[:0]
	for _, row := range rows {
		if row.isEmpty() {
			continue
		}
		switch row.kind() {
		case rules.KindCompany, rules.KindContact, rules.KindLead:
		default:
			return nil, failed(codeRow, errors.New("kind: "+row[Kind]))
		}
		kept = append(kept, row)
	}
	return kept, nil
}

// team returns the names of the co-workers.
func (r Row) team() (names []string) {
	for name := range strings.SplitSeq(r[Team], ",") {
		if name = strings.TrimSpace(name); name != "" && len(names) < maxTeam {
			names = append(names, name)
		}
	}
	return names
}

// moments are the spellings of times that systems use; those without a zone are UTC.
var moments = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999 -0700 MST", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02",
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006",
}

// millisFrom is where milliseconds since 1970 begin: as seconds it is far in the future.
const millisFrom = 1 << 34

// since returns the age of the link in milliseconds; 0 when it is not known, which counts as the oldest. A time that
// cannot be read is reported.
func (r Row) since(now time.Time) (ms int64, readable bool) {
	value := r[Since]
	if value == "" {
		return 0, true
	}
	if n, err := strconv.ParseFloat(value, 64); err == nil && n >= 0 && n < 1<<53 {
		if n < millisFrom {
			n *= 1000
		}
		return notLater(int64(n), now), true
	}
	for _, layout := range moments {
		if at, err := time.Parse(layout, value); err == nil {
			return notLater(at.UnixMilli(), now), true
		}
	}
	return 0, false
}

func notLater(ms int64, now time.Time) int64 { return min(max(ms, 0), now.UnixMilli()) }
