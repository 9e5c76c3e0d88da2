package dialects

import (
	"slices"
	"strconv"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
)

// amocrm is the language of amoCRM's and Kommo's webhooks: forms with PHP's
// brackets, nothing signed, so the secret is in the path. They tell of changes of
// records, not of calls.
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
				enter(a.Hook(a.Secret), "«Настройки → Интеграции → Web hooks»: вставьте адрес и отметьте события сделок, контактов и компаний.", "Settings > Integrations > Webhooks: paste the URL and choose the events of leads, contacts and companies."),
				secretInURL,
			}}
		},
	}
}

const amocrmAccount = "account_id"

var amocrmAccountSetting = Setting{Name: amocrmAccount, Kind: KindText, Topic: TopicConnection, Label: web.Say("Номер аккаунта", "Id of the account"),
	Hint: web.Say("Если указан, события других аккаунтов отклоняются.", "When set, events of another account are refused.")}

func authenticateAmocrm(req *Request, known secrets.Set) error {
	if err := authenticateByPath(req, known); err != nil {
		return err
	}
	if wanted := req.Setting(amocrmAccount); wanted != "" && req.Form.Text("account[id]") != wanted {
		return fault.Unauthorised("wrong_account")
	}
	return nil
}

// parseAmocrm names the records that changed.
func parseAmocrm(req *Request) (Parsed, error) {
	var said []string
	for _, c := range amocrmChanges(req.Form) {
		said = append(said, c.kind+" "+c.id+" "+c.action)
	}
	if said == nil {
		return Parsed{Ignored: strings.Join(req.Form.Words(), ", ")}, nil
	}
	slices.Sort(said)
	return Parsed{Note: "crm change: " + strings.Join(said, ", ")}, nil
}

// amocrmChange is what happened to a record: to one of the contacts, say.
type amocrmChange struct{ kind, id, action string }

// amocrmChanges lists what a form tells of. Contacts and companies come in the
// same list and are told apart by type, which not every account sends with a removal.
func amocrmChanges(f *Form) (list []amocrmChange) {
	for _, entity := range []string{"leads", "contacts", "companies"} {
		for _, action := range []string{"add", "update", "delete", "restore", "status", "responsible"} {
			for n := 0; ; n++ {
				record := entity + "[" + action + "][" + strconv.Itoa(n) + "]"
				id := f.Text(record + "[id]")
				if id == "" {
					break
				}
				kind, of := entity, f.Text(record+"[type]")
				if of == "company" {
					kind = "companies"
				}
				list = append(list, amocrmChange{kind, id, action})
				if entity == "contacts" && of == "" { // perhaps a company: what is looked at in vain costs nothing
					list = append(list, amocrmChange{"companies", id, action})
				}
			}
		}
	}
	return list
}
