package bitrix24

import (
	"testing"

	"callhue/crm"
	"callhue/crmsync"
)

var _ crmsync.Pages = (*Portal)(nil)

func TestPageOf(t *testing.T) {
	for _, o := range []Options{
		{Webhook: "https://portal.example/rest/1/secret1/"},
		{Portal: "portal.example", ClientID: "id", ClientSecret: "secret"},
	} {
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		for ref, want := range map[crmsync.Ref]string{
			{Kind: crm.KindCompany, ID: "310"}: "https://portal.example/crm/company/details/310/",
			{Kind: crm.KindContact, ID: "5"}:   "https://portal.example/crm/contact/details/5/",
			{Kind: crm.KindLead, ID: "7"}:      "https://portal.example/crm/lead/details/7/",
		} {
			if got := p.PageOf(ref); got != want {
				t.Errorf("%v: %s, want %s", ref, got, want)
			}
		}
	}
}
