package crm

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
)

// ExternalID is what another system calls a record.
type ExternalID struct {
	System string `json:"system"`      // its name here, in lower case
	ID     string `json:"external_id"` // unique among the records of one kind and system
	URL    string `json:"url"`         // the page of the record there, "" if unknown
}

// ImportSystem is the system of the codes in imported files. Its ids cannot be changed over the API.
const ImportSystem = "import"

// The longest that an external id may be.
const (
	maxSystem        = 40
	maxExternalID    = 190
	maxURL           = 500
	maxExternalIDs   = 20
	externalIDsAtOne = 200 // looked up in one statement
)

// fingerprintMark begins the ids that an import invents for rows without a code; they mean nothing to people.
const fingerprintMark = "="

// FindByExternalIDs returns the records of a kind that a system knows by some ids, removed records included.
func FindByExternalIDs(tx *store.Tx, kind Kind, system string, ids []string) (map[string]int64, error) {
	found := make(map[string]int64, len(ids))
	for part := range slices.Chunk(ids, externalIDsAtOne) {
		rows, err := externalIDsNamed(tx, kind, system, part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			found[r.ID] = r.Record
		}
	}
	return found, nil
}

// FindExternalIDs returns the external ids of records, by system and id; the records may be removed ones.
func FindExternalIDs(tx *store.Tx, kind Kind, records []int64) (map[int64][]ExternalID, error) {
	found := map[int64][]ExternalID{}
	for part := range slices.Chunk(records, externalIDsAtOne) {
		rows, err := externalIDsOf(tx, kind, part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			found[r.Record] = append(found[r.Record], ExternalID{r.System, r.ID, r.URL})
		}
	}
	return found, nil
}

// AddExternalIDs adds ids of one system to records, by id. Fault: stale_version if another record has just got one
// of them.
func AddExternalIDs(tx *store.Tx, kind Kind, system string, records map[string]int64) error {
	rows := make([][]any, 0, len(records))
	for id, record := range records {
		rows = append(rows, []any{int64(kind), system, id, record, ""})
	}
	slices.SortFunc(rows, func(a, b []any) int { return strings.Compare(a[2].(string), b[2].(string)) })
	err := insertRows(tx, externalIDsTable, rows)
	if tx.Duplicate(err) {
		return fault.Stale().Because(err)
	}
	return err
}

// RemoveExternalIDs removes ids of one system, whatever records they belong to.
func RemoveExternalIDs(tx *store.Tx, kind Kind, system string, ids []string) error {
	for part := range slices.Chunk(ids, externalIDsAtOne) {
		if err := removeExternalIDs(tx, kind, system, part); err != nil {
			return err
		}
	}
	return nil
}

// Shown reports whether people see an external id: not those that an import made up.
func (e ExternalID) Shown() bool {
	return e.System != ImportSystem || !strings.HasPrefix(e.ID, fingerprintMark)
}

// externalIDs tidies the external ids of an input and gathers what is wrong with them. Those of imported files are
// dropped: they stay as they are. had are those that the record has already.
func (a *act) externalIDs(field string, list []ExternalID, had ...ExternalID) []ExternalID {
	if len(list) > maxExternalIDs {
		a.Invalid(field, "too_many")
		return nil
	}
	out := []ExternalID{}
	for i, e := range list {
		at := fmt.Sprintf("%s.%d", field, i)
		e = a.externalID(at, e)
		if e.System == ImportSystem {
			continue
		}
		if slices.ContainsFunc(out, func(o ExternalID) bool { return o.System == e.System && o.ID == e.ID }) {
			a.Invalid(at+".external_id", "repeated")
		}
		if e.isReference() && a.User.ID != 0 && !slices.Contains(had, e) {
			a.Invalid(at+".system", "reserved") // which record stands for a company elsewhere is not for people to say
		}
		out = append(out, e)
	}
	return out
}

// externalID tidies one external id and gathers what is wrong with it.
func (a *act) externalID(at string, e ExternalID) ExternalID {
	e.System = a.Required(at+".system", strings.ToLower(e.System), maxSystem)
	if e.System != "" {
		a.Invalid(at+".system", CheckSystem(e.System))
	}
	e.ID = a.Required(at+".external_id", e.ID, maxExternalID)
	e.URL = a.Text(at+".url", e.URL, maxURL)
	if e.URL != "" && !SafeURL(e.URL) {
		a.Invalid(at+".url", "not_a_url")
	}
	return e
}

// CheckSystem returns the code of what is wrong with the name of a system: lower case letters, digits and . _ - after
// a letter or digit, at most 40 of them.
func CheckSystem(name string) string {
	if code := text.CheckRequired(name, maxSystem); code != "" {
		return code
	}
	for i, c := range name {
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !plain && (i == 0 || !strings.ContainsRune("._-", c)) {
			return "malformed"
		}
	}
	return ""
}

