package webhooks

import (
	"slices"
	"strconv"
	"strings"

	"callhue/secrets"
)

// amocrm is the language of amoCRM's and Kommo's webhooks: forms with PHP's
// brackets, nothing signed, so the secret is in the path. They tell of changes of
// records, not of calls.
func amocrm() Dialect {
	return Dialect{
		Name:       "amocrm",
		Title:      "amoCRM, Kommo",
		Settings:   []Setting{{amocrmAccount, "the account's id; events of another account are refused"}},
		prove:      proveAmocrm,
		understand: understandAmocrm,
		paste: func(p Address) Paste {
			return Paste{URL: p.Hook(p.Secret), Lines: []string{
				"Settings > Integrations > Webhooks: paste the URL and choose the events of leads, contacts and companies.",
				"The secret is a part of the URL: use https.",
			}}
		},
	}
}

const amocrmAccount = "account_id"

func proveAmocrm(q *Query, known secrets.Set) error {
	if err := byPath(q, known); err != nil {
		return err
	}
	if wanted := q.Setting(amocrmAccount); wanted != "" && q.Form.Text("account[id]") != wanted {
		return refused("wrong_account")
	}
	return nil
}

// understandAmocrm names the records that changed. Contacts and companies come
// in the same list and are told apart by type.
func understandAmocrm(q *Query) (Heard, error) {
	var said []string
	for _, entity := range []string{"leads", "contacts", "companies"} {
		for _, action := range []string{"add", "update", "delete", "restore", "status", "responsible"} {
			for n := 0; ; n++ {
				record := entity + "[" + action + "][" + strconv.Itoa(n) + "]"
				id := q.Form.Text(record + "[id]")
				if id == "" {
					break
				}
				kind := entity
				if q.Form.Text(record+"[type]") == "company" {
					kind = "companies"
				}
				said = append(said, kind+" "+id+" "+action)
			}
		}
	}
	if said == nil {
		return Heard{Ignored: strings.Join(q.Form.Words(), ", ")}, nil
	}
	slices.Sort(said)
	return Heard{Note: "crm change: " + strings.Join(said, ", ")}, nil
}
