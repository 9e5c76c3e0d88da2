package amocrm

import (
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
)

var _ crmsync.Pages = (*Portal)(nil)

func TestPageOf(t *testing.T) {
	p := New(Options{Address: "https://account.amocrm.ru", Token: "TOKEN", Now: time.Now})
	for ref, want := range map[crmsync.Ref]string{
		{Kind: crm.KindCompany, ID: "310"}: "https://account.amocrm.ru/companies/detail/310",
		{Kind: crm.KindContact, ID: "5"}:   "https://account.amocrm.ru/contacts/detail/5",
		{Kind: crm.KindLead, ID: "7"}:      "https://account.amocrm.ru/leads/detail/7",
		{Kind: 4, ID: "1"}:                 "",
	} {
		if got := p.PageOf(ref); got != want {
			t.Errorf("%v: %s, want %s", ref, got, want)
		}
	}
}
