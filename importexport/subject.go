package importexport

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
)

// ErasureSource is a package that stores data about people, such as calls or the log of a source.
// cmd registers the packages above this one.
type ErasureSource interface {
	// FindData returns the package's data about a person, as JSON can show it.
	FindData(ctx context.Context, subject crm.DataSubject) (any, error)
	// FindRows returns the ids of the rows with data about a person, and the records that were theirs
	// alone, for the journal. It runs outside of any transaction and may read long.
	FindRows(tx *store.Tx, subject crm.DataSubject) (rows []int64, own []journal.Ref, err error)
	// EraseRows erases the person from some of these rows, which may have changed or gone meanwhile, or
	// be erased already.
	EraseRows(tx *store.Tx, subject crm.DataSubject, rows []int64) error
}

// PendingSource is an ErasureSource with data that are not in the database yet.
type PendingSource interface {
	// WritePending writes them, for FindRows to find them.
	WritePending(ctx context.Context) error
}

// RegisterErasure registers a source of personal data under its name in answers. It is called
// during wiring, before any request.
func (c *Importer) RegisterErasure(name string, source ErasureSource) {
	c.erasureSources = append(c.erasureSources, erasureSource{name: name, ErasureSource: source})
}

// RegisterErasureAtOnce is RegisterErasure for a source with few rows of a person, which are erased in the
// transaction that removes their records.
func (c *Importer) RegisterErasureAtOnce(name string, source ErasureSource) {
	c.erasureSources = append(c.erasureSources, erasureSource{name, true, source})
}

type erasureSource struct {
	name   string
	atOnce bool
	ErasureSource
}

// PersonalData is everything stored about a person.
type PersonalData struct {
	Numbers []string `json:"numbers"` // on no other record
	Shared  []string `json:"shared"`  // also on other records
	crm.SubjectData
	Codes   []string        `json:"codes"`   // ids in other systems
	Kept    map[string]any  `json:"kept"`    // by source: calls, source_log
	Journal []journal.Entry `json:"journal"` // entries about their records
}

// Erasure is what was erased and what was kept.
type Erasure struct {
	Records []journal.Ref    `json:"records"` // removed
	Erased  map[string]int64 `json:"erased"`  // rows by source: journal, calls, source_log
	Stays   []Stays          `json:"stays"`
	// Finished is false when the erasure takes longer than this answer could wait: it goes on by itself.
	Finished bool `json:"finished"`
}

// Stays is something that was kept, and why.
type Stays struct {
	What string `json:"what"` // do_not_call, shared_number
	Why  string `json:"why"`
}

// findSubject finds a person inside a transaction or for reading.
type findSubject func(tx *store.Tx) (crm.DataSubject, error)

func subjectOf(kind crm.Kind, id int64) findSubject {
	return func(tx *store.Tx) (crm.DataSubject, error) { return crm.FindSubject(tx, kind, id) }
}

// subjectByNumber finds the person of a number. Fault: invalid_input (number: invalid_number).
func (c *Importer) subjectByNumber(number string) (findSubject, error) {
	key := c.numbers.ParseTyped(number).Key()
	if key == 0 {
		return nil, fault.Invalid("number", "invalid_number")
	}
	return func(tx *store.Tx) (crm.DataSubject, error) { return crm.FindSubjectByNumber(tx, key) }, nil
}

// FindPersonalData returns everything stored about the person of a contact or lead.
func (c *Importer) FindPersonalData(ctx context.Context, kind crm.Kind, id int64) (PersonalData, error) {
	return c.findPersonalData(ctx, subjectOf(kind, id))
}

// FindPersonalDataByNumber returns everything stored about the person of a number.
func (c *Importer) FindPersonalDataByNumber(ctx context.Context, number string) (PersonalData, error) {
	find, err := c.subjectByNumber(number)
	if err != nil {
		return PersonalData{}, err
	}
	return c.findPersonalData(ctx, find)
}

