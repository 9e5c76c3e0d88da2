package dialects

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
)

// amocrm is the language of amoCRM's and Kommo's webhooks: forms with PHP's brackets, unsigned, so the secret is in the
// path. They report changes of records, never calls.
func amocrm() Dialect {
	return Dialect{
		Name:         "amocrm",
		Title:        web.Say("amoCRM, Kommo: только события", "amoCRM, Kommo: events only"),
		Settings:     []Setting{amocrmAccountSetting},
		NoCalls:      true,
		Fields:       amocrmFields(),
		MaxBody:      MaxBulkBody,
		Authenticate: authenticateAmocrm,
		Parse:        parseAmocrm,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(a.Secret), Steps: []Step{
				enter(a.Hook(a.Secret),
					"«Настройки → Интеграции → Web hooks»: вставьте адрес и отметьте события сделок, контактов и компаний.",
					"Under Settings > Integrations > Webhooks, paste the URL and select the events of leads, "+
						"contacts and companies."),
				secretInURL,
			}}
		},
	}
}

const amocrmAccount = "account_id"

var amocrmAccountSetting = Setting{Name: amocrmAccount, Kind: KindText, Topic: TopicConnection,
	Label: web.Say("Номер аккаунта", "Account id"),
	Hint: web.Say("Если указан, события других аккаунтов отклоняются.",
		"When set, events of other accounts are refused.")}

func authenticateAmocrm(req *Request, valid secrets.Set) error {
	if err := authenticateByPath(req, valid); err != nil {
		return err
	}
	account := req.Setting(amocrmAccount)
	if account != "" && req.Form.Text("account[id]") != account {
		return fault.Unauthorised("wrong_account")
	}
	return nil
}

// parseAmocrm lists the changed records in a note.
func parseAmocrm(req *Request) (Parsed, error) {
	var changes []string
	for _, c := range amocrmChanges(req.Form) {
		changes = append(changes, c.kind+" "+c.id+" "+c.action)
	}
	if changes == nil {
		return Parsed{Ignored: strings.Join(req.Form.Words(), ", ")}, nil
	}
	slices.Sort(changes)
	return Parsed{Note: "crm change: " + strings.Join(changes, ", ")}, nil
}

// Bounds of a webhook that reports many records at once, with all their fields: a mass change of 100 contacts with 60
// fields each has two and a half megabytes.
const (
	MaxBulkBody   = 3 << 20
	maxBulkFields = 10_000 // that are kept
)

// amocrmFields returns a filter that keeps what names a record: contacts[update][0][id] and its type. Of records that
// are read again, the values do not count.
func amocrmFields() *FieldFilter {
	return &FieldFilter{Most: maxBulkFields, Keeps: func(name string) bool {
		depth := strings.Count(name, "[")
		return depth < 3 || depth == 3 && (strings.HasSuffix(name, "[id]") || strings.HasSuffix(name, "[type]"))
	}}
}

// amocrmChange is what happened to a record, such as contacts, 55, update.
type amocrmChange struct {
	kind, id, action string
	guess            bool // perhaps there is no record of this kind
}

// The entities and actions that are synced, in the order in which they are listed.
var (
	amocrmEntities = []string{"leads", "contacts", "companies"}
	amocrmActions  = []string{"add", "update", "delete", "restore", "status", "responsible"}
)

// amocrmEntry is the place of a record in a form: contacts[update][0].
type amocrmEntry struct{ entity, action, place int }

// name returns the entry as it is spelled in the form.
func (e amocrmEntry) name() string {
	return amocrmEntities[e.entity] + "[" + amocrmActions[e.action] + "][" + strconv.Itoa(e.place) + "]"
}

// amocrmEntryOf reads the place off the name of a record's id; false for another field. Places may have gaps.
func amocrmEntryOf(name string) (amocrmEntry, bool) {
	record, isID := strings.CutSuffix(name, "[id]")
	entity, rest, _ := strings.Cut(record, "[")
	action, place, _ := strings.Cut(rest, "][")
	n, err := strconv.Atoi(strings.TrimSuffix(place, "]"))
	e := amocrmEntry{slices.Index(amocrmEntities, entity), slices.Index(amocrmActions, action), n}
	return e, isID && err == nil && n >= 0 && e.entity >= 0 && e.action >= 0 && e.name() == record
}

// amocrmChanges returns the changes that a form reports. Contacts and companies come in the same list and differ by
// type, which not every account sends with a removal.
func amocrmChanges(f *Form) (list []amocrmChange) {
	var entries []amocrmEntry
	for name := range f.values {
		if e, found := amocrmEntryOf(name); found {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b amocrmEntry) int {
		return cmp.Or(cmp.Compare(a.entity, b.entity), cmp.Compare(a.action, b.action), cmp.Compare(a.place, b.place))
	})
	for _, e := range entries {
		entity, action := amocrmEntities[e.entity], amocrmActions[e.action]
		kind, id, recordType := entity, f.Text(e.name()+"[id]"), f.Text(e.name()+"[type]")
		if id == "" {
			continue
		}
		if recordType == "company" {
			kind = "companies"
		}
		list = append(list, amocrmChange{kind: kind, id: id, action: action})
		if entity == "contacts" && recordType == "" { // perhaps a company; reading one in vain costs nothing
			list = append(list, amocrmChange{kind: "companies", id: id, action: action, guess: true})
		}
	}
	return list
}