// SafeURL reports whether a text is an address that a browser may be sent to: http or https, with a host and without
// a password.
func SafeURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		!strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || c == '"' || c == '<' || c == '>' })
}

// addExternalIDs adds the external ids of a record. Fault: the conflict external_id_taken if another record has one
// of them; those of removed records are taken over.
func (a *act) addExternalIDs(kind Kind, record int64, list []ExternalID) error {
	for _, e := range list {
		holders, err := FindByExternalIDs(a.Tx, kind, e.System, []string{e.ID})
		if err != nil {
			return err
		}
		if holder, held := holders[e.ID]; held && holder != record {
			existing, err := findExisting(a.Tx, kind, []int64{holder})
			if err != nil {
				return err
			}
			if len(existing) > 0 {
				return externalIDTaken(e, holder)
			}
			if err := removeExternalIDs(a.Tx, kind, e.System, []string{e.ID}); err != nil {
				return err
			}
		}
		row := [][]any{{int64(kind), e.System, e.ID, record, e.URL}}
		err = insertRows(a.Tx, externalIDsTable, row)
		if a.Tx.Duplicate(err) {
			return externalIDTaken(e, 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func externalIDTaken(e ExternalID, holder int64) error {
	taken := fault.Taken("external_ids", "external_id_taken").With("system", e.System).With("external_id", e.ID)
	if holder != 0 {
		taken = taken.With("record", holder)
	}
	return taken
}

// addExternal stores the external ids of a new record and returns them for the journal.
func (a *act) addExternal(kind Kind, record int64, list []ExternalID) ([]string, error) {
	list = a.externalIDs("external_ids", list)
	return externalTexts(list), a.addExternalIDs(kind, record, list)
}

// externalEdit is the external ids of a record before and after a change, without those of imported files.
type externalEdit struct {
	had, has []ExternalID
}

// editExternalIDs reads the external ids of a record and applies what a change wants of them.
func (a *act) editExternalIDs(kind Kind, id int64, wanted *[]ExternalID) (e externalEdit, err error) {
	if wanted == nil {
		return e, nil
	}
	found, err := FindExternalIDs(a.Tx, kind, []int64{id})
	if err != nil {
		return e, err
	}
	e.had = slices.DeleteFunc(found[id], func(x ExternalID) bool { return x.System == ImportSystem })
	e.has = a.externalIDs("external_ids", *wanted, e.had...)
	slices.SortFunc(e.has, compareExternalIDs)
	return e, nil
}

func compareExternalIDs(x, y ExternalID) int {
	if x.System != y.System {
		return strings.Compare(x.System, y.System)
	}
	return strings.Compare(x.ID, y.ID)
}

func (e externalEdit) changed() bool { return !slices.Equal(e.had, e.has) }

// note adds the change to those of a record.
func (e externalEdit) note(d journal.Changes) {
	d.Note("external_ids", externalTexts(e.had), externalTexts(e.has))
}

// externalTexts returns external ids as the journal shows them.
func externalTexts(list []ExternalID) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.System + ":" + e.ID
		if e.URL != "" {
			out[i] += " " + e.URL
		}
	}
	return out
}

// saveExternalIDs stores an edit.
func (a *act) saveExternalIDs(kind Kind, id int64, e externalEdit) error {
	if !e.changed() {
		return nil
	}
	for _, x := range e.had {
		if err := removeExternalIDs(a.Tx, kind, x.System, []string{x.ID}); err != nil {
			return err
		}
	}
	return a.addExternalIDs(kind, id, e.has)
}

// SetExternalID stores what a system calls a record that the batch has locked, with the record's page there. Fault:
// stale_version if another record has just got that id.
func (b *Batch) SetExternalID(kind Kind, record int64, e ExternalID) error {
	if err := removeExternalIDs(b.Tx, kind, e.System, []string{e.ID}); err != nil {
		return err
	}
	err := insertRows(b.Tx, externalIDsTable, [][]any{{int64(kind), e.System, e.ID, record, e.URL}})
	if b.Tx.Duplicate(err) {
		return fault.Stale().Because(err)
	}
	return err
}

// CheckContactData returns the phones of an input as a record would have them, and what is wrong with them and with the
// e-mails, nil if nothing is. A phone that is no number is not wrong.
func (b *Records) CheckContactData(phones []Phone, emails []string) ([]Phone, *fault.Error) {
	a := &act{Records: b, Act: &journal.Act{}}
	phones = a.phones("phones", phones)
	a.emails("emails", emails)
	return phones, a.Wrong
}