func (c *Importer) findPersonalData(ctx context.Context, find findSubject) (data PersonalData, err error) {
	tx := c.db.ReadSlow(ctx)
	subject, err := find(tx)
	if err != nil {
		return data, err
	}
	data = PersonalData{Numbers: formatNumbers(subject.Numbers), Shared: formatNumbers(subject.Shared),
		Codes: []string{},
		Kept:  map[string]any{}}
	if data.SubjectData, err = c.records.FindData(ctx, subject); err != nil {
		return data, err
	}
	for _, kind := range []Kind{Contacts, Leads} {
		codes, err := findCodesOf(tx, kind, idsOf(subject, kind))
		if err != nil {
			return data, err
		}
		for _, r := range codes {
			data.Codes = append(data.Codes, r.Code)
		}
	}
	for _, k := range c.erasureSources {
		if data.Kept[k.name], err = k.FindData(ctx, subject); err != nil {
			return data, err
		}
	}
	data.Journal, err = journal.About(tx, subject.Records, searchWords(subject))
	return data, err
}

// Erase erases the personal data of a contact or lead, for admins. Statistics stay: calls with
// their times and colours, and who did what when. Fault: role_missing.
func (c *Importer) Erase(ctx context.Context, by *access.User, kind crm.Kind, id int64,
	reason string) (Erasure, error) {
	return c.erase(ctx, by, reason, subjectOf(kind, id))
}

// EraseByNumber is Erase for the person of a number, even if no record has it.
func (c *Importer) EraseByNumber(ctx context.Context, by *access.User, number, reason string) (Erasure, error) {
	find, err := c.subjectByNumber(number)
	if err != nil {
		return Erasure{}, err
	}
	return c.erase(ctx, by, reason, find)
}

// staysOf returns what the erasure of a person leaves, and why.
func staysOf(tx *store.Tx, subject crm.DataSubject) ([]Stays, error) {
	stays := []Stays{}
	listed, err := crm.AnyDoNotCall(tx, slices.Concat(subject.Numbers, subject.Shared))
	if err != nil {
		return nil, err
	}
	if listed {
		stays = append(stays, Stays{"do_not_call",
			"The number stays on the do-not-call list, without its reason: it must not be called again."})
	}
	if len(subject.Shared) > 0 {
		stays = append(stays, Stays{"shared_number",
			"Other records have one of these numbers; it stays on them and on its calls."})
	}
	return stays, nil
}

// keptDetails are the details of a journal entry that hold ids and codes.
var keptDetails = []string{"owner", "stage", "status", "companies", "company", "contact", "leads"}

// redactDetails returns what remains of the details of an entry. For entries about the person's own
// records only ids remain: they may also hold earlier names and numbers that can no longer be
// searched for.
func redactDetails(subject crm.DataSubject, own []journal.Ref, e journal.Entry) json.RawMessage {
	var details map[string]any
	switch {
	case slices.Contains(own, e.Subject):
		return subject.Redact(withoutNumber(e.Details))
	case !subject.Owns(e.Subject), json.Unmarshal(e.Details, &details) != nil:
		return subject.Redact(e.Details)
	}
	for name := range details {
		if !slices.Contains(keptDetails, name) && (e.Verb != crm.OwnerChanged || name != "changed") {
			delete(details, name)
		}
	}
	return journal.Details(details)
}

// withoutNumber removes the number from the details of a call: it may be one that no record has any
// more.
func withoutNumber(raw json.RawMessage) json.RawMessage {
	var details map[string]json.RawMessage
	if json.Unmarshal(raw, &details) != nil {
		return raw
	}
	if number := details["number"]; len(number) > 0 && number[0] == '{' {
		details["number"] = journal.Details(map[string]string{"raw": crm.Masked, "e164": "",
			"kind": phone.Hidden.String(), "extension": ""})
	} else if len(number) > 0 {
		details["number"] = journal.Details(crm.Masked)
	}
	return journal.Details(details)
}

// searchWords returns the numbers that only this person has; the journal is searched for them.
func searchWords(subject crm.DataSubject) (words []string) {
	for _, key := range subject.Numbers {
		words = append(words, strconv.FormatInt(max(key, -key), 10))
	}
	return words
}

func formatNumbers(keys []int64) []string {
	list := make([]string, len(keys))
	for i, key := range keys {
		list[i] = "+" + strconv.FormatInt(key, 10)
		if key < 0 {
			list[i] = strconv.FormatInt(-key, 10)
		}
	}
	return list
}

func idsOf(subject crm.DataSubject, kind Kind) (ids []int64) {
	for _, r := range subject.Records {
		if r.Kind == string(kind) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
