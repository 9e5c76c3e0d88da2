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

// ErasureSource is another room that keeps something about people: calls, the log of a
// source. The rooms above this one are joined to it in cmd.
type ErasureSource interface {
	// About gives what the room keeps about somebody, as JSON can show it.
	About(ctx context.Context, who crm.DataSubject) (any, error)
	// Forget takes it away. It says what was his alone, for the journal, and how much
	// there was.
	Forget(tx *store.Tx, who crm.DataSubject) (his []journal.Ref, n int64, err error)
}

// RegisterErasure registers a room under the word that its part has in answers. It is
// called while the house is being wired.
func (c *Importer) RegisterErasure(word string, room ErasureSource) {
	c.keepers = append(c.keepers, keeper{word, room})
}

type keeper struct {
	word string
	ErasureSource
}

// Person is everything that is kept about somebody.
type Person struct {
	Numbers []string `json:"numbers"` // his alone
	Shared  []string `json:"shared"`  // that other records have too
	crm.Around
	Codes   []string        `json:"codes"`   // what other systems call him
	Kept    map[string]any  `json:"kept"`    // by the other rooms: calls, source_log
	Journal []journal.Entry `json:"journal"` // what happened to his records
}

// Erasure is what was erased, and what stays all the same.
type Erasure struct {
	Records []journal.Ref    `json:"records"` // emptied and removed
	Erased  map[string]int64 `json:"erased"`  // how much of what: journal, calls, source_log
	Stays   []Stays          `json:"stays"`
}

// Stays is something that was not erased, and why.
type Stays struct {
	What string `json:"what"` // do_not_call, shared_number
	Why  string `json:"why"`
}

// whoever finds somebody in a transaction, or for reading.
type whoever func(tx *store.Tx) (crm.DataSubject, error)

func recordOf(kind crm.Kind, id int64) whoever {
	return func(tx *store.Tx) (crm.DataSubject, error) { return crm.SubjectOf(tx, kind, id) }
}

// numberOf finds whoever has a number. Fault: one that cannot be read.
func (c *Importer) numberOf(number string) (whoever, error) {
	key := c.plan.Parse(number).Key()
	if key == 0 {
		return nil, fault.Invalid("number", "invalid_number")
	}
	return func(tx *store.Tx) (crm.DataSubject, error) { return crm.SubjectAt(tx, key) }, nil
}

// PersonOf gives everything that is kept about the person of a contact or lead.
func (c *Importer) PersonOf(ctx context.Context, kind crm.Kind, id int64) (Person, error) {
	return c.person(ctx, recordOf(kind, id))
}

// PersonAt gives everything that is kept about whoever has a number.
func (c *Importer) PersonAt(ctx context.Context, number string) (Person, error) {
	who, err := c.numberOf(number)
	if err != nil {
		return Person{}, err
	}
	return c.person(ctx, who)
}

func (c *Importer) person(ctx context.Context, find whoever) (p Person, err error) {
	tx := c.db.Read(ctx)
	who, err := find(tx)
	if err != nil {
		return p, err
	}
	p = Person{Numbers: spelled(who.Numbers), Shared: spelled(who.Shared), Codes: []string{}, Kept: map[string]any{}}
	if p.Around, err = c.book.About(ctx, who); err != nil {
		return p, err
	}
	for _, kind := range []Kind{Contacts, Leads} {
		codes, err := codesOf(tx, kind, idsOf(who, kind))
		if err != nil {
			return p, err
		}
		for _, r := range codes {
			p.Codes = append(p.Codes, r.Code)
		}
	}
	for _, k := range c.keepers {
		if p.Kept[k.word], err = k.About(ctx, who); err != nil {
			return p, err
		}
	}
	p.Journal, err = journal.About(tx, who.Records, ownWords(who))
	return p, err
}

// Erase takes everything personal out of what is kept about the person of a
// contact or lead, for an admin. What counts stays: calls with their times and
// colours, who did what when. Faults: role_missing, call_is_going_on.
func (c *Importer) Erase(ctx context.Context, by *access.User, kind crm.Kind, id int64, reason string) (Erasure, error) {
	return c.erase(ctx, by, reason, recordOf(kind, id))
}

