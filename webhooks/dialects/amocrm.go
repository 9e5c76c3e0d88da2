package dialects

import (
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

// amocrmChange is what happened to a record, such as contacts, 55, update.
type amocrmChange struct{ kind, id, action string }

// amocrmChanges returns the changes that a form reports. Contacts and companies come in the same list and differ by
// type, which not every account sends with a removal.
func amocrmChanges(f *Form) (list []amocrmChange) {
	for _, entity := range []string{"leads", "contacts", "companies"} {
		for _, action := range []string{"add", "update", "delete", "restore", "status", "responsible"} {
			for n := 0; ; n++ {
				record := entity + "[" + action + "][" + strconv.Itoa(n) + "]"
				id := f.Text(record + "[id]")
				if id == "" {
					break
				}
				kind, recordType := entity, f.Text(record+"[type]")
				if recordType == "company" {
					kind = "companies"
				}
				list = append(list, amocrmChange{kind, id, action})
				if entity == "contacts" && recordType == "" { // perhaps a company; reading one in vain costs nothing
					list = append(list, amocrmChange{"companies", id, action})
				}
			}
		}
	}
	return list
}