// EraseAt is Erase for whoever has a number, also where no record has it.
func (c *Importer) EraseAt(ctx context.Context, by *access.User, number, reason string) (Erasure, error) {
	who, err := c.numberOf(number)
	if err != nil {
		return Erasure{}, err
	}
	return c.erase(ctx, by, reason, who)
}

func (c *Importer) erase(ctx context.Context, by *access.User, reason string, find whoever) (Erasure, error) {
	var out Erasure
	who, err := c.book.Erase(ctx, by, reason, find, func(tx *store.Tx, who crm.DataSubject) error {
		out = Erasure{Records: slices.Clone(who.Records), Erased: map[string]int64{}, Stays: []Stays{}}
		var his []journal.Ref
		for _, k := range c.keepers {
			refs, n, err := k.Forget(tx, who)
			if err != nil {
				return err
			}
			his, out.Erased[k.word] = append(his, refs...), n
		}
		for _, kind := range []Kind{Contacts, Leads} {
			if err := forgetCodes(tx, kind, idsOf(who, kind)); err != nil {
				return err
			}
		}
		n, err := journal.Erase(tx, append(his, who.Records...), ownWords(who), func(e journal.Entry) json.RawMessage { return wordsLeft(who, his, e) })
		out.Erased["journal"] = n
		return err
	})
	if err != nil {
		return out, err
	}
	if len(out.Records) == 0 {
		out.Records = []journal.Ref{}
	}
	around, err := c.book.About(ctx, crm.DataSubject{Numbers: who.Numbers, Shared: who.Shared})
	if len(around.DoNotCall) > 0 {
		out.Stays = append(out.Stays, Stays{"do_not_call", "The number stays on the do-not-call list, without a reason: nobody may call there again."})
	}
	if len(who.Shared) > 0 {
		out.Stays = append(out.Stays, Stays{"shared_number", "Other records have a number of his; it stays on them and on the calls from there."})
	}
	return out, err
}

// idsLeft are the details of an entry that are ids and codes, not words.
var idsLeft = []string{"owner", "stage", "status", "companies", "company", "contact", "leads"}

// wordsLeft is what stays of the details of an entry. Of what happened to his own
// records only ids: older names and numbers stand there too, which nobody knows any
// more.
func wordsLeft(who crm.DataSubject, his []journal.Ref, e journal.Entry) json.RawMessage {
	var words map[string]any
	switch {
	case slices.Contains(his, e.Subject):
		return who.Redact(withoutNumber(e.Words))
	case !who.Is(e.Subject), json.Unmarshal(e.Words, &words) != nil:
		return who.Redact(e.Words)
	}
	for name := range words {
		if !slices.Contains(idsLeft, name) && (e.Verb != journal.OwnerChanged || name != "old" && name != "new") {
			delete(words, name)
		}
	}
	return journal.Details(words)
}

// withoutNumber takes the number off the details of a call of his: it may be one
// that no record has any more.
func withoutNumber(raw json.RawMessage) json.RawMessage {
	var words map[string]json.RawMessage
	if json.Unmarshal(raw, &words) != nil {
		return raw
	}
	if number := words["number"]; len(number) > 0 && number[0] == '{' {
		words["number"] = journal.Details(map[string]string{"raw": crm.Masked, "e164": "", "kind": phone.Hidden.String(), "extension": ""})
	} else if len(number) > 0 {
		words["number"] = journal.Details(crm.Masked)
	}
	return journal.Details(words)
}

// ownWords are the words by which the journal is searched: nobody else has them.
func ownWords(who crm.DataSubject) (words []string) {
	for _, key := range who.Numbers {
		words = append(words, strconv.FormatInt(max(key, -key), 10))
	}
	return words
}

func spelled(keys []int64) []string {
	list := make([]string, len(keys))
	for i, key := range keys {
		list[i] = "+" + strconv.FormatInt(key, 10)
		if key < 0 {
			list[i] = strconv.FormatInt(-key, 10)
		}
	}
	return list
}

func idsOf(who crm.DataSubject, kind Kind) (ids []int64) {
	for _, r := range who.Records {
		if r.Kind == string(kind) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
